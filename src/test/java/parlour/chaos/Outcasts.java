package parlour.chaos;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.IntFunction;
import parlour.chaos.Outcast.Seen;

/** One outcast after the other, whatever happens meanwhile. */
final class Outcasts {
  private final Cluster cluster;
  private final IntFunction<HonestGuest> guests;
  private final HonestAgent agent;
  private final Faults faults;
  private final Metronome metronome;
  private final Queue<String> violations;
  private final List<Seen> seen = new ArrayList<>();
  private volatile boolean over;

  /**
   * @param guests those who will be outcasts, by their number
   */
  Outcasts(
      Cluster cluster,
      IntFunction<HonestGuest> guests,
      HonestAgent agent,
      Faults faults,
      Metronome metronome,
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
      Outcast outcast = Outcast.of(guests.apply(number), cluster.edges(), violations);
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

  /** Of all that came, once they are gone. */
  List<Seen> seen() {
    return List.copyOf(seen);
  }
}
