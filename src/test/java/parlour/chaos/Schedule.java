package parlour.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The faults: to which part, of which kind, and when. The same seed makes the same schedule. */
record Schedule(List<Fault> faults) {

  enum Kind {
    KILL,
    PAUSE,
    RESTART
  }

  /**
   * @param after the time since the start of the fault before it
   * @param down how long it stays killed or paused; a restart has no fixed time
   */
  record Fault(Kind kind, int part, Duration after, Duration down) {}

  /** Shuffles kinds and parts like two packs of cards, so that none is left out for long. */
  static Schedule of(long seed, int faults, int parts) {
    Random random = new Random(seed);
    List<Kind> kinds = new ArrayList<>();
    List<Integer> victims = new ArrayList<>();
    List<Fault> all = new ArrayList<>();
    for (int i = 0; i < faults; i++) {
      if (kinds.isEmpty()) {
        kinds.addAll(List.of(Kind.values()));
        Collections.shuffle(kinds, random);
      }
      if (victims.isEmpty()) {
        IntStream.range(0, parts).forEach(victims::add);
        Collections.shuffle(victims, random);
      }
      Kind kind = kinds.removeLast();
      all.add(new Fault(
          kind,
          victims.removeLast(),
          Duration.ofMillis(300 + random.nextInt(2_500)),
          Duration.ofMillis(200 + random.nextInt(kind == Kind.PAUSE ? 6_000 : 3_000))));
    }
    return new Schedule(List.copyOf(all));
  }
}
