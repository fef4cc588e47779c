package parlour.rates;

import parlour.Limits;

/**
 * All rates: so many calls a minute, and as many again at once. Each kind of call is counted for
 * itself, and for each whom it is counted of.
 */
public enum Rate {
  // At the edge, which knows addresses and paths.
  CREATES(Scope.ADDRESS, Limits.CREATES_PER_MINUTE),
  REFRESHES(Scope.ADDRESS, Limits.REFRESHES_PER_MINUTE),
  HISTORIES(Scope.ADDRESS, Limits.HISTORIES_PER_MINUTE),
  MESSAGES(Scope.ADDRESS, Limits.MESSAGES_PER_MINUTE, Limits.MESSAGE_BYTES_PER_MINUTE),
  SIGNS(Scope.ADDRESS, Limits.SIGNS_PER_MINUTE),
  STREAMS(Scope.ADDRESS, Limits.STREAMS_PER_MINUTE),
  SERVERS(Scope.ADDRESS, Limits.SERVER_CALLS_PER_MINUTE),
  SIGN_INS(Scope.ADDRESS, Limits.SIGN_INS_PER_MINUTE),
  INBOX(Scope.ADDRESS, Limits.INBOX_CALLS_PER_MINUTE),

  // At the orchestrator, which knows deployments, and which pages they let in.
  DEPLOYMENT_CREATES(Scope.DEPLOYMENT, Limits.DEPLOYMENT_CREATES_PER_MINUTE),
  DEPLOYMENT_REFRESHES(Scope.DEPLOYMENT, Limits.DEPLOYMENT_REFRESHES_PER_MINUTE),
  DEPLOYMENT_CALLS(Scope.DEPLOYMENT, Limits.DEPLOYMENT_CALLS_PER_MINUTE),
  DEPLOYMENT_STREAMS(Scope.DEPLOYMENT, Limits.DEPLOYMENT_STREAMS_PER_MINUTE),
  ORIGIN_CREATES(Scope.ORIGIN, Limits.DEPLOYMENT_CREATES_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_REFRESHES(Scope.ORIGIN, Limits.DEPLOYMENT_REFRESHES_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_CALLS(Scope.ORIGIN, Limits.DEPLOYMENT_CALLS_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_STREAMS(Scope.ORIGIN, Limits.DEPLOYMENT_STREAMS_PER_MINUTE / Limits.ORIGIN_SHARE),

  // Where a token was opened and found good: of its session.
  SESSION_REFRESHES(Scope.SESSION, Limits.SESSION_REFRESHES_PER_MINUTE),
  SESSION_HISTORIES(Scope.SESSION, Limits.SESSION_HISTORIES_PER_MINUTE),
  SESSION_MESSAGES(
      Scope.SESSION, Limits.SESSION_MESSAGES_PER_MINUTE, Limits.SESSION_MESSAGE_BYTES_PER_MINUTE),
  SESSION_SIGNS(Scope.SESSION, Limits.SESSION_SIGNS_PER_MINUTE),
  SESSION_STREAMS(Scope.SESSION, Limits.SESSION_STREAMS_PER_MINUTE),

  // Against guessing; no setting switches these off.
  REFUSALS(Scope.REFUSED_SESSION, Limits.REFUSALS_PER_SESSION),
  AGENT_ATTEMPTS(Scope.AGENT_NAME, Limits.AGENT_ATTEMPTS);

  /** Of whom calls are counted. What one kind floods with drives nobody of another kind out. */
  public enum Scope {
    ADDRESS(Limits.CLIENT_BUCKETS),
    DEPLOYMENT(Limits.DEPLOYMENT_BUCKETS),
    ORIGIN(Limits.DEPLOYMENT_BUCKETS),
    SESSION(Limits.SESSION_BUCKETS),
    REFUSED_SESSION(Limits.REFUSAL_BUCKETS),
    AGENT_NAME(Limits.AGENT_NAMES_COUNTED);

    private final int countedAtOnce;

    Scope(int countedAtOnce) {
      this.countedAtOnce = countedAtOnce;
    }

    int countedAtOnce() {
      return countedAtOnce;
    }
  }

  private final Scope of;
  private final int calls;
  private final long bytes;

  /** For calls whose number of bytes other bounds keep small. */
  Rate(Scope of, int callsPerMinute) {
    this(of, callsPerMinute, Long.MAX_VALUE);
  }

  Rate(Scope of, int callsPerMinute, long bytesPerMinute) {
    this.of = of;
    this.calls = callsPerMinute;
    this.bytes = bytesPerMinute;
  }

  /** Whether it slows guessing, where each try counts, and is never exceeded for speed. */
  public boolean isAgainstGuessing() {
    return switch (of) {
      case REFUSED_SESSION, AGENT_NAME -> true;
      case ADDRESS, DEPLOYMENT, ORIGIN, SESSION -> false;
    };
  }

  public Scope of() {
    return of;
  }

  /** Within {@link Limits#RATE_WINDOW}. */
  public int calls() {
    return calls;
  }

  /**
   * The number of calls that a call with this many bytes counts as: calls and bytes share one
   * bucket, so a long message counts as several short ones.
   */
  public int drops(long ofBytes) {
    long perDrop = bytes / calls;
    return Math.clamp((ofBytes + perDrop - 1) / perDrop, 1, calls);
  }
}
