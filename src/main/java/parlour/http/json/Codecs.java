package parlour.http.json;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Instants;
import parlour.http.json.Json.Malformed;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Finds the codec of a type, once, when the first value of the type is read or written.
 *
 * <ul> <li>A text value, see {@link TextCodec#ofTextValue}, a {@link JsonText} and an {@link Instant} are
 * strings; so is an enum, see {@link TextCodec#ofEnum}. A number value, see {@link ScalarCodec#ofNumberValue},
 * is a number; so is a {@link Duration}, in milliseconds. <li>An {@link Optional} is its value; a
 * record's member is left out if it is empty, and any other is null. <li>A record is an object, see {@link RecordCodec}. A record of a sealed interface has its
 * own name in a first member {@code type}, where the interface is the declared type.
 * </ul>
 */
final class Codecs {
  private static final Map<Type, Codec> known = new ConcurrentHashMap<>();

  private Codecs() {}

  static Codec of(Type type) {
    Codec codec = known.get(type);
    if (codec == null) {
      codec = of(type, Map.of());
      known.put(type, codec);
    }
    return codec;
  }

  /**
   * @param variables the codecs of the type variables that {@code type} may name
   */
  static Codec of(Type type, Map<TypeVariable<?>, Codec> variables) {
    return switch (type) {
      case ParameterizedType generic ->
        of(
            (Class<?>) generic.getRawType(),
            Stream.of(generic.getActualTypeArguments())
                .map(argument -> of(argument, variables))
                .toList());
      case TypeVariable<?> variable -> Objects.requireNonNull(variables.get(variable));
      case Class<?> plain -> variables.isEmpty() ? of(plain, List.of()) : of(plain);
      default -> throw new IllegalArgumentException("no JSON for " + type);
    };
  }

  /** Reads one member of an object, which must be present, and ignores the others. */
  static Object readMember(JsonParser json, String member, Codec codec) {
    Object value = null;
    boolean isPresent = false;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      boolean isMember = json.currentName().equals(member);
      json.nextToken();
      if (isMember && isPresent) {
        throw new Malformed("the field " + FieldNames.quoted(member) + " is given twice");
      } else if (isMember) {
        isPresent = true;
        value = json.currentToken() == JsonToken.VALUE_NULL ? codec.ifAbsent() : codec.read(json);
      } else {
        json.skipChildren();
      }
    }
    if (value == null) {
      throw new Malformed("the field " + FieldNames.quoted(member) + " is missing");
    }
    return value;
  }

  private static Codec of(Class<?> type, List<Codec> arguments) {
    if (type == String.class) {
      return new TextCodec(text -> text, String.class::cast);
    } else if (type == long.class || type == Long.class) {
      return ScalarCodec.LONG;
    } else if (type == int.class || type == Integer.class) {
      return ScalarCodec.INT;
    } else if (type == boolean.class || type == Boolean.class) {
      return ScalarCodec.BOOLEAN;
    } else if (type == Instant.class) {
      return new TextCodec(Codecs::instant, instant -> Instants.text((Instant) instant));
    } else if (type == Duration.class) {
      return ScalarCodec.DURATION;
    } else if (type == JsonText.class) {
      return JsonText.CODEC;
    } else if (type == WrittenJson.class) {
      return WrittenJson.CODEC;
    } else if (type == Object.class) {
      return new AnyCodec();
    } else if (type == Optional.class) {
      return new OptionalCodec(arguments.getFirst());
    } else if (type == List.class) {
      return new ListCodec(arguments.getFirst());
    } else if (type == Map.class) {
      return new MapCodec((TextCodec) arguments.getFirst(), arguments.getLast());
    } else if (type.isEnum()) {
      return TextCodec.ofEnum(type);
    } else if (type.isSealed()) {
      return sealed(type, arguments);
    }
    return TextCodec.ofTextValue(type)
        .or(() -> ScalarCodec.ofNumberValue(type))
        .orElseGet(() -> new RecordCodec(type, bound(type.getTypeParameters(), arguments)));
  }

  /** Replaces the library's exception, because its message quotes the text. */
  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw Json.misfit("an instant was expected");
    }
  }

  private static Codec sealed(Class<?> type, List<Codec> arguments) {
    var members = new HashMap<Class<?>, RecordCodec>();
    for (Class<?> member : type.getPermittedSubclasses()) {
      Type[] asMember = Stream.of(member.getGenericInterfaces())
          .filter(one -> one instanceof ParameterizedType generic && generic.getRawType() == type)
          .map(one -> ((ParameterizedType) one).getActualTypeArguments())
          .findFirst()
          .orElseGet(() -> new Type[0]);
      members.put(member, new RecordCodec(member, bound(asMember, arguments)));
    }
    return new SealedCodec(members);
  }

  private static Map<TypeVariable<?>, Codec> bound(Type[] variables, List<Codec> arguments) {
    var bound = new HashMap<TypeVariable<?>, Codec>();
    for (int i = 0; i < variables.length; i++) {
      bound.put((TypeVariable<?>) variables[i], arguments.get(i));
    }
    return bound;
  }

  private record OptionalCodec(Codec value) implements Codec {
    @Override
    public Object read(JsonParser json) {
      return Optional.of(value.read(json));
    }

    @Override
    public void write(JsonGenerator json, Object optional) {
      Object present = ((Optional<?>) optional).orElse(null);
      if (present == null) {
        json.writeNull();
      } else {
        value.write(json, present);
      }
    }

    @Override
    public @Nullable Object ifAbsent() {
      return Optional.empty();
    }
  }

  private record ListCodec(Codec item) implements Codec {
    @Override
    public Object read(JsonParser json) {
      Codec.expect(json, JsonToken.START_ARRAY, "an array");
      List<Object> items = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        items.add(item.read(json));
      }
      return items;
    }

    @Override
    public void write(JsonGenerator json, Object list) {
      json.writeStartArray();
      for (Object one : (List<?>) list) {
        item.write(json, one);
      }
      json.writeEndArray();
    }
  }

  private record MapCodec(TextCodec key, Codec value) implements Codec {
    @Override
    public Object read(JsonParser json) {
      Codec.expect(json, JsonToken.START_OBJECT, "an object");
      Map<Object, Object> members = new HashMap<>();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        Object name = key.parse().apply(json.currentName());
        json.nextToken();
        members.put(name, value.read(json));
      }
      return members;
    }

    @Override
    public void write(JsonGenerator json, Object map) {
      json.writeStartObject();
      ((Map<?, ?>) map).forEach((name, member) -> {
        json.writeName(key.text().apply(name));
        value.write(json, member);
      });
      json.writeEndObject();
    }
  }

  /** A value of any type, which can only be written. */
  private record AnyCodec() implements Codec {
    private static final Codec MAP =
        new MapCodec(new TextCodec(text -> text, String.class::cast), new AnyCodec());

    @Override
    public Object read(JsonParser json) {
      throw new IllegalArgumentException("a record's component of type Object cannot be read");
    }

    @Override
    public void write(JsonGenerator json, Object value) {
      Codec codec = switch (value) {
        case Map<?, ?> map -> MAP;
        case List<?> list -> new ListCodec(this);
        case Optional<?> optional -> new OptionalCodec(this);
        default -> of(value.getClass());
      };
      codec.write(json, value);
    }
  }
}
