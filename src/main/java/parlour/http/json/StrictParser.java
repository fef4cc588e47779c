package parlour.http.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.json.Json.Malformed;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.core.util.RecyclerPool;

/** Parses JSON (RFC 8259) strictly into maps, lists, strings, longs, doubles and booleans. */
public final class StrictParser {
  /**
   * Keeps the buffers of a few threads. The library's default keeps as many as were ever used at one
   * time, in a list on which all threads wait for each other.
   */
  static final RecyclerPool<BufferRecycler> BUFFERS = JsonRecyclerPools.sharedStripedArrayPool();

  private static final JsonFactory factory = JsonFactory.builder()
      .recyclerPool(BUFFERS)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(Limits.JSON_DEPTH)
          .maxNumberLength(Limits.JSON_NUMBER_CHARACTERS)
          .build())
      .build();

  private final JsonParser parser;
  private final Consumer<String> onRepeated;
  private int depth;

  private StrictParser(JsonParser parser, Consumer<String> onRepeated) {
    this.parser = parser;
    this.onRepeated = onRepeated;
  }

  /**
   * Parses one value.
   *
   * @param onRepeated is called with each name that the outermost object repeats
   */
  public static @Nullable Object parse(String text, Consumer<String> onRepeated) {
    return read(text, parser -> Optional.ofNullable(new StrictParser(parser, onRepeated).value()))
        .orElse(null);
  }

  /** Parses one value, which must be the whole text. */
  static <T> T read(String text, Function<JsonParser, T> reader) {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        throw new Malformed("the body is empty");
      }
      T value = reader.apply(parser);
      if (parser.nextToken() != null) {
        throw new Malformed("something follows the JSON value");
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw new Malformed(
          "the JSON is nested deeper than %d, or has a number of more than %d digits"
              .formatted(Limits.JSON_DEPTH, Limits.JSON_NUMBER_CHARACTERS));
    } catch (JacksonException e) {
      // the message of the exception quotes the text, which may contain a token
      throw new Malformed(
          e.getLocation() == null
              ? "it is not JSON"
              : "it is not JSON at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    }
  }

  private @Nullable Object value() {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> wholeNumber();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case PROPERTY_NAME, END_OBJECT, END_ARRAY, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
        throw new IllegalStateException("no value begins with " + parser.currentToken());
    };
  }

  private Object wholeNumber() {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
        ? (Object) parser.getDoubleValue()
        : (Object) parser.getLongValue();
  }

  private Map<String, @Nullable Object> object() {
    depth++;
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (fields.containsKey(name) && depth == 1) {
        onRepeated.accept(name);
      }
      fields.put(name, value());
    }
    depth--;
    return fields;
  }

  private List<@Nullable Object> array() {
    depth++;
    List<@Nullable Object> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value());
    }
    depth--;
    return items;
  }
}
