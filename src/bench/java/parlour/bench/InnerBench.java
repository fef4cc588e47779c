package parlour.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The parts of a refresh, each by itself, by JMH: the classes {@code *Benchmark}, which stand in the
 * package of what they measure.
 *
 * <p>{@code ./dev bench inner [regular expression] [JMH's own options]}
 */
public final class InnerBench {
  private InnerBench() {}

  public static void main(String[] arguments) throws Exception {
    CommandLineOptions given = new CommandLineOptions(arguments);
    if (given.shouldHelp()) {
      given.showHelp();
      return;
    }
    Options options = new OptionsBuilder()
        .parent(given)
        .mode(Mode.AverageTime)
        .timeUnit(TimeUnit.MICROSECONDS)
        .forks(given.getForkCount().orElse(3))
        .warmupIterations(given.getWarmupIterations().orElse(3))
        .warmupTime(given.getWarmupTime().orElse(TimeValue.seconds(2)))
        .measurementIterations(given.getMeasurementIterations().orElse(5))
        .measurementTime(given.getMeasurementTime().orElse(TimeValue.seconds(2)))
        .jvmArgsAppend("-XX:+UseCompactObjectHeaders") // as the server runs
        .shouldFailOnError(true)
        .build();
    System.out.println(Figures.machine());
    // When it is killed, JMH lets the JVM that it measures go on to the end of an iteration.
    var _ = Leftovers.<AutoCloseable>keep(
        () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy));
    var _ = new Runner(options).run();
  }
}
