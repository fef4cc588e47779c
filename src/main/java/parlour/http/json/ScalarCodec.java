package parlour.http.json;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A number, or true or false. */
record ScalarCodec(Function<JsonParser, Object> reader, BiConsumer<JsonGenerator, Object> writer)
    implements Codec {

  static final ScalarCodec LONG =
      new ScalarCodec(ScalarCodec::wholeNumber, (json, value) -> json.writeNumber((long) value));

  static final ScalarCodec INT =
      new ScalarCodec(ScalarCodec::intNumber, (json, value) -> json.writeNumber((int) value));

  static final ScalarCodec BOOLEAN =
      new ScalarCodec(ScalarCodec::flag, (json, value) -> json.writeBoolean((boolean) value));

  /** In milliseconds. */
  static final ScalarCodec DURATION = new ScalarCodec(
      json -> Duration.ofMillis(wholeNumber(json)),
      (json, value) -> json.writeNumber(((Duration) value).toMillis()));

  /** A record whose only component is a {@code long number}. Empty for any other type. */
  static Optional<Codec> ofNumberValue(Class<?> type) {
    RecordComponent[] components =
        type.isRecord() ? type.getRecordComponents() : new RecordComponent[0];
    if (components.length != 1
        || components[0].getType() != long.class
        || !components[0].getName().equals("number")) {
      return Optional.empty();
    }
    MethodHandle make = Handles.of(type.getDeclaredConstructors()[0]);
    MethodHandle number = Handles.of(components[0].getAccessor());
    return Optional.of(new ScalarCodec(
        json -> Handles.call(make, wholeNumber(json)),
        (json, value) -> json.writeNumber((long) Handles.call(number, value))));
  }

  @Override
  public Object read(JsonParser json) {
    return reader.apply(json);
  }

  @Override
  public void write(JsonGenerator json, Object value) {
    writer.accept(json, value);
  }

  private static long wholeNumber(JsonParser json) {
    Codec.expect(json, JsonToken.VALUE_NUMBER_INT, "a whole number");
    if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw Codec.unexpected("a whole number");
    }
    return json.getLongValue();
  }

  private static int intNumber(JsonParser json) {
    long value = wholeNumber(json);
    if (value != (int) value) {
      throw Json.misfit("the number " + value + " is too large");
    }
    return (int) value;
  }

  private static boolean flag(JsonParser json) {
    return switch (json.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw Codec.unexpected("true or false");
    };
  }
}
