package parlour.realtime;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;

/**
 * A JSON object that is written member by member. Records do not fit this wire: its objects mix
 * snake_case and camelCase.
 */
final class JsonObject {
  private final Map<String, Object> members = new LinkedHashMap<>();

  /** Adds a member; null is written as null. */
  JsonObject with(String name, @Nullable Object value) {
    members.put(
        name,
        switch (value) {
          case null -> Optional.empty();
          case JsonObject object -> object.members;
          default -> value;
        });
    return this;
  }

  Map<String, Object> members() {
    return members;
  }

  byte[] bytes() {
    return Json.write(members);
  }
}
