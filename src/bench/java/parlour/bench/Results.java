package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The results of a comparison, as a page of Markdown with plots: ratios first, failures shown. */
final class Results {
  private static final int FAILURE_CHARACTERS = 200;

  private final List<Contender> contenders;
  private final Map<String, Map<Action, List<Measured>>> measured = new HashMap<>();

  /**
   * A window.
   *
   * @param micros of CPU for each call, those of the database among them
   * @param others CPU that all the others used meanwhile, in percent of one processor
   */
  record Measured(
      double perSecond,
      double micros,
      double databaseMicros,
      double median,
      double p99,
      long calls,
      long failures,
      Optional<String> firstFailure,
      double others) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.0f/s, %.0f µs of CPU, median %.1f ms, p99 %.1f ms, %d failed%s",
          perSecond,
          micros,
          median,
          p99,
          failures,
          firstFailure.map(failure -> ": " + clipped(failure)).orElse(""));
    }
  }

  /** The first is the floor, the second what everybody is compared with. */
  Results(List<Contender> contenders) {
    this.contenders = List.copyOf(contenders);
  }

  void add(Contender contender, Action action, Measured window) {
    measured
        .computeIfAbsent(contender.name(), _ -> new EnumMap<>(Action.class))
        .computeIfAbsent(action, _ -> new ArrayList<>())
        .add(window);
  }

  /** Writes the page and its plots into a folder; returns the page. */
  String write(Path folder, String how) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    String page = head(how)
        + "\n## A refresh, beside the others\n\n"
        + ratios()
        + "\n![Refreshes per second](refresh-rate.svg)\n\n![CPU per refresh](refresh-cpu.svg)\n"
        + "\n## A refresh, in numbers\n\n"
        + numbers()
        + "\n![Latency of a refresh](refresh-latency.svg)\n"
        + "\n## What else guests do\n\n"
        + actions()
        + "\n![CPU per call](calls-cpu.svg)\n"
        + "\n## How each was run\n\n"
        + subjects()
        + "\n## Failures\n\n"
        + failures();
    Files.writeString(folder.resolve("results.md"), page);
    plots(folder);
    return page;
  }

  private String head(String how) throws IOException, InterruptedException {
    return """
        # Measured

        Written by `./dev bench peers` on %s, at commit %s: %s. %s; the load generator ran on the
        same processors. Medians of the rounds, in brackets the least and the most; ratios are taken
        round by round. While one was measured, all the others together used %.1f %% of one
        processor, at most %.1f %%.
        """.formatted(
            LocalDate.now(ZoneOffset.UTC),
            said("git", "rev-parse", "--short", "HEAD"),
            how,
            machine(),
            Figures.median(all().mapToDouble(Measured::others).toArray()),
            all().mapToDouble(Measured::others).max().orElseThrow());
  }

  private String ratios() {
    StringBuilder table = new StringBuilder("""
        | | refreshes/s, of the floor's | CPU per refresh, of the floor's \
        | for each one of it, %1$s: | its CPU for each µs of %1$s |
        |---|---|---|---|---|
        """.formatted(reference().name()));
    for (Contender contender : contenders) {
      table.append("| %s | %s | %s | %s | %s |\n"
          .formatted(
              contender.name(),
              ratio(contender, contenders.getFirst(), Action.REFRESH, Measured::perSecond),
              ratio(contender, contenders.getFirst(), Action.REFRESH, Measured::micros),
              ratio(reference(), contender, Action.REFRESH, Measured::perSecond),
              ratio(contender, reference(), Action.REFRESH, Measured::micros)));
    }
    return table.toString();
  }

  private String numbers() throws IOException, InterruptedException {
    StringBuilder table = new StringBuilder("""
        | | refreshes/s | CPU per refresh, µs | median, ms | p99, ms | in memory, MiB | failures |
        |---|---|---|---|---|---|---|
        """);
    for (Contender contender : contenders) {
      table.append("| %s | %s | %s |\n"
          .formatted(
              contender.name(),
              figures(contender, Action.REFRESH, memory(contender)),
              failed(contender, Action.REFRESH)));
    }
    return table.toString();
  }

  private String actions() {
    StringBuilder table = new StringBuilder("""
        | | | calls/s, by %s | calls/s | CPU per call, µs | median, ms | p99, ms | failures |
        |---|---|---|---|---|---|---|---|
        """.formatted(reference().name()));
    for (Action action : Action.values()) {
      for (Contender contender : ofParlour()) {
        table.append("| %s | %s | %s | %s | %s |\n"
            .formatted(
                action.inWords(),
                contender.name(),
                ratio(contender, reference(), action, Measured::perSecond),
                figures(contender, action),
                failed(contender, action)));
      }
    }
    return table.toString();
  }

  private String subjects() {
    StringBuilder list = new StringBuilder();
    for (Contender contender : contenders) {
      list.append("- **%s**: %s.\n".formatted(contender.name(), contender.how()));
    }
    return list.toString();
  }

  private String failures() {
    StringBuilder list = new StringBuilder();
    for (Contender contender : contenders) {
      for (Action action : contender.callers().keySet()) {
        windows(contender, action).stream()
            .flatMap(window -> window.firstFailure().stream())
            .findFirst()
            .ifPresent(first -> list.append("- %s, %s: %s; the first: `%s`\n"
                .formatted(
                    contender.name(),
                    action.inWords(),
                    failed(contender, action),
                    clipped(first))));
      }
    }
    return list.isEmpty() ? "None: every answer was the one that was expected.\n" : list.toString();
  }

  /** The columns that every table of numbers has. */
  private String figures(Contender contender, Action action, String... more) {
    List<String> columns = new ArrayList<>(List.of(
        number(median(contender, action, Measured::perSecond)),
        cpu(contender, action),
        "%.1f".formatted(median(contender, action, Measured::median)),
        "%.1f".formatted(median(contender, action, Measured::p99))));
    columns.addAll(List.of(more));
    return String.join(" | ", columns);
  }

  private String cpu(Contender contender, Action action) {
    String all = number(median(contender, action, Measured::micros));
    return contender.postgres().isEmpty()
        ? all
        : all + ", of it PostgreSQL " + number(median(contender, action, Measured::databaseMicros));
  }

  private static String memory(Contender contender) throws IOException, InterruptedException {
    String own = number(contender.residentMebibytes());
    return contender.postgres().isEmpty()
        ? own
        : own + ", and PostgreSQL "
            + number(contender.postgres().orElseThrow().residentMebibytes());
  }

  private String failed(Contender contender, Action action) {
    long failures =
        windows(contender, action).stream().mapToLong(Measured::failures).sum();
    long calls = windows(contender, action).stream().mapToLong(Measured::calls).sum();
    return failures == 0 ? "0" : "%,d of %,d".formatted(failures, failures + calls);
  }

  private String ratio(
      Contender one, Contender other, Action action, ToDoubleFunction<Measured> figure) {
    if (one.equals(other)) {
      return "1";
    }
    List<Measured> ones = windows(one, action);
    List<Measured> others = windows(other, action);
    double[] ratios = new double[ones.size()];
    Arrays.setAll(
        ratios, i -> figure.applyAsDouble(ones.get(i)) / figure.applyAsDouble(others.get(i)));
    Arrays.sort(ratios);
    return "**%.2f** (%.2f–%.2f)"
        .formatted(Figures.median(ratios), ratios[0], ratios[ratios.length - 1]);
  }

  private void plots(Path folder) throws IOException {
    refreshes("Refreshes per second", Measured::perSecond)
        .write(folder.resolve("refresh-rate.svg"));
    refreshes("CPU per refresh, µs", Measured::micros).write(folder.resolve("refresh-cpu.svg"));
    List<Plot.Row> latency = contenders.stream()
        .map(contender -> new Plot.Row(
            contender.name(),
            List.of(
                median(contender, Action.REFRESH, Measured::median),
                median(contender, Action.REFRESH, Measured::p99))))
        .toList();
    new Plot("Latency of a refresh, ms", List.of("median", "p99"), latency)
        .write(folder.resolve("refresh-latency.svg"));
    List<Plot.Row> actions = Arrays.stream(Action.values())
        .map(action -> new Plot.Row(
            action.inWords(),
            ofParlour().stream()
                .map(contender -> median(contender, action, Measured::micros))
                .toList()))
        .toList();
    new Plot("CPU per call, µs", ofParlour().stream().map(Contender::name).toList(), actions)
        .write(folder.resolve("calls-cpu.svg"));
  }

  private Plot refreshes(String title, ToDoubleFunction<Measured> figure) {
    return new Plot(
        title,
        List.of(title),
        contenders.stream()
            .map(contender ->
                new Plot.Row(contender.name(), List.of(median(contender, Action.REFRESH, figure))))
            .toList());
  }

  private Contender reference() {
    return contenders.get(1);
  }

  private List<Contender> ofParlour() {
    return contenders.stream().filter(Contender::isParlour).toList();
  }

  private double median(Contender contender, Action action, ToDoubleFunction<Measured> figure) {
    return Figures.median(
        windows(contender, action).stream().mapToDouble(figure).toArray());
  }

  private List<Measured> windows(Contender contender, Action action) {
    return Objects.requireNonNull(
        Objects.requireNonNull(measured.get(contender.name())).get(action));
  }

  private Stream<Measured> all() {
    return measured.values().stream()
        .flatMap(actions -> actions.values().stream())
        .flatMap(List::stream);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /** An answer's first words, on one line. */
  private static String clipped(String failure) {
    String line = failure.replaceAll("[\\s`|]+", " ");
    return line.length() > FAILURE_CHARACTERS ? line.substring(0, FAILURE_CHARACTERS) + "…" : line;
  }

  private static String machine() throws IOException {
    String machine =
        "%s, %s".formatted(Figures.machine(), System.getProperty("java.vendor.version"));
    return processor().map(model -> model + ", ").orElse("") + machine;
  }

  private static Optional<String> processor() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    return Files.exists(file)
        ? Files.readAllLines(file).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
        : Optional.empty();
  }

  private static String said(String... command) throws IOException, InterruptedException {
    Process asked = new ProcessBuilder(command).start();
    String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return asked.waitFor() == 0 ? said.strip() : "unknown";
  }
}
