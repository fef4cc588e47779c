package parlour.http.json;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads records from JSON strictly, and writes them; see {@link Codecs} for the JSON of each type.
 */
public final class Json {
  private static final JsonFactory factory =
      JsonFactory.builder().recyclerPool(StrictParser.BUFFERS).build();

  private Json() {}

  /** A document that was refused; the message gives the sender the reason. */
  public static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Malformed(String why) {
      super(why, null, false, false);
    }

    public String why() {
      return String.valueOf(getMessage());
    }
  }

  static Malformed misfit(@Nullable String why) {
    return new Malformed("the body does not fit: " + why);
  }

  /** The members of a JSON object; empty if the text is anything else. */
  @SuppressWarnings("unchecked") // the parser makes maps with names as keys
  public static Optional<Map<String, @Nullable Object>> object(String text) {
    try {
      return StrictParser.parse(text, _ -> {}) instanceof Map<?, ?> object
          ? Optional.of((Map<String, @Nullable Object>) object)
          : Optional.empty();
    } catch (Malformed e) {
      return Optional.empty();
    }
  }

  public static byte[] write(Object value) {
    return write(json -> Codecs.of(Object.class).write(json, value));
  }

  /**
   * Writes a record.
   *
   * @param without the names of components to leave out
   */
  public static byte[] write(Record value, Set<String> without) {
    return write(json -> record(value.getClass()).write(json, value, without));
  }

  /** Writes an object with one member. */
  public static byte[] write(String member, Object value, JsonType<?> type) {
    return write(json -> {
      json.writeStartObject();
      json.writeName(member);
      Codecs.of(type.type()).write(json, value);
      json.writeEndObject();
    });
  }

  /** The text of a record's component, as it is written to JSON. */
  public static String text(Record value, String component) {
    return record(value.getClass()).text(value, component);
  }

  private static byte[] write(Consumer<JsonGenerator> writer) {
    var document = new Document();
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), document)) {
      writer.accept(json);
    }
    return document.bytes();
  }

  /** Most documents arrive in one piece, for which the array gets the right length. */
  private static final class Document extends ByteArrayOutputStream {
    Document() {
      super(0);
    }

    byte[] bytes() {
      return count == buf.length ? buf : toByteArray();
    }
  }

  private static RecordCodec record(Class<?> type) {
    return (RecordCodec) Codecs.of(type);
  }

  /**
   * Reads a record. Each component that is neither {@code @Nullable} nor Optional must be present
   * and not null, in nested records too.
   *
   * @throws Malformed with the name of the field
   */
  public static <T> T read(byte[] document, Class<T> type) {
    return read(document, type, Map.of());
  }

  /**
   * Reads a record.
   *
   * @param given texts of components that are not in the document, by the component's name
   */
  public static <T> T read(byte[] document, Class<T> type, Map<String, String> given) {
    RecordCodec codec = record(type);
    return read(document, json -> type.cast(codec.read(json, given)));
  }

  /**
   * Reads the only member of an object; null if it is absent and the type has no value for that.
   */
  @SuppressWarnings("unchecked") // the codec of a type makes values of this type
  public static <T> T read(byte[] document, String member, JsonType<T> type) {
    Codec codec = Codecs.of(type.type());
    return (T) read(document, json -> Codecs.readMember(json, member, codec));
  }

  private static <T> T read(byte[] document, Function<JsonParser, T> reader) {
    try {
      return StrictParser.read(text(document), json -> {
        if (json.currentToken() != JsonToken.START_OBJECT) {
          throw new Malformed("the body is not a JSON object");
        }
        return reader.apply(json);
      });
    } catch (IllegalArgumentException | NullPointerException e) {
      // A constructor refused the value.
      throw misfit(e.getMessage());
    }
  }

  /** Decodes UTF-8; refuses what a lenient decoder would replace. */
  public static String text(byte[] document) {
    String text =
        isAscii(document) ? new String(document, StandardCharsets.ISO_8859_1) : decoded(document);
    if (text.isEmpty()) {
      throw new Malformed("the body is empty");
    }
    if (text.charAt(0) == '\ufeff') {
      throw new Malformed("the body begins with a byte order mark; send it without");
    }
    return text;
  }

  private static boolean isAscii(byte[] document) {
    for (byte one : document) {
      if (one < 0) {
        return false;
      }
    }
    return true;
  }

  private static String decoded(byte[] document) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(document))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Malformed("the body is not valid UTF-8");
    }
  }
}
