package parlour.console;

import java.util.Optional;
import parlour.accounts.Accounts;
import parlour.errors.Problem;

/** Decides as for a guest whether a page can start a chat. It starts none, and notes nothing. */
@FunctionalInterface
public interface GuestCheck {
  /**
   * The refusal of a guest who starts a chat; empty if the chat would start.
   *
   * @param origin of the page, as a browser sends it
   * @param hasKey whether the guest's browser offers a key for the session
   */
  Optional<Problem> refusal(Accounts.Deployment deployment, String origin, boolean hasKey);
}
