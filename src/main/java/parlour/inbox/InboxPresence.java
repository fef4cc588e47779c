package parlour.inbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Presence;

/**
 * Whether an agent who sees the conversations of an address has the inbox open. The open pages record it in the store, which all
 * processes share. Each process reads it again after some seconds, and not for each guest.
 *
 * <p>A process that has just started takes every inbox for open: its agents' pages may not have
 * connected again yet, and nobody recorded that they were open while it was down.
 */
public final class InboxPresence implements Presence {
  private final Agents agents;
  private final InstantSource clock;
  private final Instant started;
  private final Cache<Sid.Address, Read> reads = Caffeine.newBuilder()
      .maximumSize(Limits.DIRECTORY_CACHE_ENTRIES)
      .expireAfterWrite(Limits.AVAILABILITY_AGE)
      .build();

  /** When the inbox was last open, as the store knew it at an instant. */
  private record Read(Optional<Instant> lastOpen, Instant at) {
    boolean isFresh(Instant now) {
      return isWithin(Limits.AVAILABILITY_AGE, at, now);
    }
  }

  public InboxPresence(Agents agents, InstantSource clock) {
    this.agents = agents;
    this.clock = clock;
    this.started = clock.instant();
  }

  @Override
  public boolean isInboxDeserted(Sid.Account account, Sid.Address desk) {
    Instant now = clock.instant();
    if (isWithin(Limits.INBOX_OPEN_TTL, started, now)) {
      return false;
    }
    return lastOpen(account, desk, now)
        .filter(last -> last.plus(Limits.INBOX_OPEN_TTL).isBefore(now))
        .isPresent();
  }

  /** Reads outside of the cache's locks: while the store hangs, callers wait side by side. */
  private Optional<Instant> lastOpen(Sid.Account account, Sid.Address desk, Instant now) {
    Read known = reads.getIfPresent(desk);
    if (known != null && known.isFresh(now)) {
      return known.lastOpen();
    }
    Optional<Instant> read = agents.lastOpen(account, desk, now);
    reads.put(desk, new Read(read, now));
    return read;
  }

  /** Whether it is less than this time since an instant. A clock that was set back ends it, too. */
  private static boolean isWithin(Duration time, Instant since, Instant now) {
    return !now.isBefore(since) && now.isBefore(since.plus(time));
  }
}
