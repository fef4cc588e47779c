package parlour.inbox;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.accounts.GeneratedSecrets;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.inbox.SecondFactors.Factor;
import parlour.inbox.SecondFactors.Pending;
import parlour.scopedauth.SealedSecrets;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;

/** Checks, adds and removes the second factors of agents, whose password was right. */
public final class SecondFactorCheck {
  /** The outcome of a check. */
  enum Outcome {
    /** The agent has no second factor. */
    NONE,
    /** The agent has one, and sent no code. */
    MISSING,
    REFUSED,
    ACCEPTED
  }

  private static final String SET_UP_OVER =
      "This set-up is over: it was finished, or it took too long. Look at your second factor, and"
          + " set an app up again if you need one.";

  private final SecondFactors factors;
  private final SealedSecrets secrets;
  private final SecurityLog security;
  private final ClockWatch clock;
  private final SecureRandom random;

  public SecondFactorCheck(
      SecondFactors factors,
      SealedSecrets secrets,
      SecurityLog security,
      ClockWatch clock,
      SecureRandom random) {
    this.factors = factors;
    this.secrets = secrets;
    this.security = security;
    this.clock = clock;
    this.random = random;
  }

  Factor find(Agents.Agent agent) {
    return factors.find(agent.identity());
  }

  /**
   * Uses a code of the app, or a recovery code.
   *
   * @param factor the agent's second factor, as it was just read
   * @param code as a person typed it; empty if none was sent
   * @throws TooManyRequests after too many codes of an app; a recovery code is accepted even then
   * @throws Unavailable if the code cannot be compared: the secret cannot be opened now, or the
   *     clock has just jumped
   */
  Outcome check(Agents.Agent agent, Factor factor, Optional<String> code) {
    if (factor.sealed().isEmpty()) {
      return Outcome.NONE;
    }
    if (code.isEmpty()) {
      return Outcome.MISSING;
    }
    String typed = normal(code.get());
    boolean isAccepted =
        isOfApp(typed) ? useCode(agent, factor.sealed().get(), typed) : useRecovery(agent, typed);
    if (isAccepted) {
      return Outcome.ACCEPTED;
    }
    security.write(Event.AGENT_CODE_REFUSED, agent.name(), "");
    return Outcome.REFUSED;
  }

  /** Without what people type between the groups of a code. */
  private static String normal(String code) {
    return code.length() > Limits.SECOND_FACTOR_CODE_CHARACTERS
        ? ""
        : code.replaceAll("[\\s-]", "").toLowerCase(Locale.ROOT);
  }

  private static boolean isOfApp(String typed) {
    return typed.matches("[0-9]{" + OneTimeCodes.DIGITS + "}");
  }

  private boolean useCode(Agents.Agent agent, String sealed, String code) {
    OptionalLong step = triedStep(agent, sealed, code);
    return step.isPresent() && factors.useCode(agent.identity(), sealed, step.getAsLong());
  }

  /** The time step of a code, whose try counts. */
  private OptionalLong triedStep(Agents.Agent agent, String sealed, String code) {
    String secret = opened(agent, sealed); // first, so that an outage uses up no try
    if (!factors.tryCode(agent.identity(), clock.instant())) {
      security.write(Event.SIGN_INS_LIMITED, agent.name(), "");
      throw new TooManyRequests("codes of one agent", Limits.SECOND_FACTOR_WINDOW);
    }
    return OneTimeCodes.step(secret, code, clock.instant());
  }

  private String opened(Agents.Agent agent, String sealed) {
    if (clock.isInDoubt()) {
      throw new Unavailable("the inbox", "the clock has jumped, and may be wrong", null);
    }
    return secrets
        .open(agent.identity().text(), sealed)
        .orElseThrow(() -> new Unavailable(
            "the inbox",
            "the second factor of an agent was sealed by a key that is gone: run \"parlour agents"
                + " reset\" for " + agent.name(),
            null));
  }

  private boolean useRecovery(Agents.Agent agent, String typed) {
    boolean isUsed = factors.useRecoveryCode(agent.identity(), GeneratedSecrets.hexDigest(typed));
    if (isUsed) {
      security.write(Event.AGENT_RECOVERY_CODE_USED, agent.name(), "");
    }
    return isUsed;
  }

  /**
   * Makes the secret of an app, which is pending until {@link #confirm}, at most for {@link
   * Limits#SECOND_FACTOR_SET_UP}.
   */
  String begin(Agents.Agent agent) {
    String secret = OneTimeCodes.nextSecret(random);
    factors.begin(agent.identity(), secrets.seal(agent.identity().text(), secret), clock.instant());
    return secret;
  }

  /**
   * Adds the second factor whose secret is pending, in place of another one, and signs the agent's
   * other browsers out.
   *
   * @param cookie of the browser that stays signed in
   * @return the recovery codes; empty if the code is wrong
   * @throws Problem if no secret is pending, or no longer
   * @throws TooManyRequests after too many codes
   */
  Optional<List<String>> confirm(Agents.Agent agent, String cookie, String code) {
    String pending = find(agent)
        .pending()
        .filter(this::isRecent)
        .map(Pending::sealed)
        .orElseThrow(() -> new Problem(ErrorCode.SECOND_FACTOR_REFUSED, SET_UP_OVER));
    OptionalLong step = triedStep(agent, pending, normal(code));
    if (step.isEmpty()) {
      security.write(Event.AGENT_CODE_REFUSED, agent.name(), "");
      return Optional.empty();
    }
    List<String> codes = new ArrayList<>();
    for (int i = 0; i < Limits.RECOVERY_CODES; i++) {
      codes.add(GeneratedSecrets.nextRecoveryCode(random));
    }
    if (!factors.confirm(
        agent.identity(),
        pending,
        step.getAsLong(),
        codes.stream().map(one -> GeneratedSecrets.hexDigest(normal(one))).toList(),
        GeneratedSecrets.hexDigest(cookie))) {
      return Optional.empty();
    }
    security.write(Event.AGENT_SECOND_FACTOR_ADDED, agent.name(), "");
    return Optional.of(codes);
  }

  /** In both directions, because a set-up in the future began while the clock was ahead. */
  private boolean isRecent(Pending pending) {
    return Duration.between(pending.since(), clock.instant())
            .abs()
            .compareTo(Limits.SECOND_FACTOR_SET_UP)
        < 0;
  }

  void remove(Agents.Agent agent) {
    if (factors.remove(agent.identity())) {
      security.write(Event.AGENT_SECOND_FACTOR_REMOVED, agent.name(), "");
    }
  }
}
