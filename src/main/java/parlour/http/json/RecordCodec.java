package parlour.http.json;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.http.json.Json.Malformed;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.io.SerializedString;

/**
 * A record as an object. All members are written, with null for a missing value. When it is read,
 * each component must be present, except those that are {@code @Nullable} or Optional. Members
 * without a component are ignored.
 *
 * <p>A member has the component's name in snake_case. The name of a {@link Sid} has a suffix: the
 * component {@code account} is {@code account_sid}, {@code deployment} is {@code deployment_key},
 * and a list {@code conversations} is {@code conversation_sids}.
 */
final class RecordCodec implements Codec {
  private final Class<?> type;
  private final List<Part> parts = new ArrayList<>();
  private final Map<String, Part> byName = new HashMap<>();
  private final MethodHandle constructor;

  /** A component, and its member in the object. */
  private record Part(
      int place,
      String component,
      String field,
      SerializedString member,
      Codec codec,
      boolean nullable,
      MethodHandle accessor) {}

  RecordCodec(Class<?> type, Map<TypeVariable<?>, Codec> variables) {
    if (!type.isRecord()) {
      throw new IllegalArgumentException("no JSON for " + type);
    }
    this.type = type;
    RecordComponent[] components = type.getRecordComponents();
    for (RecordComponent component : components) {
      String field = fieldName(component);
      Part part = new Part(
          parts.size(),
          component.getName(),
          field,
          new SerializedString(snakeCase(field)),
          Codecs.of(component.getGenericType(), variables),
          component.getAnnotatedType().isAnnotationPresent(Nullable.class),
          Handles.of(component.getAccessor()));
      parts.add(part);
      byName.put(part.member.getValue(), part);
    }
    this.constructor = Handles.ofArray(canonical(type, components), components.length);
  }

  private static Constructor<?> canonical(Class<?> type, RecordComponent[] components) {
    try {
      return type.getDeclaredConstructor(
          Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The field's name in camelCase. */
  private static String fieldName(RecordComponent component) {
    String name = component.getName();
    Type type = component.getGenericType();
    if (isSid(type) && !name.matches("(?i).*(sid|key)")) {
      return name + (type == Sid.Deployment.class ? "Key" : "Sid");
    }
    boolean isListOfSids = type instanceof ParameterizedType list
        && list.getRawType() == List.class
        && isSid(list.getActualTypeArguments()[0]);
    return isListOfSids && name.endsWith("s")
        ? name.substring(0, name.length() - 1) + "Sids"
        : name;
  }

  private static boolean isSid(Type type) {
    return type instanceof Class<?> plain && Sid.class.isAssignableFrom(plain);
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /** The name of the record in its sealed interface. */
  String typeName() {
    String name = type.getSimpleName();
    return snakeCase(name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1));
  }

  @Override
  public Object read(JsonParser json) {
    return read(json, Map.of());
  }

  /**
   * @param given texts of components that are not in the object, by the component's name
   */
  Object read(JsonParser json, Map<String, String> given) {
    Codec.expect(json, JsonToken.START_OBJECT, "an object");
    return readMembers(json, given, Set.of());
  }

  /**
   * Reads the members up to the end of the object.
   *
   * @param given texts of components that are not in the object, by the component's name
   * @param read names of members that were read before, and must not be repeated
   */
  Object readMembers(JsonParser json, Map<String, String> given, Set<String> read) {
    @Nullable Object[] values = new @Nullable Object[parts.size()];
    boolean[] isPresent = new boolean[values.length];
    Set<String> unknown = Set.of();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      Part part = byName.get(name);
      if (part == null) {
        unknown = unknown.isEmpty() ? new HashSet<>(read) : unknown;
        if (!unknown.add(name)) {
          throw repeated(name);
        }
        json.skipChildren();
      } else if (isPresent[part.place]) {
        throw repeated(name);
      } else {
        isPresent[part.place] = true;
        boolean isNull = json.currentToken() == JsonToken.VALUE_NULL;
        values[part.place] = isNull ? null : part.codec.read(json);
      }
    }
    return make(values, given);
  }

  private Object make(@Nullable Object[] values, Map<String, String> given) {
    for (Part part : parts) {
      String text = given.get(part.component);
      if (text != null && part.codec instanceof TextCodec codec) {
        values[part.place] = codec.parse().apply(text);
      } else if (values[part.place] == null) {
        values[part.place] = part.codec.ifAbsent();
        if (values[part.place] == null && !part.nullable) {
          throw new Malformed("the field " + FieldNames.quoted(part.field) + " is missing");
        }
      }
    }
    return Handles.call(constructor, values);
  }

  private static Malformed repeated(String name) {
    return new Malformed("the field " + FieldNames.quoted(name) + " is given twice");
  }

  @Override
  public void write(JsonGenerator json, Object value) {
    write(json, value, Set.of());
  }

  /**
   * @param without the names of components to leave out
   */
  void write(JsonGenerator json, Object value, Set<String> without) {
    json.writeStartObject();
    writeMembers(json, value, without);
    json.writeEndObject();
  }

  void writeMembers(JsonGenerator json, Object value, Set<String> without) {
    for (Part part : parts) {
      if (without.contains(part.component)) {
        continue;
      }
      Object one = Handles.callOrNull(part.accessor, value);
      if (one instanceof Optional<?> absent && absent.isEmpty()) {
        continue;
      }
      json.writeName(part.member);
      if (one == null) {
        json.writeNull();
      } else {
        part.codec.write(json, one);
      }
    }
  }

  /** The text of a component that is not in the object. */
  String text(Object value, String component) {
    for (Part part : parts) {
      if (part.component.equals(component) && part.codec instanceof TextCodec codec) {
        return codec.text().apply(Handles.call(part.accessor, value));
      }
    }
    throw new IllegalArgumentException(type + " has no text " + component);
  }
}
