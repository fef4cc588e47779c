package parlour.inbox;

import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.conversations.Sight;

/**
 * The store of which agents see the conversations of a desk. A desk is an address. All agents of
 * the account see those of a desk without members; admins and auditors see all. Every method throws
 * {@link parlour.store.StoreUnavailable}.
 */
public interface DeskMembers {

  /** The members of a desk, by name. */
  List<Agents.Agent> of(Sid.Address desk);

  /** The reason why an agent did not become a member. */
  enum Obstacle {
    /** The account of the desk has no such agent. */
    NO_SUCH_AGENT,
    /** The desk has as many members as it can have. */
    FULL,
    /** As many desks of the account have members as can have them. */
    TOO_MANY_DESKS
  }

  /** Adds an agent of the desk's account, who may be a member already; empty if that was done. */
  Optional<Obstacle> add(Sid.Address desk, String agent);

  /** Removes a member, also the last one; false if there is no such member. */
  boolean remove(Sid.Address desk, String agent);

  /** The outcome of {@link #removeUnlessLast}. */
  enum Removal {
    DONE,
    NO_SUCH_MEMBER,
    /** Nothing was removed: without this member, all agents of the account would see the desk. */
    LAST_MEMBER
  }

  /** Removes a member if the desk has another one, also while others remove members or agents. */
  Removal removeUnlessLast(Sid.Address desk, String agent);

  /** The desks whose conversations an agent sees. */
  Sight sight(Agents.Agent agent);

  /** A desk, and the name that operators gave it. */
  record Desk(Sid.Address sid, String name) {}

  /** The desks whose conversations an agent sees, by name: at most {@link parlour.Limits#DESKS_LISTED}. */
  List<Desk> seenBy(Agents.Agent agent);

  /** The desks whose only member an agent is. */
  List<Sid.Address> onlyMemberOf(String agent);
}
