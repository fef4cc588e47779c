package parlour.rates;

import parlour.Limits;

/**
 * All rates: so many calls a minute, and as many again at once. Each kind of call is counted for
 * itself, and for each whom it is counted of.
 */
public enum Rate {
  // At the edge, which knows addresses and paths.
  CREATES(Of.ADDRESS, Limits.CREATES_PER_MINUTE),
  REFRESHES(Of.ADDRESS, Limits.REFRESHES_PER_MINUTE),
  HISTORIES(Of.ADDRESS, Limits.HISTORIES_PER_MINUTE),
  MESSAGES(Of.ADDRESS, Limits.MESSAGES_PER_MINUTE, Limits.MESSAGE_BYTES_PER_MINUTE),
  SIGNS(Of.ADDRESS, Limits.SIGNS_PER_MINUTE),
  STREAMS(Of.ADDRESS, Limits.STREAMS_PER_MINUTE),
  SERVERS(Of.ADDRESS, Limits.SERVER_CALLS_PER_MINUTE),
  SIGN_INS(Of.ADDRESS, Limits.SIGN_INS_PER_MINUTE),
  INBOX(Of.ADDRESS, Limits.INBOX_CALLS_PER_MINUTE),

  // At the orchestrator, which knows deployments, and which pages they let in.
  DEPLOYMENT_CREATES(Of.DEPLOYMENT, Limits.DEPLOYMENT_CREATES_PER_MINUTE),
  DEPLOYMENT_REFRESHES(Of.DEPLOYMENT, Limits.DEPLOYMENT_REFRESHES_PER_MINUTE),
  DEPLOYMENT_CALLS(Of.DEPLOYMENT, Limits.DEPLOYMENT_CALLS_PER_MINUTE),
  DEPLOYMENT_STREAMS(Of.DEPLOYMENT, Limits.DEPLOYMENT_STREAMS_PER_MINUTE),
  ORIGIN_CREATES(Of.ORIGIN, Limits.DEPLOYMENT_CREATES_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_REFRESHES(Of.ORIGIN, Limits.DEPLOYMENT_REFRESHES_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_CALLS(Of.ORIGIN, Limits.DEPLOYMENT_CALLS_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_STREAMS(Of.ORIGIN, Limits.DEPLOYMENT_STREAMS_PER_MINUTE / Limits.ORIGIN_SHARE),

  // Where a token was opened and found good: of its session.
  SESSION_REFRESHES(Of.SESSION, Limits.SESSION_REFRESHES_PER_MINUTE),
  SESSION_HISTORIES(Of.SESSION, Limits.SESSION_HISTORIES_PER_MINUTE),
  SESSION_MESSAGES(
      Of.SESSION, Limits.SESSION_MESSAGES_PER_MINUTE, Limits.SESSION_MESSAGE_BYTES_PER_MINUTE),
  SESSION_SIGNS(Of.SESSION, Limits.SESSION_SIGNS_PER_MINUTE),
  SESSION_STREAMS(Of.SESSION, Limits.SESSION_STREAMS_PER_MINUTE),

  // Against guessing; no setting switches these off.
  REFUSALS(Of.REFUSED_SESSION, Limits.REFUSALS_PER_SESSION),
  AGENT_ATTEMPTS(Of.AGENT_NAME, Limits.AGENT_ATTEMPTS);

  /** Of whom calls are counted. What one kind floods with drives nobody of another kind out. */
  public enum Of {
    ADDRESS(Limits.CLIENT_BUCKETS),
    DEPLOYMENT(Limits.DEPLOYMENT_BUCKETS),
    ORIGIN(Limits.DEPLOYMENT_BUCKETS),
    SESSION(Limits.SESSION_BUCKETS),
    REFUSED_SESSION(Limits.REFUSAL_BUCKETS),
    AGENT_NAME(Limits.AGENT_NAMES_COUNTED);

    private final int countedAtOnce;

    Of(int countedAtOnce) {
      this.countedAtOnce = countedAtOnce;
    }

    int countedAtOnce() {
      return countedAtOnce;
    }
  }

  private final Of of;
  private final int calls;
  private final long bytes;

  /** For calls whose number of bytes other bounds keep small. */
  Rate(Of of, int callsPerMinute) {
    this(of, callsPerMinute, Long.MAX_VALUE);
  }

  Rate(Of of, int callsPerMinute, long bytesPerMinute) {
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

  public Of of() {
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
