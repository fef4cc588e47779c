package parlour.spec.wrong.guests;

import org.jspecify.annotations.Nullable;
import parlour.accounts.SqlResponder;
import parlour.inbox.Agents;
import tools.jackson.core.json.JsonFactory;

/** Uses another API, an internal type of accounts, and the library behind our JSON. */
final class Nosy {
  @Nullable
  Agents agents;

  @Nullable
  SqlResponder responder;

  @Nullable
  JsonFactory json;
}
