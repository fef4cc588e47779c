package parlour.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Parlour in its shapes, the {@link Floor}, and two servers that renew tokens for a living: all of
 * them run all the time, take the load in turns, and are compared round by round. Before that each
 * is called until it gets no faster.
 *
 * <p>{@code ./dev bench peers [rounds] [seconds per window] [most seconds of warm-up]}
 */
public final class PeersBench {
  private static final int CONNECTIONS = 64;
  private static final Duration WARM_UP_WINDOW = Duration.ofSeconds(5);

  /** Keycloak was still getting faster after 45 s. */
  private static final Duration PEERS_WARM_UP = Duration.ofSeconds(90);

  private static final Duration OUR_WARM_UP = Duration.ofSeconds(30);

  /** A smaller factor does not count as faster. */
  private static final double GAIN = 1.03;

  private static final Path REPORT = Path.of("docs/performance");

  private final int rounds;
  private final Duration window;
  private final Duration mostWarmUp;
  private final long began = System.nanoTime();

  private PeersBench(int rounds, Duration window, Duration mostWarmUp) {
    this.rounds = rounds;
    this.window = window;
    this.mostWarmUp = mostWarmUp;
  }

  public static void main(String[] arguments) throws Exception {
    var bench = new PeersBench(
        Figures.argument(arguments, 0, 7),
        Duration.ofSeconds(Figures.argument(arguments, 1, 4)),
        Duration.ofSeconds(Figures.argument(arguments, 2, 240)));
    bench.run();
    System.exit(0); // and with this process ends all that it started
  }

  private void run() throws Exception {
    List<Contender> contenders = new ArrayList<>();
    say("Parlour and the floor start");
    contenders.add(Contender.floor(CONNECTIONS));
    contenders.add(Contender.embedded(CONNECTIONS));
    contenders.add(Contender.overPostgres(CONNECTIONS));
    contenders.add(Contender.apart(CONNECTIONS));
    List<Contender> ours = List.copyOf(contenders);
    for (Contender contender : ours) {
      warmUp(contender.name(), contender.by(Action.REFRESH), OUR_WARM_UP);
    }
    say("Spring Authorization Server starts");
    contenders.addAll(inItsWays(SpringServer.inMemory(Leftovers.folder(), CONNECTIONS)));
    contenders.addAll(inItsWays(
        SpringServer.overPostgres(DurablePostgres.start(), Leftovers.folder(), CONNECTIONS)));
    say("Keycloak starts");
    contenders.addAll(inItsWays(Keycloak.start(Leftovers.folder(), CONNECTIONS)));
    for (Contender contender : ours) {
      say(contender.name() + ": everything else, twice");
      for (Map.Entry<Action, Callers> entry : contender.callers().entrySet()) {
        entry.getValue().call(window);
        entry.getValue().call(window);
      }
    }
    Results results = new Results(contenders);
    for (int round = 1; round <= rounds; round++) {
      for (Contender contender : contenders) {
        for (Action action : contender.callers().keySet()) {
          Results.Measured measured = measure(contender, action, contenders);
          results.add(contender, action, measured);
          say("round %d: %s, %s: %s"
              .formatted(round, contender.name(), action.inWords(), measured));
        }
      }
    }
    String head = "%d rounds of windows of %d s, %d connections"
        .formatted(rounds, window.toSeconds(), CONNECTIONS);
    System.out.println(results.write(REPORT, head));
    say("done; the tables and their plots are in " + REPORT);
  }

  /** Warmed up in its usual way, which is measured, as is the fastest way to sign, and not to. */
  private List<Contender> inItsWays(Peer peer) throws IOException {
    Callers usual = peer.callers(peer.usual(), CONNECTIONS);
    warmUp(peer.name(), usual, PEERS_WARM_UP);
    Callers best = usual;
    String bestWay = peer.usual();
    double fastest = 0;
    List<String> tried = new ArrayList<>();
    for (String way : peer.signed()) {
      Callers callers = way.equals(peer.usual()) ? usual : peer.callers(way, CONNECTIONS);
      double perSecond = fastestOfThree(callers);
      tried.add("%s %.0f/s".formatted(way, perSecond));
      if (perSecond > fastest) {
        best = callers;
        bestWay = way;
        fastest = perSecond;
      }
    }
    say(peer.name() + ": " + String.join(", ", tried));
    List<Contender> contenders = new ArrayList<>();
    contenders.add(peer.by(peer.usual(), ", signs by " + peer.usual() + " by default", usual));
    if (!best.equals(usual)) {
      String how = ", the same process; signs by %s, the fastest (best of three windows: %s)"
          .formatted(bestWay, String.join(", ", tried));
      contenders.add(peer.by(bestWay, how, best));
    }
    if (peer.unsigned().isPresent()) {
      Callers unsigned = peer.callers(peer.unsigned().get(), CONNECTIONS);
      fastestOfThree(unsigned);
      contenders.add(peer.by(
          peer.unsigned().get(),
          ", the same process; access tokens are random texts that it looks up",
          unsigned));
    }
    return contenders;
  }

  private double fastestOfThree(Callers callers) {
    double perSecond = 0;
    for (int i = 0; i < 3; i++) {
      perSecond = Math.max(perSecond, callers.call(window).answered().perSecond());
    }
    return perSecond;
  }

  /** Until two windows in a row have brought no gain over the best before. */
  private void warmUp(String name, Callers callers, Duration atLeast) {
    long start = System.nanoTime();
    long min = Math.min(atLeast.toNanos(), mostWarmUp.toNanos());
    double best = 0;
    int withoutGain = 0;
    List<Long> perSecond = new ArrayList<>();
    while (System.nanoTime() - start < min
        || (withoutGain < 2 && System.nanoTime() - start < mostWarmUp.toNanos())) {
      double now = callers.call(WARM_UP_WINDOW).answered().perSecond();
      withoutGain = now > best * GAIN ? 0 : withoutGain + 1;
      best = Math.max(best, now);
      perSecond.add(Math.round(now));
    }
    say("%s warmed up%s: %s refreshes/s"
        .formatted(
            name, withoutGain < 2 ? " as long as it may, and still gaining" : "", perSecond));
  }

  private Results.Measured measure(Contender contender, Action action, List<Contender> all) {
    Duration allBefore = processorTime(all);
    Duration databaseBefore = contender.databaseTime();
    Duration ownBefore = contender.processorTime();
    Callers.Brought brought = contender.by(action).call(window);
    Duration own = contender.processorTime().minus(ownBefore);
    Duration database = contender.databaseTime().minus(databaseBefore);
    Duration others = processorTime(all).minus(allBefore).minus(own).minus(database);
    Guests.Window answered = brought.answered();
    return new Results.Measured(
        answered.perSecond(),
        own.plus(database).toNanos() / 1e3 / answered.calls(),
        database.toNanos() / 1e3 / answered.calls(),
        answered.millisAt(0.5),
        answered.millisAt(0.99),
        answered.calls(),
        brought.failures(),
        brought.firstFailure(),
        100.0 * others.toNanos() / answered.time().toNanos());
  }

  /** Of each process once: a peer is there in several ways. */
  private static Duration processorTime(List<Contender> all) {
    return Stream.concat(
            all.stream()
                .flatMap(contender -> contender.processes().stream())
                .distinct()
                .map(Subject::processorTime),
            all.stream()
                .flatMap(contender -> contender.postgres().stream())
                .distinct()
                .map(DurablePostgres::processorTime))
        .reduce(Duration.ZERO, Duration::plus);
  }

  private void say(String what) {
    long seconds = (System.nanoTime() - began) / 1_000_000_000L;
    System.err.printf("%d:%02d %s%n", seconds / 60, seconds % 60, what);
  }
}
