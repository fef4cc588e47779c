package parlour.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import parlour.Identity;
import parlour.Sid;

/**
 * The store of the agents who sign in at an identity provider. Every method
 * throws {@link parlour.store.StoreUnavailable}.
 */
public interface AgentLogins {

  /** A person, as the provider names them, in an account. */
  record Login(Sid.Account account, String issuer, String subject) {}

  /** The outcome of a sign-in. */
  enum Outcome {
    SIGNED_IN,
    /** An operator has removed the agent, and has not admitted the person again. */
    REMOVED,
    /** The attempt has succeeded before. */
    REPLAYED
  }

  /**
   * A browser that signs in.
   *
   * @param attempt the digest of the attempt at the provider
   * @param digest of the browser's cookie
   * @param userAgent the browser's User-Agent
   */
  record Browser(String attempt, String digest, String userAgent) {}

  /**
   * Signs a browser in. At the first sign-in of a person it creates their agent; later it gives the
   * agent the role.
   *
   * @param fresh the agent that is created, with the role
   * @param otherNames names for it if its own one is taken; the last one is not
   */
  Outcome signIn(Login login, Agents.Agent fresh, List<String> otherNames, Browser browser);

  /** Signs all browsers of a person out; returns how many. */
  int endAll(Login login);

  /** The agents who sign in at a provider, also those who were removed. */
  Set<Identity> all();

  /** The names of the agents who were removed, in alphabetical order. */
  List<String> removed();

  /** Lets the person in again whose agent with this name was removed; false if there is none. */
  boolean admit(String name);

  /** Deletes the attempts that succeeded before this instant; returns how many. */
  int sweep(Instant usedBefore);
}
