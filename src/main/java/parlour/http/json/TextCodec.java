package parlour.http.json;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A value that is a JSON string, and can therefore be a part of a path and the key of a map. */
record TextCodec(Function<String, Object> parse, Function<Object, String> text) implements Codec {

  @Override
  public Object read(JsonParser json) {
    Codec.expect(json, JsonToken.VALUE_STRING, "a string");
    return parse.apply(json.getString());
  }

  @Override
  public void write(JsonGenerator json, Object value) {
    json.writeString(text.apply(value));
  }

  /** An enum's constants, by their {@code text()}; without this method, by name in lower case. */
  static TextCodec ofEnum(Class<?> type) {
    Function<Object, String> wordOf = textOf(type).orElse(TextCodec::word);
    Map<String, Object> named = new HashMap<>();
    for (Object constant : type.getEnumConstants()) {
      named.put(wordOf.apply(constant), constant);
    }
    return new TextCodec(
        word -> {
          Object constant = named.get(word);
          if (constant == null) {
            throw Json.misfit("an unknown word");
          }
          return constant;
        },
        wordOf);
  }

  private static String word(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
  }

  /**
   * A type whose values are texts, such as a {@link parlour.Sid}: it has a method {@code text()}, and
   * a static method {@code parse} or the constructor of a record makes it of one String. Empty for
   * any other type.
   */
  static Optional<Codec> ofTextValue(Class<?> type) {
    Optional<MethodHandle> make = Stream.of(type.getDeclaredMethods())
        .filter(one -> one.getName().equals("parse")
            && Modifier.isStatic(one.getModifiers())
            && takesOneString(one.getParameterTypes()))
        .map(Handles::of)
        .findFirst()
        .or(() -> Stream.of(type.getDeclaredConstructors())
            .filter(one -> type.isRecord() && takesOneString(one.getParameterTypes()))
            .map((Constructor<?> one) -> Handles.of(one))
            .findFirst());
    return textOf(type)
        .flatMap(text ->
            make.map(maker -> new TextCodec(given -> Handles.call(maker, given), text)));
  }

  private static Optional<Function<Object, String>> textOf(Class<?> type) {
    return Stream.of(type.getDeclaredMethods())
        .filter(one -> one.getName().equals("text")
            && one.getParameterCount() == 0
            && one.getReturnType() == String.class)
        .findFirst()
        .map(method -> {
          MethodHandle text = Handles.of(method);
          return value -> (String) Handles.call(text, value);
        });
  }

  private static boolean takesOneString(Class<?>[] parameters) {
    return parameters.length == 1 && parameters[0] == String.class;
  }
}
