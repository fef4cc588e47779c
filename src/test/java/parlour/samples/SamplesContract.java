package parlour.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.store.Database;

/** The contract of the store of samples, for every database. */
abstract class SamplesContract {
  private static final Instant HOUR = Instant.parse("2026-01-01T10:00:00Z");
  private static final String ONE = "0000000000000001";
  private static final String OTHER = "0000000000000002";
  private static final String ACCEPTED = Plot.REFRESHES.series("accepted");
  private static final String OPEN = Plot.SOCKETS.series("open");
  private static final String WAITING = Plot.WEBHOOKS.series("waiting");

  private Database database;
  private SqlSamples samples;

  /** Opens the same database each time. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    samples = new SqlSamples(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void processes_are_summed_and_what_they_share_is_not() {
    samples.store(List.of(
        sample(0, ONE, Map.of(ACCEPTED, 3L, OPEN, 5L, WAITING, 7L)),
        sample(0, OTHER, Map.of(ACCEPTED, 4L, OPEN, 6L, WAITING, 8L))));
    History history = samples.read(Span.HOUR, minute(1));
    assertThat(history.begin()).isEqualTo(minute(-59));
    assertThat(last(history, ACCEPTED)).isEqualTo(7);
    assertThat(last(history, OPEN)).isEqualTo(11);
    assertThat(last(history, WAITING)).isEqualTo(8);
  }

  @Test
  void a_minute_without_a_process_is_a_gap_and_one_with_zero_is_zero() {
    samples.store(List.of(
        sample(0, ONE, Map.of(ACCEPTED, 3L)),
        sample(2, ONE, Map.of(ACCEPTED, 0L)),
        sample(3, ONE, Map.of(OPEN, 1L))));
    List<Long> accepted =
        samples.read(Span.HOUR, minute(4)).numbers().getOrDefault(ACCEPTED, List.of());
    assertThat(accepted).hasSize(60).endsWith(3L, History.GAP, 0L, History.GAP);
    assertThat(accepted.subList(0, 56)).containsOnly(History.GAP);
  }

  @Test
  void the_minute_that_has_not_ended_is_not_shown() {
    samples.store(List.of(sample(0, ONE, Map.of(ACCEPTED, 3L))));
    assertThat(samples.read(Span.HOUR, minute(0).plusSeconds(59)).numbers()).isEmpty();
    assertThat(samples.read(Span.HOUR, minute(1)).numbers()).containsKey(ACCEPTED);
  }

  @Test
  void a_sample_that_is_stored_again_is_counted_once() {
    List<Sample> same = List.of(sample(0, ONE, Map.of(ACCEPTED, 3L)));
    samples.store(same);
    samples.store(same);
    assertThat(last(samples.read(Span.HOUR, minute(1)), ACCEPTED)).isEqualTo(3);
  }

  @Test
  void steps_of_the_day_and_the_week_have_the_sum_of_counts_and_the_highest_of_levels() {
    for (int minute = 0; minute < 60; minute++) {
      samples.store(List.of(
          sample(minute, ONE, Map.of(ACCEPTED, 1L, OPEN, (long) minute, WAITING, 3L)),
          sample(minute, OTHER, Map.of(ACCEPTED, 1L, OPEN, 100L, WAITING, 2L))));
    }
    samples.combine(minute(60));
    samples.combine(minute(60)); // as another process does at the same time
    History day = samples.read(Span.DAY, minute(60));
    assertThat(day.numbers().getOrDefault(ACCEPTED, List.of()))
        .hasSize(144)
        .endsWith(20L, 20L, 20L, 20L, 20L, 20L);
    assertThat(day.numbers().getOrDefault(OPEN, List.of()))
        .endsWith(109L, 119L, 129L, 139L, 149L, 159L);
    History week = samples.read(Span.WEEK, minute(60));
    assertThat(last(week, ACCEPTED)).isEqualTo(120);
    assertThat(last(week, OPEN)).isEqualTo(159);
    assertThat(last(week, WAITING)).isEqualTo(3);
  }

  @Test
  void a_late_sample_is_in_its_step() {
    samples.store(List.of(sample(9, ONE, Map.of(ACCEPTED, 1L))));
    samples.combine(minute(11));
    samples.store(List.of(sample(9, OTHER, Map.of(ACCEPTED, 2L))));
    samples.combine(minute(18));
    assertThat(last(samples.read(Span.DAY, minute(18)), ACCEPTED)).isEqualTo(3);
  }

  @Test
  void the_time_before_a_long_stop_is_in_the_day_and_the_week() {
    samples.store(List.of(sample(50, ONE, Map.of(ACCEPTED, 1L))));
    samples.combine(minute(59));
    samples.store(List.of(sample(65, ONE, Map.of(ACCEPTED, 2L))));
    Instant later = minute(65).plus(Duration.ofHours(10));
    for (int run = 0; run < 2; run++) {
      samples.combine(later);
      samples.prune(later, 1000);
    }
    assertThat(rows()).isEqualTo(4); // two steps of the day, two of the week
    assertThat(samples.read(Span.DAY, later).numbers().getOrDefault(ACCEPTED, List.of()))
        .contains(1L, 2L);
    assertThat(samples.read(Span.WEEK, later).numbers().getOrDefault(ACCEPTED, List.of()))
        .containsOnlyOnce(1L)
        .containsOnlyOnce(2L);
  }

  @Test
  void a_step_whose_minutes_are_deleted_in_part_keeps_its_numbers() {
    for (int minute = 0; minute < 10; minute++) {
      samples.store(List.of(sample(minute, ONE, Map.of(ACCEPTED, 1L))));
    }
    samples.combine(minute(10));
    for (int minute = 85; minute < 100; minute++) {
      samples.prune(minute(minute), 1000);
      samples.combine(minute(minute));
    }
    assertThat(samples.read(Span.DAY, minute(100)).numbers().getOrDefault(ACCEPTED, List.of()))
        .contains(10L);
  }

  @Test
  void samples_that_no_plot_shows_are_deleted() {
    samples.store(List.of(sample(0, ONE, Map.of(ACCEPTED, 3L))));
    samples.combine(minute(60));
    assertThat(rows()).isEqualTo(3);
    samples.prune(minute(0).plus(Duration.ofDays(9)), 1000);
    assertThat(rows()).isZero();
  }

  /** The clock of a process was ahead, or a caller made it up. */
  @Test
  void samples_of_the_future_are_deleted_and_stop_no_plot() {
    samples.store(List.of(sample(600, ONE, Map.of(ACCEPTED, 9L))));
    samples.combine(minute(615));
    samples.store(List.of(sample(0, ONE, Map.of(ACCEPTED, 3L))));
    samples.combine(minute(10));
    samples.prune(minute(10), 1000);
    assertThat(samples.read(Span.DAY, minute(10)).numbers().getOrDefault(ACCEPTED, List.of()))
        .contains(3L);
    assertThat(rows()).as("a minute and a step of ten").isEqualTo(2);
  }

  @Test
  void the_number_of_processes_in_a_minute_is_bounded() {
    IntStream.rangeClosed(0, Limits.SAMPLE_PROCESSES)
        .forEach(
            n -> samples.store(List.of(sample(0, "%016x".formatted(n), Map.of(ACCEPTED, 1L)))));
    assertThat(last(samples.read(Span.HOUR, minute(1)), ACCEPTED))
        .isEqualTo(Limits.SAMPLE_PROCESSES);
    assertThatThrownBy(() -> samples.store(
            Collections.nCopies(Limits.SAMPLES_WAITING + 1, sample(0, ONE, Map.of(ACCEPTED, 1L)))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A process of a later version can have plots that this one does not know. */
  @Test
  void a_series_of_no_plot_is_left_out() {
    samples.store(List.of(sample(0, ONE, Map.of("later/x", 3L, "refreshes", 1L, ACCEPTED, 2L))));
    assertThat(samples.read(Span.HOUR, minute(1)).numbers()).containsOnlyKeys(ACCEPTED);
  }

  @Test
  void the_samples_are_there_after_a_restart() {
    samples.store(List.of(sample(0, ONE, Map.of(ACCEPTED, 3L))));
    database.close();
    openStore();
    assertThat(last(samples.read(Span.HOUR, minute(1)), ACCEPTED)).isEqualTo(3);
  }

  private long rows() {
    return database
        .readOne(
            sql -> sql.first("SELECT COUNT(*) AS many FROM sample", row -> row.getLong("many")))
        .orElseThrow();
  }

  private static long last(History history, String series) {
    return history.numbers().getOrDefault(series, List.of()).getLast();
  }

  private static Instant minute(int minute) {
    return HOUR.plus(Duration.ofMinutes(minute));
  }

  private static Sample sample(int minute, String process, Map<String, Long> numbers) {
    return new Sample(minute(minute), process, numbers);
  }
}
