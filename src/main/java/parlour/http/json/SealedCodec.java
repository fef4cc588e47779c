package parlour.http.json;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A sealed interface of records: the first member, {@code type}, says which record it is. */
final class SealedCodec implements Codec {
  private static final String TYPE = "type";

  private final Map<String, RecordCodec> byName = new HashMap<>();
  private final Map<Class<?>, RecordCodec> byClass;

  SealedCodec(Map<Class<?>, RecordCodec> byClass) {
    this.byClass = byClass;
    byClass.values().forEach(codec -> byName.put(codec.typeName(), codec));
  }

  @Override
  public Object read(JsonParser json) {
    Codec.expect(json, JsonToken.START_OBJECT, "an object");
    if (json.nextToken() != JsonToken.PROPERTY_NAME || !json.currentName().equals(TYPE)) {
      throw Json.misfit("an object whose first field is its type was expected");
    }
    json.nextToken();
    Codec.expect(json, JsonToken.VALUE_STRING, "a string");
    RecordCodec codec = byName.get(json.getString());
    if (codec == null) {
      throw Json.misfit("an unknown type");
    }
    return codec.readMembers(json, Map.of(), Set.of(TYPE));
  }

  @Override
  public void write(JsonGenerator json, Object value) {
    RecordCodec codec = Objects.requireNonNull(byClass.get(value.getClass()));
    json.writeStartObject();
    json.writeName(TYPE);
    json.writeString(codec.typeName());
    codec.writeMembers(json, value, Set.of());
    json.writeEndObject();
  }
}
