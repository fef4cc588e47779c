package parlour.ledger;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import parlour.Limits;
import parlour.Sid;

/**
 * How many calls of each deployment were refused since the start of this process, by cause. Only the
 * first deployments have numbers of their own, because each is a time series of a monitor. Safe for
 * use by several threads.
 */
final class RefusalCounts {
  /** Stands for the deployments that have no numbers of their own. */
  static final String OTHERS = "others";

  private final Set<String> named = ConcurrentHashMap.newKeySet();
  private final Map<List<String>, LongAdder> counts = new ConcurrentHashMap<>();

  void refused(Sid.Deployment deployment, String cause) {
    counts
        .computeIfAbsent(List.of(deploymentOf(deployment.text()), cause), _ -> new LongAdder())
        .increment();
  }

  private String deploymentOf(String sid) {
    if (named.contains(sid)) {
      return sid;
    }
    synchronized (named) {
      if (named.size() < Limits.METRICS_DEPLOYMENTS) {
        named.add(sid);
      }
      return named.contains(sid) ? sid : OTHERS;
    }
  }

  /** The numbers, by deployment and cause. */
  Map<List<String>, Double> numbers() {
    return counts.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, count -> count.getValue().doubleValue()));
  }
}
