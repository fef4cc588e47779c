package parlour.conversations;

import java.util.List;
import parlour.Sid;

/**
 * The desks whose conversations an agent sees. Each desk is an address.
 *
 * @param hidden the desks whose conversations the agent does not see
 * @param others the other desks of the account; empty if none is hidden
 */
public record Sight(List<Sid.Address> hidden, List<Sid.Address> others) {

  /** Every conversation of the account. */
  public static final Sight ALL = new Sight(List.of(), List.of());

  public Sight {
    hidden = List.copyOf(hidden);
    others = List.copyOf(others);
  }

  public boolean isWhole() {
    return hidden.isEmpty();
  }

  /** Whether the agent sees the conversations of a desk. */
  public boolean covers(Sid.Address desk) {
    return !hidden.contains(desk);
  }

  public boolean covers(Conversations.Overview overview) {
    return covers(overview.conversation().address());
  }
}
