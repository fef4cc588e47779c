package parlour.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * The store of agents, the people who answer, and of their browsers that are signed in. Every method
 * throws {@link parlour.store.StoreUnavailable}.
 */
public interface Agents {

  /** Someone who answers an account's guests; the name is unique in the installation. */
  record Agent(String name, Sid.Account account, Instant created) {

    /** The identity under which they take part in conversations. */
    public Identity identity() {
      return new Identity("agent_" + name);
    }
  }

  /** False when the name is taken or there is no such account. */
  boolean create(Agent agent, byte[] passwordDigest);

  /** Replaces the password, and signs all the agent's browsers out; false: no such agent. */
  boolean reset(String name, byte[] passwordDigest);

  /** Removes an agent, and signs all their browsers out; false: no such agent. */
  boolean remove(String name);

  List<Agent> agents();

  Optional<Agent> find(String name);

  Optional<byte[]> passwordDigest(String name);

  /**
   * Signs a browser in.
   *
   * @param passwordDigest of the password that was shown; false when it is not the agent's
   */
  boolean signIn(String digest, String agent, byte[] passwordDigest, Instant now);

  /**
   * A browser that is signed in.
   *
   * @param used when its agent last did something there
   */
  record SignedIn(Agent agent, Instant used) {}

  /**
   * The agent who is signed in with this browser.
   *
   * @param createdAfter it must have been signed in after this
   * @param usedAfter and used after this
   */
  Optional<SignedIn> signedIn(String digest, Instant createdAfter, Instant usedAfter);

  /** Records that an agent did something in a browser. */
  void isUsed(String digest, Instant now);

  /** How many other browsers the same agent has signed in with; the instants as above. */
  int others(String digest, Instant createdAfter, Instant usedAfter);

  /** Signs the same agent's other browsers out. */
  void signOutOthers(String digest);

  /** Signs a browser out. */
  void signOut(String digest);

  /** Forgets browsers that were not used since this instant. */
  int sweep(Instant usedBefore);
}
