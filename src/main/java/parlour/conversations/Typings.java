package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import parlour.Limits;
import parlour.Sid;

/** Who is typing, for the seconds that it is of interest. Kept nowhere else. */
final class Typings {
  private final Cache<Sid, List<Noted>> notes = Caffeine.newBuilder()
      .maximumSize(Limits.TYPING_CONVERSATIONS)
      .expireAfterWrite(Limits.TYPING)
      .build();
  private final AtomicLong numbers;
  private final InstantSource clock;

  private record Noted(Typing typing, Instant at) {}

  /** Numbers go on above those of a process before this one: its followers may come here. */
  Typings(InstantSource clock) {
    this.clock = clock;
    this.numbers = new AtomicLong(clock.millis() << 10);
  }

  /** Where one begins who wants only what is typed from now on. */
  long now() {
    return numbers.get();
  }

  /**
   * @param where the conversation, and the account it is of: whose followers are to know
   */
  void note(Participant participant, Sid... where) {
    Instant now = clock.instant();
    Noted noted = new Noted(new Typing(participant, numbers.incrementAndGet()), now);
    for (Sid sid : where) {
      notes
          .asMap()
          .merge(
              sid,
              List.of(noted),
              (before, one) -> Stream.concat(
                      before.stream()
                          .filter(other -> isFresh(other, now))
                          .filter(other ->
                              !other.typing().participant().sid().equals(participant.sid()))
                          .skip(before.size() < Limits.TYPISTS ? 0 : 1),
                      one.stream())
                  .toList());
    }
  }

  /** Those in a conversation or account after a number, oldest first. */
  List<Typing> after(Sid where, long number) {
    List<Noted> noted = notes.getIfPresent(where);
    if (noted == null) {
      return List.of();
    }
    Instant now = clock.instant();
    return noted.stream()
        .filter(one -> one.typing().number() > number && isFresh(one, now))
        .map(Noted::typing)
        .toList();
  }

  private static boolean isFresh(Noted noted, Instant now) {
    return now.isBefore(noted.at().plus(Limits.TYPING));
  }
}
