package parlour.samples;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import parlour.Durations;
import parlour.Limits;
import parlour.http.json.Json;
import parlour.store.Database;
import parlour.store.Sql;

/**
 * The samples in SQL that SQLite and PostgreSQL both speak, in the store of ScopedAuthService.
 *
 * <p>Each process has a row for each minute. {@link #combine} makes one row of all processes for each
 * step of a day and of a week. A row has its numbers as JSON, because they are always read together.
 */
public final class SqlSamples implements SampleStore {
  /** The process of a row that all processes have together. */
  private static final String ALL = "";

  private static final String ROWS = """
      SELECT at, numbers FROM sample WHERE step_minutes = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?
      """;

  private final Database database;

  public SqlSamples(Database database) {
    this.database = database;
  }

  /** The numbers of a minute or of a step. */
  private record Row(Instant at, Map<String, Long> numbers) {}

  @Override
  public void store(List<Sample> samples) {
    if (samples.size() > Limits.SAMPLES_WAITING) {
      throw new IllegalArgumentException("too many samples at once");
    }
    int minute = minutes(Span.HOUR);
    database.write(sql -> {
      int stored = 0;
      for (Sample sample : samples) {
        stored += sql.update(
            """
            INSERT INTO sample (step_minutes, at, process, numbers) SELECT ?, ?, ?, ?
            WHERE (SELECT COUNT(*) FROM sample WHERE step_minutes = ? AND at = ?) < ?
            ON CONFLICT (step_minutes, at, process) DO NOTHING
            """,
            minute,
            sample.at(),
            sample.process(),
            text(sample.numbers()),
            minute,
            sample.at(),
            Limits.SAMPLE_PROCESSES);
      }
      return stored;
    });
  }

  @Override
  public History read(Span span, Instant now) {
    Instant begin = span.first(now);
    Map<Instant, Map<String, Long>> steps = combined(rows(span, begin, span.begin(now)));
    Map<String, List<Long>> history = new TreeMap<>();
    steps
        .values()
        .forEach(numbers -> numbers.keySet().stream()
            .filter(_ -> history.size() < Limits.SAMPLE_NUMBERS)
            .forEach(series -> history.computeIfAbsent(series, _ -> gaps(span.steps()))));
    steps.forEach((at, numbers) -> {
      int step = (int) (Duration.between(begin, at).toMillis() / span.step().toMillis());
      numbers.forEach((series, number) ->
          Optional.ofNullable(history.get(series)).ifPresent(list -> list.set(step, number)));
    });
    return new History(begin, history);
  }

  private static List<Long> gaps(int steps) {
    return new ArrayList<>(Collections.nCopies(steps, History.GAP));
  }

  /** The rows of the same instant, one for each process, combined into one. */
  private static Map<Instant, Map<String, Long>> combined(List<Row> rows) {
    Map<Instant, Map<String, Long>> combined = new TreeMap<>();
    rows.forEach(row -> row.numbers()
        .forEach((series, number) -> Plot.of(series)
            .ifPresent(plot -> combined
                .computeIfAbsent(row.at(), _ -> new TreeMap<>())
                .merge(series, number, plot.combination()::ofProcesses))));
    return combined;
  }

  private List<Row> rows(Span span, Instant from, Instant to) {
    return database.readOne(sql -> sql.list(
        ROWS,
        SqlSamples::row,
        minutes(span),
        from,
        to,
        Limits.SAMPLE_PROCESSES * Span.HOUR.steps() * 2));
  }

  private static String text(Map<String, Long> numbers) {
    return new String(Json.write(numbers), StandardCharsets.UTF_8);
  }

  private static Row row(ResultSet row) throws SQLException {
    Map<String, Long> numbers = new TreeMap<>();
    // A row that cannot be read does not hide the others.
    Json.object(Sql.text(row, "numbers")).orElse(Map.of()).forEach((series, number) -> {
      if (number instanceof Long whole && Sample.isWithinBounds(Map.entry(series, whole))) {
        numbers.put(series, whole);
      }
    });
    return new Row(Sql.instant(row, "at"), numbers);
  }

  /**
   * Writes the complete steps of the day from those of the hour, and the steps of the week from those
   * of the day, once more for the last ones, because a sample can be late. Several processes can do it at
   * the same time: they write the same.
   */
  public void combine(Instant now) {
    combine(Span.HOUR, Span.DAY, now);
    combine(Span.DAY, Span.WEEK, now);
  }

  private void combine(Span fine, Span coarse, Instant now) {
    Optional<Instant> last = database.readOne(sql -> sql.first(
        "SELECT at FROM sample WHERE step_minutes = ? AND at <= ? ORDER BY at DESC LIMIT 1",
        row -> Sql.instant(row, "at"),
        minutes(coarse),
        now));
    Instant kept = now.minus(kept(fine));
    // A step whose minutes may be deleted already is never written again.
    Instant from = last.map(
            at -> at.isBefore(kept) ? at.plus(coarse.step()) : at.minus(coarse.step()))
        .orElse(Instant.EPOCH);
    Map<Instant, Map<String, Long>> steps = new TreeMap<>();
    combined(rows(fine, from, coarse.begin(now)))
        .forEach((at, numbers) -> numbers.forEach((series, number) -> Plot.of(series)
            .ifPresent(plot -> steps
                .computeIfAbsent(coarse.begin(at), _ -> new TreeMap<>())
                .merge(series, number, plot.combination()::ofMinutes))));
    if (!steps.isEmpty()) {
      write(coarse, steps);
    }
  }

  private void write(Span span, Map<Instant, Map<String, Long>> steps) {
    database.write(sql -> {
      int written = 0;
      for (Map.Entry<Instant, Map<String, Long>> step : steps.entrySet()) {
        written += sql.update("""
            INSERT INTO sample (step_minutes, at, process, numbers) VALUES (?, ?, ?, ?)
            ON CONFLICT (step_minutes, at, process) DO UPDATE SET numbers = excluded.numbers
            """, minutes(span), step.getKey(), ALL, text(step.getValue()));
      }
      return written;
    });
  }

  /**
   * Deletes the rows that no plot shows any more, after {@link #combine}, and those of the future, which a wrong clock has written.
   *
   * @param limit deletes at most this many of each kind
   */
  public void prune(Instant now, int limit) {
    database.write(sql -> {
      int deleted = 0;
      for (Span span : Arrays.asList(Span.values())) {
        deleted += sql.update("""
            DELETE FROM sample WHERE (step_minutes, at, process) IN
              (SELECT step_minutes, at, process FROM sample WHERE step_minutes = ? AND at < ?
               ORDER BY at LIMIT ?)
            """, minutes(span), now.minus(kept(span)), limit);
        deleted += sql.update("""
            DELETE FROM sample WHERE (step_minutes, at, process) IN
              (SELECT step_minutes, at, process FROM sample WHERE step_minutes = ? AND at > ?
               ORDER BY at DESC LIMIT ?)
            """, minutes(span), now.plus(Limits.CLOCK_SKEW), limit);
      }
      return deleted;
    });
  }

  /** The age at which a row is deleted: two steps of the next span later than a plot shows it, so that each such step is complete. */
  private static Duration kept(Span span) {
    Duration shown = Durations.times(span.step(), span.steps());
    return shown.plus(Durations.times((span == Span.HOUR ? Span.DAY : Span.WEEK).step(), 2));
  }

  private static int minutes(Span span) {
    return (int) TimeUnit.SECONDS.toMinutes(span.step().toSeconds());
  }
}
