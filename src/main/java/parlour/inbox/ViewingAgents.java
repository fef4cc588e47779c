package parlour.inbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.events.EventBus;

/**
 * The agents who look at conversations, in memory only, and for seconds. All processes receive each
 * report; one that is lost is followed by the page's next one.
 */
final class ViewingAgents {

  /**
   * A report that an agent looks at a conversation.
   *
   * @param number grows with each in this process; a stream that sent it sends only higher ones
   */
  record Viewing(Sid.Conversation conversation, Identity agent, Instant at, long number) {}

  private final Cache<Sid.Account, List<Viewing>> looks = Caffeine.newBuilder()
      .maximumSize(Limits.VIEWING_ACCOUNTS)
      .expireAfterWrite(Limits.VIEWING_TTL)
      .build();
  private final AtomicLong numbers = new AtomicLong();
  private final EventBus events;
  private final InstantSource clock;

  ViewingAgents(EventBus events, InstantSource clock) {
    this.events = events;
    this.clock = clock;
    events.subscribe(event -> {
      if (event
          instanceof
          BusEvent.AgentViewing(
              Sid.Account account,
              Sid.Conversation conversation,
              Identity agent)) {
        add(account, conversation, agent);
      }
    });
  }

  /** Publishes that an agent looks at a conversation. It need not exist: only agents receive this. */
  void report(Agents.Agent agent, Sid.Conversation conversation) {
    events.publish(new BusEvent.AgentViewing(agent.account(), conversation, agent.identity()));
  }

  /** The number before every report from now on. */
  long now() {
    return numbers.get();
  }

  /** The reports about an account's conversations after a number, the oldest first. */
  List<Viewing> after(Sid.Account account, long number) {
    events.follow(account);
    List<Viewing> known = looks.getIfPresent(account);
    Instant now = clock.instant();
    return known == null
        ? List.of()
        : known.stream()
            .filter(look -> look.number() > number && isFresh(look, now))
            .toList();
  }

  private void add(Sid.Account account, Sid.Conversation conversation, Identity agent) {
    Instant now = clock.instant();
    Viewing look = new Viewing(conversation, agent, now, numbers.incrementAndGet());
    looks
        .asMap()
        .merge(
            account,
            List.of(look),
            (before, one) -> Stream.concat(
                    before.stream()
                        .filter(other -> isFresh(other, now))
                        .filter(other -> !other.agent().equals(agent)
                            || !other.conversation().equals(conversation))
                        .skip(before.size() < Limits.VIEWING_AGENTS ? 0 : 1),
                    one.stream())
                .toList());
  }

  private static boolean isFresh(Viewing look, Instant now) {
    return now.isBefore(look.at().plus(Limits.VIEWING_TTL));
  }
}
