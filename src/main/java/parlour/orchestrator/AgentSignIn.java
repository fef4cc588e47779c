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

  // Per name; the edge counts per address. Both slow a guesser down, and neither locks anyone out:
  // a password has 120 random bits.
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
   * @throws TooManyRequests when a name is tried too often
   */
  public Optional<SignedIn> signIn(String name, String password) {
    slowDown(name);
    // A name that nobody has is compared too, so that time does not tell which names there are.
    byte[] kept = agents.passwordDigest(name).orElse(NOBODY);
    if (!MessageDigest.isEqual(kept, Passwords.digest(password))) {
      return Optional.empty();
    }
    return agents.find(name).map(agent -> {
      String cookie = Passwords.nextCookie(random);
      agents.signIn(Passwords.hexDigest(cookie), name, clock.instant());
      return new SignedIn(agent, cookie);
    });
  }

  /** Whose browser this is; empty when it is not signed in, or not any more. */
  public Optional<Agents.Agent> signedIn(String cookie) {
    Instant now = clock.instant();
    return agents.signedIn(
        Passwords.hexDigest(cookie),
        now.minus(Limits.AGENT_SESSION),
        now.minus(Limits.AGENT_IDLE),
        now);
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
