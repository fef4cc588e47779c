package parlour.inbox;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.accounts.GeneratedSecrets;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;

/** Authenticates agents: once by name and password, and then by the cookie of their browser. */
public final class AgentAuthenticator {
  private static final byte[] NOBODY = new byte[32];

  private final Agents agents;
  private final SecondFactorCheck secondFactors;
  private final ClockWatch clock;
  private final SecureRandom random;

  // Counts wrong passwords for each name; the edge counts sign-ins for each address. The password's
  // 120 random bits alone keep a guesser out; this counter slows one down and makes one visible. So
  // the right password is accepted however many wrong ones came before: otherwise anybody could
  // lock an agent out by name.
  private final RateLimiter attempts;

  private final SecurityLog security;

  public AgentAuthenticator(
      Agents agents,
      SecondFactorCheck secondFactors,
      RateLimiter attempts,
      SecurityLog security,
      InstantSource clock,
      SecureRandom random) {
    this.security = security;
    this.agents = agents;
    this.secondFactors = secondFactors;
    this.attempts = attempts;
    this.clock = ClockWatch.of(clock);
    this.random = random;
  }

  /** The outcome of a sign-in. */
  public sealed interface SignIn {
    /**
     * @param cookie the secret of the browser's cookie
     */
    record SignedIn(String cookie) implements SignIn {}

    /** Wrong name or password. */
    record Refused() implements SignIn {}

    /** The password is right, and the agent has a second factor, whose code was not sent. */
    record CodeMissing() implements SignIn {}

    /** The password is right, and the code is not. */
    record CodeRefused() implements SignIn {}
  }

  /**
   * Signs a browser in.
   *
   * @param code of the agent's second factor; empty if none was sent
   * @param browser its User-Agent
   * @throws TooManyRequests after too many wrong passwords or codes for the name
   */
  public SignIn signIn(String name, String password, Optional<String> code, String browser) {
    if (name.length() > Limits.AGENT_NAME_CHARACTERS) {
      return new SignIn.Refused(); // too long to be a name, or to be counted as one
    }
    // An unknown name is compared, too, so that the time does not reveal which names exist.
    Optional<byte[]> known = agents.passwordDigest(name);
    byte[] kept = known.orElse(NOBODY);
    byte[] given = GeneratedSecrets.digest(password);
    if (!MessageDigest.isEqual(kept, given)) {
      security.write(Event.AGENT_REFUSED, known.isPresent() ? name : "unknown", "");
      slowDown(name, known.isPresent() ? name : "unknown");
      return new SignIn.Refused();
    }
    return agents
        .find(name)
        .<SignIn>map(agent -> signIn(agent, given, code, browser))
        .orElseGet(SignIn.Refused::new);
  }

  private SignIn signIn(
      Agents.Agent agent, byte[] passwordDigest, Optional<String> code, String browser) {
    SecondFactors.Factor factor = secondFactors.find(agent);
    return switch (checkCode(agent, factor, code)) {
      case MISSING -> {
        security.write(Event.AGENT_CODE_REQUESTED, agent.name(), "");
        yield new SignIn.CodeMissing();
      }
      case REFUSED -> new SignIn.CodeRefused();
      case NONE, ACCEPTED -> {
        String cookie = GeneratedSecrets.nextCookie(random);
        // Password or second factor may have changed meanwhile: the store compares them again.
        if (!agents.signIn(
            GeneratedSecrets.hexDigest(cookie),
            agent.name(),
            passwordDigest,
            factor.sealed(),
            browser,
            clock.instant())) {
          yield new SignIn.Refused();
        }
        security.write(Event.AGENT_SIGNED_IN, agent.name(), "");
        yield new SignIn.SignedIn(cookie);
      }
    };
  }

  /**
   * Uses a code of the agent's second factor.
   *
   * @throws TooManyRequests after too many wrong codes or passwords for the name
   */
  SecondFactorCheck.Outcome checkCode(Agents.Agent agent, Optional<String> code) {
    return checkCode(agent, secondFactors.find(agent), code);
  }

  private SecondFactorCheck.Outcome checkCode(
      Agents.Agent agent, SecondFactors.Factor factor, Optional<String> code) {
    SecondFactorCheck.Outcome outcome = secondFactors.check(agent, factor, code);
    if (outcome == SecondFactorCheck.Outcome.REFUSED) {
      slowDown(agent.name(), agent.name());
    }
    return outcome;
  }

  /**
   * Whether it is the agent's password.
   *
   * @throws TooManyRequests after too many wrong passwords for the name
   */
  boolean isPassword(Agents.Agent agent, String password) {
    byte[] kept = agents.passwordDigest(agent.name()).orElse(NOBODY);
    if (MessageDigest.isEqual(kept, GeneratedSecrets.digest(password))) {
      return true;
    }
    security.write(Event.AGENT_REFUSED, agent.name(), "");
    slowDown(agent.name(), agent.name());
    return false;
  }

  /**
   * The agent who is signed in with this browser; empty if none is, or if the agent must add a second
   * factor first.
   */
  public Optional<Agents.Agent> signedIn(String cookie) {
    return found(cookie).filter(one -> !one.lacksSecondFactor()).map(Agents.SignedIn::agent);
  }

  /**
   * The browser that is signed in, also of an agent who must add a second factor first.
   *
   * @throws Unavailable if only the clock says that the session has ended, and it has just jumped
   */
  Optional<Agents.SignedIn> found(String cookie) {
    return foundByDigest(GeneratedSecrets.hexDigest(cookie));
  }

  /** As {@link #found}, for a caller that has only the digest of the cookie. */
  Optional<Agents.SignedIn> foundByDigest(String digest) {
    Optional<Agents.SignedIn> found = agents.signedIn(digest, oldestSignIn(), oldestUse());
    if (found.isEmpty()
        && clock.isInDoubt()
        && agents.signedIn(digest, Instant.EPOCH, Instant.EPOCH).isPresent()) {
      throw new Unavailable("the inbox", "the clock has jumped, and may be wrong", null);
    }
    return found;
  }

  /**
   * Records that an agent has used a browser. Not each time, because the idle limit is in hours.
   */
  public void recordUse(String cookie) {
    Instant now = clock.instant();
    found(cookie)
        .filter(found -> found.used().plus(Limits.AGENT_SEEN_INTERVAL).isBefore(now))
        .ifPresent(_ -> agents.recordUse(GeneratedSecrets.hexDigest(cookie), now));
  }

  /** Records that a browser has the inbox open. This does not keep it signed in. */
  void recordOpen(String cookie) {
    agents.recordOpen(GeneratedSecrets.hexDigest(cookie), clock.instant());
  }

  /** The browsers that the same agent has signed in with, this one among them. */
  List<Agents.Session> browsers(String cookie) {
    return agents.sessions(
        GeneratedSecrets.hexDigest(cookie), oldestSignIn(), oldestUse(), Limits.AGENT_BROWSERS);
  }

  /** Signs one of the same agent's browsers out. */
  void endBrowser(Agents.Agent agent, String cookie, String id) {
    if (agents.end(GeneratedSecrets.hexDigest(cookie), id)) {
      security.write(Event.AGENT_BROWSERS_ENDED, agent.name(), "");
    }
  }

  /** Signs the same agent's other browsers out. */
  void endOtherBrowsers(Agents.Agent agent, String cookie) {
    if (agents.endOthers(GeneratedSecrets.hexDigest(cookie)) > 0) {
      security.write(Event.AGENT_BROWSERS_ENDED, agent.name(), "");
    }
  }

  /** Signs all browsers of an agent of the same account out, by the wish of an admin. */
  void endBrowsersOf(Agents.Agent admin, String name) {
    if (agents.endAll(admin.account(), name) > 0) {
      security.write(Event.AGENT_BROWSERS_ENDED, admin.name(), name);
    }
  }

  /**
   * Makes a new password for an agent, and signs their other browsers out; empty if the old password
   * is wrong.
   *
   * @throws TooManyRequests after too many wrong passwords for the name
   */
  Optional<String> replacePassword(Agents.Agent agent, String cookie, String old) {
    String password = GeneratedSecrets.next(random);
    if (!agents.replacePassword(
        GeneratedSecrets.hexDigest(cookie),
        GeneratedSecrets.digest(old),
        GeneratedSecrets.digest(password))) {
      security.write(Event.AGENT_REFUSED, agent.name(), "");
      slowDown(agent.name(), agent.name());
      return Optional.empty();
    }
    security.write(Event.AGENT_PASSWORD_CHANGED, agent.name(), "");
    return Optional.of(password);
  }

  private Instant oldestSignIn() {
    return clock.instant().minus(Limits.AGENT_SESSION);
  }

  private Instant oldestUse() {
    return clock.instant().minus(Limits.AGENT_IDLE);
  }

  public void signOut(String cookie) {
    found(cookie)
        .ifPresent(one -> security.write(Event.AGENT_SIGNED_OUT, one.agent().name(), ""));
    agents.signOut(GeneratedSecrets.hexDigest(cookie));
  }

  /** Logs an action of a signed-in agent. */
  void logAction(Event event, Agents.Agent agent, Sid object) {
    security.write(event, agent.name(), object.text());
  }

  /** Deletes the sessions of browsers that were idle for too long. */
  public void sweep() {
    agents.sweep(clock.instant().minus(Limits.AGENT_IDLE));
  }

  private void slowDown(String name, String shown) {
    attempts.tryAcquire(Rate.AGENT_ATTEMPTS, name).ifPresent(wait -> {
      security.write(Event.SIGN_INS_LIMITED, shown, "");
      throw new TooManyRequests("sign-ins under one name", wait);
    });
  }
}
