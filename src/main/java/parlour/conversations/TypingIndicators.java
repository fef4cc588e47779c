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
 * Who is typing, for the seconds that it is of interest. Kept nowhere else.
 *
 * <p>Numbers are those of the clock, so that who is told some by one node and goes on at another
 * misses or hears twice no more than the clocks differ by.
 */
final class TypingIndicators {
  private final Cache<Sid, List<Entry>> notes = Caffeine.newBuilder()
      .maximumSize(Limits.TYPING_CONVERSATIONS)
      .expireAfterWrite(Limits.TYPING_TTL)
      .build();
  private final AtomicLong numbers = new AtomicLong();
  private final InstantSource clock;

  /**
   * @param who looks the participant up, if there is still one, for a node that was only told a sid
   */
  private record Entry(
      Sid.Participant sid, long number, Instant at, Supplier<Optional<Participant>> who) {}

  TypingIndicators(InstantSource clock) {
    this.clock = clock;
  }

  /** Where one begins who wants only what is typed from now on. */
  long now() {
    return numbers.updateAndGet(last -> Math.max(last, clock.millis() << 10));
  }

  /**
   * @param where the conversation, and the account it is of: whose followers are to know
   */
  void add(Sid.Participant participant, Supplier<Optional<Participant>> who, Sid... where) {
    Instant now = clock.instant();
    long number = numbers.updateAndGet(last -> Math.max(last + 1, clock.millis() << 10));
    Entry entry = new Entry(participant, number, now, who);
    for (Sid sid : where) {
      notes
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

  /** Those in a conversation or account after a number, oldest first. */
  List<Typing> after(Sid where, long number) {
    List<Entry> entries = notes.getIfPresent(where);
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
