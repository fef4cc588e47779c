package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import parlour.Limits;
import parlour.Sid;

/**
 * The participants who are typing, in memory only, and for seconds.
 *
 * <p>Sequence numbers are timestamps, so a client whose stream moves to another node misses or
 * repeats at most what the two clocks differ by.
 */
final class TypingIndicators {
  private final Cache<Sid, List<Entry>> entries = Caffeine.newBuilder()
      .maximumSize(Limits.TYPING_CONVERSATIONS)
      .expireAfterWrite(Limits.TYPING_TTL)
      .build();
  private final AtomicLong numbers = new AtomicLong();
  private final InstantSource clock;

  /**
   * @param who reads the participant, because an event carries only the sid
   */
  private record Entry(
      Sid.Participant sid, long number, Instant at, Supplier<Optional<Participant>> who) {}

  TypingIndicators(InstantSource clock) {
    this.clock = clock;
  }

  /** The number before everything that is typed from now on. */
  long now() {
    return numbers.updateAndGet(last -> Math.max(last, clock.millis() << 10));
  }

  /**
   * @param where the conversation and its account, whose subscribers receive it
   */
  void add(Sid.Participant participant, Supplier<Optional<Participant>> who, Sid... where) {
    Instant now = clock.instant();
    long number = numbers.updateAndGet(last -> Math.max(last + 1, clock.millis() << 10));
    Entry entry = new Entry(participant, number, now, who);
    for (Sid sid : where) {
      entries
          .asMap()
          .merge(
              sid,
              List.of(entry),
              (before, one) -> Stream.concat(
                      before.stream()
                          .filter(other -> isFresh(other, now))
                          .filter(other -> !other.sid().equals(participant))
                          .skip(before.size() < Limits.TYPING_PARTICIPANTS ? 0 : 1),
                      one.stream())
                  .toList());
    }
  }

  /** Those of a conversation or an account after a number, the oldest first. */
  List<Typing> after(Sid where, long number) {
    List<Entry> entries = this.entries.getIfPresent(where);
    if (entries == null) {
      return List.of();
    }
    Instant now = clock.instant();
    return entries.stream()
        .filter(one -> one.number() > number && isFresh(one, now))
        .flatMap(one -> one.who().get().map(who -> new Typing(who, one.number())).stream())
        .toList();
  }

  private static boolean isFresh(Entry entry, Instant now) {
    return now.isBefore(entry.at().plus(Limits.TYPING_TTL));
  }
}
