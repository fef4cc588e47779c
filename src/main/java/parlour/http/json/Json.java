package parlour.http.json;

import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonDataException;
import io.avaje.jsonb.Jsonb;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * JSON, read strictly and written by generated adapters.
 *
 * <p>avaje-jsonb's own parser is not used for what others send: it takes missing and trailing
 * commas, any bytes as UTF-8, an unbounded depth (a stack overflow), refuses strings over 32 KiB,
 * matches field names by a 32-bit hash, and leaks a broken document's state into the next one.
 */
public final class Json {
  private static final Jsonb jsonb =
      Jsonb.builder().serializeNulls(true).adapter(new JsonOut.Stream()).build();

  /** What a record is made of, looked up once. */
  private static final ClassValue<List<Part>> parts = new ClassValue<>() {
    @Override
    protected List<Part> computeValue(Class<?> type) {
      return Stream.of(type.getRecordComponents()).map(Part::of).toList();
    }
  };

  private Json() {}

  /** Why a document was not taken, in words for whoever wrote it. */
  public static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Malformed(String why) {
      super(why, null, false, false);
    }

    public String why() {
      return String.valueOf(getMessage());
    }
  }

  /** The members of a JSON object; empty when the text is anything else. */
  @SuppressWarnings("unchecked") // the parser's maps have names as keys
  public static Optional<Map<String, @Nullable Object>> object(String text) {
    try {
      return JsonText.parse(text, twice -> {}) instanceof Map<?, ?> object
          ? Optional.of((Map<String, @Nullable Object>) object)
          : Optional.empty();
    } catch (Malformed e) {
      return Optional.empty();
    }
  }

  /** Whether the text is one JSON value of any kind. */
  public static boolean isJson(String text) {
    try {
      JsonText.parse(text, twice -> {});
      return true;
    } catch (Malformed e) {
      return false;
    }
  }

  public static byte[] write(Object value) {
    return JsonOut.write(jsonb, value);
  }

  /**
   * Reads a record. Every component that is not {@code @Nullable} must be there and not null, in
   * nested records too; a primitive's absence is seen by its name, in camelCase or snake_case.
   *
   * @throws Malformed naming the field
   */
  public static <T> T read(byte[] document, Class<T> type) {
    Object tree = JsonText.parse(text(document), twice -> {
      throw new Malformed("the field " + FieldNames.quoted(twice) + " is given twice");
    });
    if (!(tree instanceof Map)) {
      throw new Malformed("the body is not a JSON object");
    }
    T value;
    try {
      JsonAdapter<T> adapter = jsonb.adapter(type);
      value = adapter.fromJson(new JsonTree(tree));
    } catch (JsonDataException | IllegalArgumentException | NullPointerException e) {
      // The last two are what a record's constructor throws at what it can not be made of.
      throw new Malformed("the body does not fit: " + e.getMessage());
    }
    demandNeeded(value, tree);
    return value;
  }

  private static void demandNeeded(@Nullable Object value, @Nullable Object tree) {
    if (value instanceof Record && tree instanceof Map<?, ?> fields) {
      var given = new HashMap<String, Object>();
      fields.forEach((name, field) -> given.put(FieldNames.normal((String) name), field));
      for (Part part : parts.get(value.getClass())) {
        Object there = part.of(value);
        Object source = given.get(part.normalName());
        if (part.isNeeded() && (there == null || (part.isPrimitive() && source == null))) {
          throw new Malformed("the field " + FieldNames.quoted(part.name()) + " is missing");
        }
        demandNeeded(there, source);
      }
    } else if (value instanceof List<?> values && tree instanceof List<?> trees) {
      for (int i = 0; i < Math.min(values.size(), trees.size()); i++) {
        demandNeeded(values.get(i), trees.get(i));
      }
    }
  }

  /** A record's component. */
  private record Part(
      String name, String normalName, boolean isNeeded, boolean isPrimitive, Method accessor) {

    static Part of(RecordComponent component) {
      String name = component.getName();
      component.getAccessor().setAccessible(true);
      return new Part(
          name,
          FieldNames.normal(name),
          !component.getAnnotatedType().isAnnotationPresent(Nullable.class),
          component.getType().isPrimitive(),
          component.getAccessor());
    }

    @Nullable
    Object of(Object value) {
      try {
        return accessor.invoke(value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("can not read " + accessor, e);
      }
    }
  }

  /** Decodes UTF-8, refusing what a lenient decoder would replace. */
  public static String text(byte[] document) {
    String text;
    try {
      text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(document)).toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("the body is not valid UTF-8");
    }
    if (text.isEmpty()) {
      throw new Malformed("the body is empty");
    }
    if (text.charAt(0) == '\ufeff') {
      throw new Malformed("the body begins with a byte order mark; send it without");
    }
    return text;
  }
}
