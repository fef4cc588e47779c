package parlour.http.json;

import io.avaje.json.JsonDataException;
import io.avaje.json.JsonReader;
import io.avaje.json.PropertyNames;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets a generated adapter read what {@link JsonText} parsed; no type is converted to another. */
final class JsonTree implements JsonReader {
  private final ArrayDeque<Iterator<?>> open = new ArrayDeque<>();
  private @Nullable Object current;

  JsonTree(@Nullable Object root) {
    this.current = root;
  }

  @Override
  public void beginObject() {
    open.push(current(Map.class, "an object").entrySet().iterator());
  }

  @Override
  public void beginObject(PropertyNames names) {
    beginObject();
  }

  @Override
  public boolean hasNextField() {
    return open.element().hasNext();
  }

  @Override
  public String nextField() {
    var field = (Map.Entry<?, ?>) open.element().next();
    current = field.getValue();
    return (String) field.getKey();
  }

  @Override
  public void endObject() {
    open.pop();
  }

  @Override
  public void beginArray() {
    open.push(current(List.class, "an array").iterator());
  }

  @Override
  public boolean hasNextElement() {
    boolean more = open.element().hasNext();
    if (more) {
      current = open.element().next();
    }
    return more;
  }

  @Override
  public void endArray() {
    open.pop();
  }

  @Override
  public boolean isNullValue() {
    return current == null;
  }

  @Override
  public boolean readBoolean() {
    return current(Boolean.class, "true or false");
  }

  @Override
  public int readInt() {
    long value = readLong();
    if (value != (int) value) {
      throw new JsonDataException("the number " + value + " is too large");
    }
    return (int) value;
  }

  @Override
  public long readLong() {
    return current(Long.class, "a whole number");
  }

  @Override
  public double readDouble() {
    return current(Number.class, "a number").doubleValue();
  }

  @Override
  public BigDecimal readDecimal() {
    return new BigDecimal(current(Number.class, "a number").toString());
  }

  @Override
  public BigInteger readBigInteger() {
    return BigInteger.valueOf(readLong());
  }

  @Override
  public String readString() {
    return current(String.class, "a string");
  }

  @Override
  public byte[] readBinary() {
    return Base64.getDecoder().decode(readString());
  }

  private <V> V current(Class<V> type, String expected) {
    if (!type.isInstance(current)) {
      throw new JsonDataException(expected + " was expected");
    }
    return type.cast(current);
  }

  @Override
  public Token currentToken() {
    return switch (current) {
      case null -> Token.NULL;
      case Map<?, ?> object -> Token.BEGIN_OBJECT;
      case List<?> array -> Token.BEGIN_ARRAY;
      case Boolean flag -> Token.BOOLEAN;
      case Number number -> Token.NUMBER;
      default -> Token.STRING;
    };
  }

  @Override
  public void skipValue() {
    // the next field or element replaces it
  }

  @Override
  public void unmappedField(String fieldName) {
    // a newer sender may say more than we know
  }

  @Override
  public String readRaw() {
    throw new UnsupportedOperationException("raw JSON");
  }

  @Override
  public <V> V unwrap(Class<V> type) {
    throw new UnsupportedOperationException("unwrap");
  }

  @Override
  public String location() {
    return "";
  }

  @Override
  public void close() {
    // nothing is held
  }
}
