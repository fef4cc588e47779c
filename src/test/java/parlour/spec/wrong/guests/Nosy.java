package parlour.spec.wrong.guests;

import org.jspecify.annotations.Nullable;
import parlour.accounts.SqlResponder;
import parlour.inbox.Agents;

/** Uses another API, and an internal type of accounts. */
final class Nosy {
  @Nullable
  Agents agents;

  @Nullable
  SqlResponder responder;
}
