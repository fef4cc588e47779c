package parlour.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * The store of agents and of their signed-in browsers. Every method
 * throws {@link parlour.store.StoreUnavailable}.
 */
public interface Agents {

  /** A person who answers an account's guests; the name is unique in the installation. */
  record Agent(String name, Sid.Account account, Instant created) {

    /** The identity under which they take part in conversations. */
    public Identity identity() {
      return new Identity("agent_" + name);
    }
  }

  /** Creates an agent; false if the name is taken or the account does not exist. */
  boolean create(Agent agent, byte[] passwordDigest);

  /** Replaces the password, and signs the agent's browsers out; false if there is no such agent. */
  boolean reset(String name, byte[] passwordDigest);

  /** Removes an agent, and signs all their browsers out; false if there is no such agent. */
  boolean remove(String name);

  List<Agent> agents();

  /** The agents of an account, by name. */
  List<Agent> agentsOf(Sid.Account account, int limit);

  Optional<Agent> find(String name);

  /** The agent of an account with this identity. */
  Optional<Agent> findByIdentity(Sid.Account account, Identity identity);

  Optional<byte[]> passwordDigest(String name);

  /**
   * Signs a browser in.
   *
   * @param digest of the browser's cookie
   * @param passwordDigest of the password that was presented
   * @return false if this is not the agent's password
   */
  boolean signIn(String digest, String agent, byte[] passwordDigest, Instant now);

  /**
   * A browser that is signed in.
   *
   * @param used when its agent last used it
   */
  record SignedIn(Agent agent, Instant used) {}

  /**
   * The agent who is signed in with this browser.
   *
   * @param createdAfter the latest instant at which an expired session was signed in
   * @param usedAfter the latest instant at which an idle session was used
   */
  Optional<SignedIn> signedIn(String digest, Instant createdAfter, Instant usedAfter);

  /** Records that an agent has used a browser. */
  void recordUse(String digest, Instant now);

  /** How many other browsers the same agent has signed in with; the instants as above. */
  int others(String digest, Instant createdAfter, Instant usedAfter);

  /** Signs the same agent's other browsers out. */
  void signOutOthers(String digest);

  /** Signs a browser out. */
  void signOut(String digest);

  /** Deletes the sessions that were not used since this instant; returns how many. */
  int sweep(Instant usedBefore);
}
