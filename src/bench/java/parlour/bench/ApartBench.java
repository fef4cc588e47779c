package parlour.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The costs of a refresh where the roles run in four processes, against all of them in one: both
 * run all the time on SQLite, take the load in turns, and are compared round by round.
 *
 * <p>{@code ./dev bench apart [rounds] [seconds per window] [connections]}
 */
public final class ApartBench {
  /**
   * Of each side: five JVMs compile what a refresh needs, which takes minutes on a busy machine.
   */
  private static final int WARM_UP_CALLS = 40_000;

  private ApartBench() {}

  private record Measured(double perSecond, double micros, double median, long failures) {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Figures.argument(arguments, 0, 7);
    Duration window = Duration.ofSeconds(Figures.argument(arguments, 1, 4));
    int connections = Figures.argument(arguments, 2, 64);
    Contender one = Contender.embedded(connections);
    Contender four = Contender.apart(connections);
    System.out.printf("%s; %d connections%n", Figures.machine(), connections);
    warmUp(one, window);
    warmUp(four, window);
    double[] rate = new double[rounds];
    double[] cost = new double[rounds];
    List<Measured> ofOne = new ArrayList<>();
    List<Measured> ofFour = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      ofOne.add(measure(one, window));
      ofFour.add(measure(four, window));
      System.out.printf("round %d: %s %s%n", round + 1, ofOne.getLast(), ofFour.getLast());
      rate[round] = ofFour.getLast().perSecond() / ofOne.getLast().perSecond();
      cost[round] = ofFour.getLast().micros() / ofOne.getLast().micros();
    }
    print("calls/s", rate);
    print("CPU per call", cost);
    System.exit(0); // and with this process ends all that it started
  }

  private static void warmUp(Contender contender, Duration window) {
    long calls = 0;
    while (calls < WARM_UP_CALLS) {
      calls += contender.by(Action.REFRESH).call(window).answered().calls();
    }
  }

  private static Measured measure(Contender contender, Duration window) {
    Duration before = contender.processorTime();
    Callers.Brought brought = contender.by(Action.REFRESH).call(window);
    Duration used = contender.processorTime().minus(before);
    Guests.Window answered = brought.answered();
    return new Measured(
        answered.perSecond(),
        used.toNanos() / 1e3 / answered.calls(),
        answered.millisAt(0.5),
        brought.failures());
  }

  private static void print(String name, double[] ratios) {
    System.out.printf(
        "%s, four processes to one: %.2f (%.2f–%.2f)%n",
        name,
        Figures.median(ratios),
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow());
  }
}
