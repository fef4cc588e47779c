package parlour;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Logs an outage of a repeated task or of many calls: a warning when it begins, a reminder with the
 * number of failures every {@link Limits#OUTAGE_REMINDER}, and a warning when it has ended. If
 * failures have other reasons meanwhile, it logs these too, up to {@link Limits#OUTAGE_REASONS};
 * all other failures are logged at debug level. If nothing reports success, as with calls, the
 * outage ends without a line after {@link Limits#OUTAGE_QUIET} without a failure.
 *
 * <p>A failure that is not {@link Unavailable} is a bug, and its first line has the stack trace.
 * Safe for use by several threads.
 */
public final class OutageLog {
  private final Logger log;
  private final String what;
  private final LongSupplier nanoTime;

  /** Whether there is an outage. Written under the lock, read without it. */
  private volatile boolean failing;

  @GuardedBy("this")
  private final Set<String> reasons = new HashSet<>();

  /** The number of these reasons, by the client whose call had them first. */
  @GuardedBy("this")
  private final Map<String, Integer> reasonsOfClients = new HashMap<>();

  @GuardedBy("this")
  private long failures;

  @GuardedBy("this")
  private long began;

  @GuardedBy("this")
  private long lastFailed;

  @GuardedBy("this")
  private long lastLogged;

  /**
   * @param what the work that fails, which begins each line
   */
  public OutageLog(Logger log, String what) {
    this(log, what, System::nanoTime);
  }

  /**
   * @param nanoTime in place of {@link System#nanoTime}
   */
  public OutageLog(Logger log, String what, LongSupplier nanoTime) {
    this.log = log;
    this.what = what;
    this.nanoTime = nanoTime;
  }

  /** The work failed. */
  public void failed(Throwable failure) {
    failed(failure, null);
  }

  /**
   * The work failed for a call.
   *
   * @param trace the id of the call's trace
   */
  public void failed(Throwable failure, @Nullable String trace) {
    if (failure instanceof Unavailable) {
      failed(String.valueOf(failure.getMessage()), trace, null, "");
    } else {
      StackTraceElement[] frames = failure.getStackTrace();
      String where = frames.length == 0 ? "" : " at " + frames[0];
      failed("a bug: " + failure.getClass().getName() + where, trace, failure, "");
    }
  }

  /**
   * The work failed.
   *
   * @param why one sentence; no token, signal, address or body in it
   */
  public void failed(String why) {
    failed(why, null, null, "");
  }

  /**
   * The work failed for a call.
   *
   * @param why one sentence; no token, signal, address or body in it
   */
  public void failed(String why, String trace) {
    failed(why, trace, null, "");
  }

  /**
   * The work failed for a call whose client can invent a part of the reason. In one outage the log
   * has at most {@link Limits#OUTAGE_REASONS_PER_CLIENT} reasons of one client, so that it cannot hide
   * those of others.
   *
   * @param why one sentence; no token, signal, address or body in it
   * @param client its address, which is not logged; empty if it is one of our own processes
   */
  public void failedFor(String client, String why, String trace) {
    failed(why, trace, null, client);
  }

  private synchronized void failed(
      String why, @Nullable String trace, @Nullable Throwable bug, String client) {
    long now = nanoTime.getAsLong();
    if (failures > 0 && now - lastFailed >= Limits.OUTAGE_QUIET.toNanos()) {
      reset();
    }
    if (failures == 0) {
      began = now;
      lastLogged = now;
    }
    failures++;
    lastFailed = now;
    failing = true;
    if (isNew(why, client)) {
      line(log.atWarn(), trace, bug).log("{}: {}", what, why);
    } else if (now - lastLogged >= Limits.OUTAGE_REMINDER.toNanos()) {
      lastLogged = now;
      line(log.atWarn(), trace, null)
          .log("{}: {} ({} failures in {} s)", what, why, failures, seconds(now));
    } else {
      line(log.atDebug(), trace, null).log("{}: {}", what, why);
    }
  }

  @GuardedBy("this")
  private boolean isNew(String why, String client) {
    boolean hasShare = client.isEmpty()
        || reasonsOfClients.getOrDefault(client, 0) < Limits.OUTAGE_REASONS_PER_CLIENT;
    boolean isNew = hasShare && reasons.size() < Limits.OUTAGE_REASONS && reasons.add(why);
    if (isNew && !client.isEmpty()) {
      reasonsOfClients.merge(client, 1, Integer::sum);
    }
    return isNew;
  }

  private static LoggingEventBuilder line(
      LoggingEventBuilder line, @Nullable String trace, @Nullable Throwable bug) {
    LoggingEventBuilder traced = trace == null ? line : line.addKeyValue("trace", trace);
    return bug == null ? traced : traced.setCause(bug);
  }

  /** The work succeeded. Reads one field while there is no outage. */
  public void worked() {
    if (failing) {
      end();
    }
  }

  /** Ends the outage only after some time without a failure, so that it is logged once. */
  private synchronized void end() {
    long now = nanoTime.getAsLong();
    if (failing && now - lastFailed >= Limits.OUTAGE_OVER.toNanos()) {
      log.warn("{}: recovered ({} failures in {} s)", what, failures, seconds(now));
      reset();
    }
  }

  @GuardedBy("this")
  private long seconds(long now) {
    return Duration.ofNanos(now - began).toSeconds();
  }

  @GuardedBy("this")
  private void reset() {
    failing = false;
    failures = 0;
    reasons.clear();
    reasonsOfClients.clear();
  }
}
