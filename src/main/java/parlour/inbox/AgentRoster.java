package parlour.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Sid;

/**
 * The store of the agents of one account, as its admins manage them. A change is made only if its
 * admin is still an admin of the account at that moment, and changes of an account come one after the
 * other. So two admins cannot demote each other at once, and an account keeps an admin. Every
 * method throws {@link parlour.store.StoreUnavailable}.
 */
interface AgentRoster {
  /**
   * An agent, as admins see them.
   *
   * @param isOfProvider whether the agent signs in at an identity provider, which knows the factors
   * @param lastSignIn of the browsers that are still signed in, or at the identity provider
   */
  record Listed(
      Agents.Agent agent,
      boolean isOfProvider,
      boolean hasSecondFactor,
      Optional<Instant> lastSignIn) {}

  /** The outcome of a change. */
  enum Outcome {
    DONE,
    /** The account has no such agent. */
    UNKNOWN,
    /** The acting agent is no longer an admin. */
    NOT_ADMIN,
    /** An admin cannot make this change to themself. */
    ONESELF,
    NAME_TAKEN,
    /** The account has as many agents as it can have. */
    FULL,
    /** The agent signs in at an identity provider, and has no password. */
    OF_PROVIDER,
    /** The agent is the only member of a desk. Without members, all agents would see it. */
    ONLY_MEMBER
  }

  /** The agents of an account, by name. */
  List<Listed> list(Sid.Account account, int limit);

  /** The agent of an account with this name. */
  Optional<Agents.Agent> find(Sid.Account account, String name);

  /**
   * The names of the agents of an account who were removed, and whom an identity provider knows: they
   * stay out until they are admitted.
   */
  List<String> removed(Sid.Account account, int limit);

  /** Creates an agent of the admin's account. */
  Outcome create(String admin, Agents.Agent agent, byte[] passwordDigest);

  /** Replaces the password, removes the second factor, and signs the agent's browsers out. */
  Outcome reset(Sid.Account account, String admin, String name, byte[] passwordDigest);

  /** Changes the role. The agent stays signed in. */
  Outcome changeRole(Sid.Account account, String admin, String name, Agents.Role role);

  /** Removes an agent, and signs all their browsers out. */
  Outcome remove(Sid.Account account, String admin, String name);

  /** Lets a person sign in again at the identity provider after their agent was removed. */
  Outcome admit(Sid.Account account, String admin, String name);
}
