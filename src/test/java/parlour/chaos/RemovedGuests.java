package parlour.chaos;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.IntFunction;
import parlour.chaos.RemovedGuest.Seen;

/** One removed guest after the other, while faults happen. */
final class RemovedGuests {
  private final Cluster cluster;
  private final IntFunction<HonestGuest> guests;
  private final HonestAgent agent;
  private final Faults faults;
  private final Ticker metronome;
  private final Queue<String> violations;
  private final List<Seen> seen = new ArrayList<>();
  private volatile boolean over;

  /**
   * @param guests makes the guest with a number, whose session is then revoked
   */
  RemovedGuests(
      Cluster cluster,
      IntFunction<HonestGuest> guests,
      HonestAgent agent,
      Faults faults,
      Ticker metronome,
      Queue<String> violations) {
    this.cluster = cluster;
    this.guests = guests;
    this.agent = agent;
    this.faults = faults;
    this.metronome = metronome;
    this.violations = violations;
  }

  void come() throws InterruptedException {
    for (int number = 0; !over; number++) {
      RemovedGuest outcast = RemovedGuest.of(guests.apply(number), cluster.edges(), violations);
      Optional<Instant> committed = cluster.postgres().revoke(outcast.conversation());
      while (committed.isEmpty()) {
        Thread.sleep(50);
        committed = cluster.postgres().revoke(outcast.conversation());
      }
      seen.add(outcast.triesOn(committed.get(), agent, faults, metronome));
    }
  }

  void stop() {
    over = true;
  }

  /** The results of all of them, after the end. */
  List<Seen> seen() {
    return List.copyOf(seen);
  }
}
