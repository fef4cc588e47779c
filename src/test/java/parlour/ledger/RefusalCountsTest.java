package parlour.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;

class RefusalCountsTest {
  private final SecureRandom random = new SecureRandom();
  private final RefusalCounts counts = new RefusalCounts();

  @Test
  void refusals_are_counted_by_deployment_and_cause() {
    Sid.Deployment one = Sid.Deployment.random(random);
    Sid.Deployment other = Sid.Deployment.random(random);
    counts.refused(one, "expired");
    counts.refused(one, "expired");
    counts.refused(one, "from another browser");
    counts.refused(other, "expired");
    assertThat(counts.numbers())
        .isEqualTo(Map.of(
            List.of(one.text(), "expired"), 2.0,
            List.of(one.text(), "from another browser"), 1.0,
            List.of(other.text(), "expired"), 1.0));
  }

  @Test
  void only_the_first_deployments_have_numbers_of_their_own() {
    List<Sid.Deployment> first = Stream.generate(() -> Sid.Deployment.random(random))
        .limit(Limits.METRICS_DEPLOYMENTS)
        .toList();
    first.forEach(deployment -> counts.refused(deployment, "expired"));
    IntStream.range(0, 7).forEach(_ -> counts.refused(Sid.Deployment.random(random), "expired"));
    counts.refused(first.getFirst(), "expired");
    assertThat(counts.numbers())
        .hasSize(Limits.METRICS_DEPLOYMENTS + 1)
        .containsEntry(List.of(RefusalCounts.OTHERS, "expired"), 7.0)
        .containsEntry(List.of(first.getFirst().text(), "expired"), 2.0);
  }
}
