package parlour.spec.wrong.guests;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.accounts.SqlResponder;
import parlour.http.json.JsonText;
import parlour.inbox.Agents;
import tools.jackson.core.json.JsonFactory;

/**
 * Uses another API, an internal type of accounts, and the library behind our JSON, and calls a text
 * JSON without checking it.
 */
final class Nosy {
  @Nullable
  Agents agents;

  @Nullable
  SqlResponder responder;

  @Nullable
  JsonFactory json;

  final Function<String, JsonText> unchecked = JsonText::stored;
}
