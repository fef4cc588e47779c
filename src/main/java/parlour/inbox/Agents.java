package parlour.inbox;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import parlour.Identity;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;

/**
 * The store of agents and of their signed-in browsers. Every method
 * throws {@link parlour.store.StoreUnavailable}.
 */
public interface Agents {

  /**
   * A person who answers an account's guests.
   *
   * @param name to sign in with, unique in the installation; guests do not see it
   * @param identity under which they take part in conversations
   * @param displayName the name that guests see
   */
  record Agent(
      String name,
      Sid.Account account,
      Identity identity,
      String displayName,
      Role role,
      Instant created) {

    /** The name that guests see of an agent for whom none was given; reveals nothing of the other. */
    public static final String DEFAULT_DISPLAY_NAME = "Agent";

    private static final int IDENTITY_BYTES = 16;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    /** A random identity, so that it reveals nothing about the agent. */
    public static Identity nextIdentity(SecureRandom random) {
      return new Identity("agent_" + RandomHex.next(random, IDENTITY_BYTES));
    }

    /**
     * Checks a name to sign in with.
     *
     * @throws IllegalArgumentException with the remedy
     */
    public static void checkName(String name) {
      if (name.length() > Limits.AGENT_NAME_CHARACTERS || !NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "\"%s\" cannot be an agent's name: write 1 to %d letters, digits, dots, - or _"
                .formatted(name, Limits.AGENT_NAME_CHARACTERS));
      }
    }

    /**
     * Checks a name that guests see.
     *
     * @throws IllegalArgumentException with the remedy
     */
    public static void checkDisplayName(String text) {
      if (!isDisplayName(text)) {
        throw new IllegalArgumentException("a display name is one line of 1 to %d characters"
            .formatted(Limits.AGENT_DISPLAY_NAME_CHARACTERS));
      }
    }

    /** Whether a text can be a name that guests see: one line of visible characters. */
    public static boolean isDisplayName(String text) {
      return !text.isBlank()
          && text.length() <= Limits.AGENT_DISPLAY_NAME_CHARACTERS
          && text.chars().noneMatch(Character::isISOControl);
    }
  }

  /** The permissions of an agent within their account. */
  enum Role {
    /** Also uses the console, and changes what all agents share, such as the prepared answers. */
    ADMIN,
    /** Answers guests. */
    AGENT,
    /** Reads, and changes nothing. */
    AUDITOR;

    /** The word for it in the store, the API and the commands. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Role of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /**
     * Reads the word of a request.
     *
     * @throws IllegalArgumentException with the words that there are
     */
    static Role parse(String word) {
      return Stream.of(values())
          .filter(role -> role.word().equals(word))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException("there is no such role: send admin, agent or auditor"));
    }
  }

  /** Creates an agent; false if the name is taken or the account does not exist. */
  boolean create(Agent agent, byte[] passwordDigest);

  /**
   * Replaces the password, removes the second factor, and signs the agent's browsers out; false if
   * there is no such agent, or if the agent signs in at an identity provider.
   */
  boolean reset(String name, byte[] passwordDigest);

  /**
   * Replaces the password by the wish of its agent, and signs the agent's other browsers out.
   *
   * @param digest of the cookie of the agent's own browser, which stays signed in
   * @return false if {@code oldDigest} is not of the agent's password
   */
  boolean replacePassword(String digest, byte[] oldDigest, byte[] newDigest);

  /** Changes the name that guests see, and the role; false if there is no such agent. */
  boolean update(String name, Optional<String> displayName, Optional<Role> role);

  /**
   * Removes an agent, and signs all their browsers out; false if there is no such agent, or if they
   * are the only member of a desk, which would then be open to all agents.
   */
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
   * @param sealed the sealed secret whose code was accepted; empty if the agent had no second factor
   * @param browser the browser's User-Agent
   * @return false if this is not the agent's password, or if another secret is sealed by now
   */
  boolean signIn(
      String digest,
      String agent,
      byte[] passwordDigest,
      Optional<String> sealed,
      String browser,
      Instant now);

  /**
   * A browser that is signed in.
   *
   * @param used when its agent last used it
   * @param lacksSecondFactor whether the account requires a second factor, which the agent must add
   *     before anything else
   * @param isOfProvider whether the agent signs in at an identity provider
   */
  record SignedIn(Agent agent, Instant used, boolean lacksSecondFactor, boolean isOfProvider) {}

  /**
   * The agent who is signed in with this browser.
   *
   * @param createdAfter the latest instant at which an expired session was signed in
   * @param usedAfter the latest instant at which an idle session was used
   */
  Optional<SignedIn> signedIn(String digest, Instant createdAfter, Instant usedAfter);

  /** Records that an agent has used a browser. */
  void recordUse(String digest, Instant now);

  /** Records that a browser has the inbox open. */
  void recordOpen(String digest, Instant now);

  /**
   * When an agent who can answer the guests of an address last had the inbox open, in a browser that
   * is still signed in: the epoch if none had; empty if the account has no such agent. If the
   * address has members, only these and admins count. A browser for which
   * {@link #recordOpen} was never called has it open now, for {@link Limits#INBOX_UNKNOWN_TTL} after
   * its last use: its socket may be on a node of a version that does not record it.
   */
  Optional<Instant> lastOpen(Sid.Account account, Sid.Address desk, Instant now);

  /**
   * One of the browsers that an agent has signed in with.
   *
   * @param id names it among them, and cannot be used to sign in
   * @param browser its User-Agent
   * @param current whether it is the browser whose agent reads this
   */
  record Session(String id, String browser, Instant signedIn, Instant lastUsed, boolean current) {}

  /** The browsers of the same agent, the last used first; the instants as above. */
  List<Session> sessions(String digest, Instant createdAfter, Instant usedAfter, int limit);

  /** Signs one of the same agent's browsers out; false if it is not signed in. */
  boolean end(String digest, String id);

  /** Signs the same agent's other browsers out; returns how many. */
  int endOthers(String digest);

  /** Signs all browsers of an agent of this account out; returns how many. */
  int endAll(Sid.Account account, String name);

  /** Signs a browser out. */
  void signOut(String digest);

  /** Deletes the sessions that were not used since this instant; returns how many. */
  int sweep(Instant usedBefore);
}
