package parlour.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.console.PlotEndpoints.SeriesForm;
import parlour.samples.History;

/** The lines that the plots of the console have. */
class PlotEndpointsTest {
  private static final long GAP = History.GAP;

  @Test
  void a_quantile_lies_within_the_bounds_between_which_its_calls_were_counted() {
    List<SeriesForm> lines = Quantiles.of(Map.of(
        "1", List.of(10L, 0L, GAP, 0L),
        "5", List.of(0L, 100L, GAP, 0L),
        "10", List.of(10L, 0L, GAP, 0L),
        "+Inf", List.of(0L, 0L, GAP, 3L)));
    assertThat(lines)
        .containsExactly(
            new SeriesForm("half of them", List.of(1_000L, 3_000L, GAP, 10_000L)),
            new SeriesForm("95 % of them", List.of(9_500L, 4_800L, GAP, 10_000L)));
    assertThat(Quantiles.of(Map.of())).isEmpty();
  }

  @Test
  void the_most_frequent_causes_have_lines_and_the_others_have_one_together() {
    Map<String, List<Long>> causes = new TreeMap<>();
    for (int i = 0; i < Limits.PLOTTED_CAUSES + 2; i++) {
      causes.put("cause " + i, List.of((long) i + 1, GAP));
    }
    List<SeriesForm> lines = PlotEndpoints.mostFrequent(causes);
    assertThat(lines).hasSize(Limits.PLOTTED_CAUSES + 1);
    assertThat(lines.getFirst().label()).isEqualTo("cause " + (Limits.PLOTTED_CAUSES + 1));
    assertThat(lines.getLast()).isEqualTo(new SeriesForm("other", List.of(3L, GAP)));
  }

  @Test
  void a_cause_that_was_not_met_yet_has_zero_while_others_were_counted() {
    assertThat(PlotEndpoints.mostFrequent(Map.of(
            "expired", List.of(GAP, 0L, 2L), "no such deployment key", List.of(GAP, GAP, 1L))))
        .containsExactly(
            new SeriesForm("expired", List.of(GAP, 0L, 2L)),
            new SeriesForm("no such deployment key", List.of(GAP, 0L, 1L)));
    assertThat(PlotEndpoints.mostFrequent(Map.of("expired", List.of(GAP, 0L))))
        .containsExactly(new SeriesForm("all", List.of(GAP, 0L)));
    assertThat(PlotEndpoints.mostFrequent(Map.of())).isEmpty();
  }
}
