package parlour.honest;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** The counts of a simulation. */
final class Counts {
  long guests;
  long guestDays;
  long chats;
  long reloads;
  long otherCalls;
  long messages;
  long sockets;
  long correctedTimes;
  long renewals;
  /** Answers 429 and 503, after which the browser tries again. */
  long undecided;

  private Duration longestWait = Duration.ZERO;

  /** Late refusals of another tab's older token, where there is no key. The widget ignores them. */
  long ignored;

  /** Beginnings and ends of daylight saving, of those that happened, south of the equator. */
  long inTheSouth;

  /** Guests who were thrown out because of their browser. */
  long otherBrowsers;

  /** Refreshes with a token from before a change of the headers on the guest's route. */
  long changedButLetIn;

  private final Map<Cause, Long> happened = new EnumMap<>(Cause.class);
  private final Map<Cause, Long> refused = new EnumMap<>(Cause.class);

  void waited(Duration wait) {
    longestWait = wait.compareTo(longestWait) > 0 ? wait : longestWait;
  }

  /** The longest time in which a guest got only answers that decided nothing. */
  Duration longestWait() {
    return longestWait;
  }

  void happened(Cause cause) {
    happened.merge(cause, 1L, Long::sum);
  }

  void refused(Cause cause) {
    refused.merge(cause, 1L, Long::sum);
  }

  long happenedBy(Cause cause) {
    return happened.getOrDefault(cause, 0L);
  }

  long refusedBy(Cause cause) {
    return refused.getOrDefault(cause, 0L);
  }

  /** The table of the page docs/honest-guests.md. */
  String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        ("%,d guests, %,d guest-days, %,d chats, %,d reloads, %,d sockets, %,d messages, %,d other"
                + " calls; %,d renewals, %,d times corrected, %,d undecided (at most %s), %,d late"
                + " answers ignored, %,d changes of the hour in the south%n")
            .formatted(
                guests,
                guestDays,
                chats,
                reloads,
                sockets,
                messages,
                otherCalls,
                renewals,
                correctedTimes,
                undecided,
                longestWait,
                ignored,
                inTheSouth));
    table.append("| cause | happened | refused | refused per 10,000 reloads |%n|---|---|---|---|%n"
        .formatted());
    for (Cause cause : Cause.values()) {
      table.append("| %s | %,d | %,d | %.3f |%n"
          .formatted(
              cause.text,
              happenedBy(cause),
              refusedBy(cause),
              refusedBy(cause) * 10_000.0 / reloads));
    }
    return table.toString();
  }
}
