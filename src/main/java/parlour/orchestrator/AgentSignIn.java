package parlour.orchestrator;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.rates.Buckets;
import parlour.rates.Rate;

/** Lets agents in: once by name and password, and then by the cookie that their browser got. */
public final class AgentSignIn {
  private static final byte[] NOBODY = new byte[32];

  private final Agents agents;
  private final InstantSource clock;
  private final SecureRandom random;

  // Wrong ones, per name; the edge counts per address. It slows a guesser down and shows that there
  // is one; that nobody guesses is for the password's 120 random bits. So whoever knows it is let
  // in
  // however often others guess: a name that anybody can lock would be worth locking.
  private final Buckets attempts;

  public AgentSignIn(Agents agents, Buckets attempts, InstantSource clock, SecureRandom random) {
    this.agents = agents;
    this.attempts = attempts;
    this.clock = clock;
    this.random = random;
  }

  /** A browser that was let in, and the secret that its cookie is to hold. */
  public record SignedIn(Agents.Agent agent, String cookie) {}

  /**
   * Empty when name and password do not belong together.
   *
   * @throws TooManyRequests when a name is tried too often with wrong passwords
   */
  public Optional<SignedIn> signIn(String name, String password) {
    if (name.length() > Limits.AGENT_NAME_CHARACTERS) {
      return Optional.empty(); // nobody's, and not to be remembered
    }
    // A name that nobody has is compared too, so that time does not tell which names there are.
    byte[] kept = agents.passwordDigest(name).orElse(NOBODY);
    byte[] given = Passwords.digest(password);
    if (!MessageDigest.isEqual(kept, given)) {
      slowDown(name);
      return Optional.empty();
    }
    String cookie = Passwords.nextCookie(random);
    // The password may be another one by now, and whoever knew the old one is to be out.
    return agents.signIn(Passwords.hexDigest(cookie), name, given, clock.instant())
        ? agents.find(name).map(agent -> new SignedIn(agent, cookie))
        : Optional.empty();
  }

  /** Whose browser this is; empty when it is not signed in, or not any more. */
  public Optional<Agents.Agent> signedIn(String cookie) {
    return found(cookie).map(Agents.SignedIn::agent);
  }

  private Optional<Agents.SignedIn> found(String cookie) {
    return agents.signedIn(Passwords.hexDigest(cookie), oldestSignIn(), oldestUse());
  }

  /** An agent did something there; noted now and then only, because it is a matter of hours. */
  public void isUsed(String cookie) {
    Instant now = clock.instant();
    found(cookie)
        .filter(found -> found.used().plus(Limits.AGENT_SEEN_NOTED).isBefore(now))
        .ifPresent(_ -> agents.isUsed(Passwords.hexDigest(cookie), now));
  }

  /** How many other browsers the same agent is signed in at. */
  public int otherBrowsers(String cookie) {
    return agents.others(Passwords.hexDigest(cookie), oldestSignIn(), oldestUse());
  }

  public void signOutOthers(String cookie) {
    agents.signOutOthers(Passwords.hexDigest(cookie));
  }

  private Instant oldestSignIn() {
    return clock.instant().minus(Limits.AGENT_SESSION);
  }

  private Instant oldestUse() {
    return clock.instant().minus(Limits.AGENT_IDLE);
  }

  public void signOut(String cookie) {
    agents.signOut(Passwords.hexDigest(cookie));
  }

  /** Forgets browsers that are signed out by now. */
  public void sweep() {
    agents.sweep(clock.instant().minus(Limits.AGENT_IDLE));
  }

  private void slowDown(String name) {
    attempts.tooMany(Rate.AGENT_ATTEMPTS, name).ifPresent(wait -> {
      throw new TooManyRequests("sign-ins under one name", wait);
    });
  }
}
