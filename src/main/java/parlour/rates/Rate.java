package parlour.rates;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import parlour.Limits;

/**
 * All rates. Each allows a number of calls a minute or a day, and as many in a burst. Each kind of
 * call is counted separately, for each client, deployment, page, session or name.
 */
public enum Rate {
  // Counted at the edge, which knows addresses and paths.
  CREATES(Scope.ADDRESS, Limits.CREATES_PER_MINUTE),
  REFRESHES(Scope.ADDRESS, Limits.REFRESHES_PER_MINUTE),
  HISTORIES(Scope.ADDRESS, Limits.HISTORIES_PER_MINUTE),
  MESSAGES(Scope.ADDRESS, Limits.MESSAGES_PER_MINUTE, Limits.MESSAGE_BYTES_PER_MINUTE),
  UPLOADS(Scope.ADDRESS, Limits.UPLOADS_PER_MINUTE, Limits.UPLOAD_BYTES_PER_MINUTE),
  DAILY_UPLOADS(Scope.ADDRESS_OF_DAY, Limits.UPLOADS_PER_DAY, Limits.UPLOAD_BYTES_PER_DAY),
  DOWNLOADS(Scope.ADDRESS, Limits.DOWNLOADS_PER_MINUTE),
  SIGNS(Scope.ADDRESS, Limits.SIGNS_PER_MINUTE),
  STREAMS(Scope.ADDRESS, Limits.STREAMS_PER_MINUTE),
  SERVERS(Scope.ADDRESS, Limits.SERVER_CALLS_PER_MINUTE),
  SIGN_INS(Scope.ADDRESS, Limits.SIGN_INS_PER_MINUTE),
  INBOX(Scope.ADDRESS, Limits.INBOX_CALLS_PER_MINUTE),

  // Counted by each process for itself: a frame costs less than asking another process.
  REALTIME_FRAMES(
      Scope.ADDRESS, Limits.REALTIME_FRAMES_PER_MINUTE, Limits.REALTIME_FRAME_BYTES_PER_MINUTE),

  // Counted at the orchestrator, which knows deployments and their origins.
  DEPLOYMENT_CREATES(Scope.DEPLOYMENT, Limits.DEPLOYMENT_CREATES_PER_MINUTE),
  DEPLOYMENT_REFRESHES(Scope.DEPLOYMENT, Limits.DEPLOYMENT_REFRESHES_PER_MINUTE),
  DEPLOYMENT_CALLS(Scope.DEPLOYMENT, Limits.DEPLOYMENT_CALLS_PER_MINUTE),
  DEPLOYMENT_STREAMS(Scope.DEPLOYMENT, Limits.DEPLOYMENT_STREAMS_PER_MINUTE),
  ORIGIN_CREATES(Scope.ORIGIN, Limits.DEPLOYMENT_CREATES_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_REFRESHES(Scope.ORIGIN, Limits.DEPLOYMENT_REFRESHES_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_CALLS(Scope.ORIGIN, Limits.DEPLOYMENT_CALLS_PER_MINUTE / Limits.ORIGIN_SHARE),
  ORIGIN_STREAMS(Scope.ORIGIN, Limits.DEPLOYMENT_STREAMS_PER_MINUTE / Limits.ORIGIN_SHARE),

  // Counted for its session, after a token was validated.
  SESSION_REFRESHES(Scope.SESSION, Limits.SESSION_REFRESHES_PER_MINUTE),
  SESSION_REPEATS(Scope.SESSION, Limits.SESSION_REPEATS_PER_MINUTE),
  SESSION_HISTORIES(Scope.SESSION, Limits.SESSION_HISTORIES_PER_MINUTE),
  SESSION_MESSAGES(
      Scope.SESSION, Limits.SESSION_MESSAGES_PER_MINUTE, Limits.SESSION_MESSAGE_BYTES_PER_MINUTE),
  SESSION_UPLOADS(
      Scope.SESSION, Limits.SESSION_UPLOADS_PER_MINUTE, Limits.SESSION_UPLOAD_BYTES_PER_MINUTE),
  SESSION_SIGNS(Scope.SESSION, Limits.SESSION_SIGNS_PER_MINUTE),
  SESSION_STREAMS(Scope.SESSION, Limits.SESSION_STREAMS_PER_MINUTE),

  // Against guessing. No setting switches these off.
  REFUSALS(Scope.REFUSED_SESSION, Limits.REFUSALS_PER_SESSION),
  AGENT_ATTEMPTS(Scope.AGENT_NAME, Limits.AGENT_ATTEMPTS),

  // Counted by each process for itself, by kind and cause: how many events the ledger keeps.
  LEDGER_BURST(Scope.LEDGER, Limits.LEDGER_NOTES_PER_MINUTE),
  LEDGER_DAY(Scope.LEDGER_OF_DAY, Limits.LEDGER_NOTES_PER_DAY),
  LEDGER_STRANGERS(Scope.LEDGER_OF_DAY, Limits.LEDGER_STRANGERS_PER_DAY),
  LEDGER_DEPLOYMENT(
      Scope.LEDGER_DEPLOYMENT, Limits.LEDGER_STRANGERS_PER_DAY / Limits.LEDGER_DEPLOYMENT_PART),
  LEDGER_NETWORK(
      Scope.LEDGER_NETWORK, Limits.LEDGER_STRANGERS_PER_DAY / Limits.LEDGER_NETWORK_PART),
  LEDGER_DEPLOYMENT_FIRSTS(
      Scope.LEDGER_DEPLOYMENT, Limits.LEDGER_FIRSTS_PER_DAY / Limits.LEDGER_DEPLOYMENT_PART),
  LEDGER_NETWORK_FIRSTS(
      Scope.LEDGER_NETWORK, Limits.LEDGER_FIRSTS_PER_DAY / Limits.LEDGER_NETWORK_PART),
  LEDGER_FIRSTS(Scope.LEDGER_OF_DAY, Limits.LEDGER_FIRSTS_PER_DAY),
  LEDGER_OUTAGES(Scope.LEDGER, Limits.LEDGER_OUTAGES_PER_MINUTE),
  LEDGER_OUTAGES_OF_NETWORK(
      Scope.LEDGER_OUTAGE_NETWORK, Limits.LEDGER_OUTAGES_PER_MINUTE / Limits.LEDGER_NETWORK_PART),
  LEDGER_FIRST(Scope.LEDGER_FIRST, 1); // of a session or an actor in a day

  /** The keys by which calls are counted. A flood of one kind evicts no buckets of another kind. */
  public enum Scope {
    ADDRESS(Limits.CLIENT_BUCKETS),
    ADDRESS_OF_DAY(Limits.CLIENT_DAY_BUCKETS, Limits.RATE_DAY),
    DEPLOYMENT(Limits.DEPLOYMENT_BUCKETS),
    ORIGIN(Limits.DEPLOYMENT_BUCKETS),
    SESSION(Limits.SESSION_BUCKETS),
    REFUSED_SESSION(Limits.REFUSAL_BUCKETS),
    AGENT_NAME(Limits.AGENT_NAMES_COUNTED),
    LEDGER(Limits.LEDGER_KINDS),
    LEDGER_OF_DAY(Limits.LEDGER_KINDS, Limits.RATE_DAY),
    LEDGER_DEPLOYMENT(Limits.DEPLOYMENT_BUCKETS, Limits.RATE_DAY),
    LEDGER_NETWORK(Limits.LEDGER_FIRSTS, Limits.RATE_DAY),
    LEDGER_OUTAGE_NETWORK(Limits.LEDGER_FIRSTS),
    LEDGER_FIRST(Limits.LEDGER_FIRSTS, Limits.RATE_DAY);

    private final int countedAtOnce;
    private final Duration window;
    private final long windowMicros;

    Scope(int countedAtOnce) {
      this(countedAtOnce, Limits.RATE_WINDOW);
    }

    /**
     * @param window the time in which an empty bucket is full again
     */
    Scope(int countedAtOnce, Duration window) {
      this.countedAtOnce = countedAtOnce;
      this.window = window;
      this.windowMicros = TimeUnit.NANOSECONDS.toMicros(window.toNanos());
    }

    int countedAtOnce() {
      return countedAtOnce;
    }

    Duration window() {
      return window;
    }
  }

  private final Scope of;
  private final int calls;
  private final long bytes;

  /** For calls whose bodies are short, by other limits. */
  Rate(Scope of, int callsPerMinute) {
    this(of, callsPerMinute, Long.MAX_VALUE);
  }

  Rate(Scope of, int callsPerMinute, long bytesPerMinute) {
    this.of = of;
    this.calls = callsPerMinute;
    this.bytes = bytesPerMinute;
  }

  /** The length of a call whose length was not announced: as the longest. */
  public long longestCall() {
    return this == UPLOADS || this == DAILY_UPLOADS
        ? Limits.MEDIA_FILE_BYTES
        : Limits.MESSAGE_BODY_BYTES + Limits.ATTRIBUTES_BYTES;
  }

  /**
   * Whether each call is counted exactly, even if that takes longer: it slows guessing, or a node
   * would forget what it knows of the bucket long before the bucket is full again.
   */
  public boolean isExact() {
    return switch (of) {
      case REFUSED_SESSION, AGENT_NAME, ADDRESS_OF_DAY -> true;
      case ADDRESS,
          DEPLOYMENT,
          ORIGIN,
          SESSION,
          LEDGER,
          LEDGER_OF_DAY,
          LEDGER_DEPLOYMENT,
          LEDGER_NETWORK,
          LEDGER_OUTAGE_NETWORK,
          LEDGER_FIRST -> false;
    };
  }

  public Scope of() {
    return of;
  }

  /** Within {@link Limits#RATE_WINDOW}, or {@link Limits#RATE_DAY}. */
  public int calls() {
    return calls;
  }

  /** The time in which an empty bucket is full again. */
  public long windowMicros() {
    return of.windowMicros;
  }

  /**
   * The time in which so many drops come back to the bucket. Whole microseconds, as Redis counts,
   * so that both places give the same answer; rounded down, so that a full bucket holds all its
   * drops.
   */
  public long refillMicros(int drops) {
    return windowMicros() * drops / calls;
  }

  /** The time in which so many drops come back to the bucket, in nanoseconds. */
  public long refillNanos(int drops) {
    return TimeUnit.MICROSECONDS.toNanos(refillMicros(drops));
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
