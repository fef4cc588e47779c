package parlour.honest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.scopedauth.GuestToken;

/**
 * The tokens of one session in the order of their issue, and what follows for each from the public
 * rules, without the records and the generations of the server. All times are those of the server's
 * clock, also if it was wrong.
 */
final class IssuedTokens {
  /** So many first uses are recorded at least ({@link Limits#CONFIRMATIONS_CHARACTERS}). */
  private static final int RECORDED_USES = 20;

  /** A token, which was issued for another one unless it is the first. */
  static final class Issued {
    final GuestToken token;
    private final @Nullable Issued parent;
    private final Instant expires;
    private final Instant issuedAt;
    private @Nullable Instant firstUse;

    private Issued(GuestToken token, @Nullable Issued parent, Instant expires, Instant issuedAt) {
      this.token = token;
      this.parent = parent;
      this.expires = expires;
      this.issuedAt = issuedAt;
    }

    private boolean descendsFrom(Issued other) {
      for (Issued at = parent; at != null; at = at.parent) {
        if (at == other) {
          return true;
        }
      }
      return false;
    }

    private boolean isExpired(Instant now) {
      return !now.isBefore(expires);
    }

    /** Whether its first use was so long ago that it supersedes older tokens for good. */
    private boolean isInUseAt(Instant now) {
      return firstUse != null && !now.isBefore(firstUse.plus(Limits.GENERATION_GRACE));
    }

    /** Whether older tokens can be in the grace that begins with its first use. */
    private boolean isNewInUse(Instant now) {
      return firstUse != null
          && now.isBefore(firstUse.plus(Limits.GENERATION_GRACE))
          && !now.plus(Limits.CLOCK_SKEW).isBefore(firstUse);
    }

    /** Whether it was first used at a time that the clock has not reached again. */
    private boolean isUsedAfter(Instant now) {
      return firstUse != null && firstUse.isAfter(now);
    }
  }

  private final List<Issued> all = new ArrayList<>();

  IssuedTokens(GuestToken first, Instant expires, Instant now) {
    all.add(new Issued(first, null, expires, now));
    used(all.getLast(), now); // a session opens with its first token in use
  }

  Issued add(GuestToken token, Instant expires, Issued issuedFor, Instant now) {
    all.add(new Issued(token, issuedFor, expires, now));
    return all.getLast();
  }

  Issued get(int index) {
    return all.get(index);
  }

  int size() {
    return all.size();
  }

  int indexOf(Issued issued) {
    return all.indexOf(issued);
  }

  /** The server has accepted the token. No token is used before it was issued. */
  void used(Issued issued, Instant now) {
    if (issued.firstUse == null) {
      issued.firstUse = now.isBefore(issued.issuedAt) ? issued.issuedAt : now;
    }
  }

  /** Whether the token must not be good for anything but its renewal. */
  boolean isStale(Issued issued, Instant now) {
    return issued.isExpired(now)
        || all.stream().anyMatch(other -> other.isInUseAt(now) && other.descendsFrom(issued));
  }

  /**
   * The same after the clock has jumped. Of the tokens of one generation, the first one that was used
   * need not be the one with the earliest time.
   */
  boolean isSurelyStale(Issued issued, Instant now) {
    return issued.isExpired(now)
        || (isStale(issued, now) && all.stream().noneMatch(other -> other.isNewInUse(now)));
  }

  /**
   * Whether the token must be good: it has not expired, and no token that can be newer has been in
   * use for longer than the grace. A token can be neither stale nor fresh, where only the server
   * knows which of two tokens is the newer one.
   */
  boolean isFresh(Issued issued, Instant now) {
    List<Issued> others = all.stream()
        .filter(other -> other.firstUse != null && other != issued && !issued.descendsFrom(other))
        .toList();
    return !issued.isExpired(now)
        && others.size() <= RECORDED_USES
        && others.stream().noneMatch(other -> other.isInUseAt(now) || other.isUsedAfter(now));
  }
}
