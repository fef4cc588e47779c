package parlour.http.json;

import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;
import io.avaje.json.PropertyNames;
import io.avaje.json.stream.BufferedJsonWriter;
import io.avaje.json.stream.BytesJsonWriter;
import io.avaje.json.stream.JsonOutput;
import io.avaje.json.stream.JsonStream;
import io.avaje.jsonb.Jsonb;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Lets a generated adapter write by jackson-core. avaje-jsonb's own writer fails on some long texts
 * that need escapes where its buffer ends: a guest's one message would break every answer with it.
 */
final class JsonOut implements JsonWriter {
  private static final JsonFactory factory = new JsonFactory();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private final JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), bytes);
  private final ArrayDeque<Names> open = new ArrayDeque<>();

  /** The names of a record's components, which its adapter then calls by number. */
  record Names(List<String> names) implements PropertyNames {
    static final Names NONE = new Names(List.of());
  }

  /** What adapters are made with; they read by {@link JsonTree} and write by this class. */
  static final class Stream implements JsonStream {
    @Override
    public PropertyNames properties(String... names) {
      return new Names(List.of(names));
    }

    @Override
    public JsonReader reader(String json) {
      throw new UnsupportedOperationException();
    }

    @Override
    public JsonReader reader(byte[] json) {
      throw new UnsupportedOperationException();
    }

    @Override
    public JsonReader reader(Reader json) {
      throw new UnsupportedOperationException();
    }

    @Override
    public JsonReader reader(InputStream json) {
      throw new UnsupportedOperationException();
    }

    @Override
    public JsonWriter writer(Writer to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public JsonWriter writer(OutputStream to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public JsonWriter writer(JsonOutput to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BufferedJsonWriter bufferedWriter() {
      throw new UnsupportedOperationException();
    }

    @Override
    public BytesJsonWriter bufferedWriterAsBytes() {
      throw new UnsupportedOperationException();
    }
  }

  static byte[] write(Jsonb jsonb, Object value) {
    var out = new JsonOut();
    jsonb.toJson(value, out);
    out.json.close();
    return out.bytes.toByteArray();
  }

  @Override
  public void beginObject(PropertyNames names) {
    open.push((Names) names);
    json.writeStartObject();
  }

  @Override
  public void beginObject() {
    beginObject(Names.NONE);
  }

  @Override
  public void endObject() {
    open.pop();
    json.writeEndObject();
  }

  @Override
  public void name(int number) {
    json.writeName(open.element().names().get(number));
  }

  @Override
  public void name(String name) {
    json.writeName(name);
  }

  @Override
  public void beginArray() {
    json.writeStartArray();
  }

  @Override
  public void endArray() {
    json.writeEndArray();
  }

  @Override
  public void emptyArray() {
    json.writeStartArray();
    json.writeEndArray();
  }

  @Override
  public void nullValue() {
    json.writeNull();
  }

  @Override
  public void value(@Nullable String value) {
    json.writeString(value);
  }

  @Override
  public void value(boolean value) {
    json.writeBoolean(value);
  }

  @Override
  public void value(int value) {
    json.writeNumber(value);
  }

  @Override
  public void value(long value) {
    json.writeNumber(value);
  }

  @Override
  public void value(double value) {
    json.writeNumber(value);
  }

  @Override
  public void value(@Nullable Boolean value) {
    if (value == null) {
      json.writeNull();
    } else {
      json.writeBoolean(value);
    }
  }

  @Override
  public void value(@Nullable Integer value) {
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  @Override
  public void value(@Nullable Long value) {
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  @Override
  public void value(@Nullable Double value) {
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  @Override
  public void value(@Nullable BigDecimal value) {
    json.writeNumber(value);
  }

  @Override
  public void value(@Nullable BigInteger value) {
    json.writeNumber(value);
  }

  @Override
  public void value(byte[] value) {
    json.writeBinary(value);
  }

  // Every member is written, null and empty ones too: a reader sees each field in its place.

  @Override
  public boolean serializeNulls() {
    return true;
  }

  @Override
  public boolean serializeEmpty() {
    return true;
  }

  @Override
  public void serializeNulls(boolean nulls) {}

  @Override
  public void serializeEmpty(boolean empty) {}

  @Override
  public void pretty(boolean pretty) {}

  @Override
  public void flush() {}

  @Override
  public void close() {}

  @Override
  public void markIncomplete() {}

  @Override
  public String path() {
    return "$";
  }

  // What no generated adapter of ours asks for.

  @Override
  public void allNames(PropertyNames names) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void jsonValue(@Nullable Object value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rawValue(String value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rawChunkStart() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rawChunk(char value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rawChunk(String value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rawChunkEncode(String value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rawChunkEnd() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void writeNewLine() {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    throw new UnsupportedOperationException();
  }
}
