package parlour.orchestrator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.PlainText;
import parlour.Sid;
import parlour.accounts.AllowedOrigins;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/**
 * Refuses pages that are not on a deployment's list. The answer, the log and the trace show the
 * command that would add the page.
 *
 * <p>Anybody can send any Origin, so only its printable ASCII is repeated. The command is shown
 * only if the origin can be listed; then it contains nothing that a shell would interpret. The log
 * has one line per deployment and origin within {@link Limits#UNLISTED_ORIGIN_LOG_INTERVAL}, and at
 * most {@link Limits#UNLISTED_ORIGINS_LOGGED} lines per deployment.
 */
final class UnlistedOrigins {
  private static final Logger log = LoggerFactory.getLogger(UnlistedOrigins.class);

  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private final Map<Sid.Deployment, Set<String>> logged = new HashMap<>();

  @GuardedBy("this")
  private long loggedSince;

  /**
   * @param nanoTime the time in nanoseconds, as {@link System#nanoTime} returns it
   */
  UnlistedOrigins(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.loggedSince = nanoTime.getAsLong();
  }

  /** Makes the answer to a page that is not on the list of this deployment. */
  static Problem refusal(Sid.Deployment deployment, Optional<String> origin) {
    return new Problem(
            ErrorCode.ORIGIN_NOT_ALLOWED,
            origin
                .map(page -> what(PlainText.shown(page), deployment))
                .orElse("This deployment allows listed origins only, and the request has no Origin"
                    + " header."))
        .ofDeployment(deployment);
  }

  /** Makes the same answer, and logs it. */
  Problem refuse(Sid.Deployment deployment, AllowedOrigins allowed, Optional<String> origin) {
    if (origin.isEmpty()) {
      return refusal(deployment, origin);
    }
    String shown = PlainText.shown(origin.get());
    String list = String.join(", ", allowed.patterns());
    Trace.current()
        .action(
            Lifeline.FWO,
            "does not find the page's origin on the list",
            "%s is not among %s".formatted(shown, list));
    if (shouldLog(deployment, shown)) {
      log.warn(
          "trace {}: refused a page: {} (listed: {})",
          Trace.current().shortId(),
          what(shown, deployment),
          list);
    }
    return refusal(deployment, origin);
  }

  private static String what(String origin, Sid.Deployment deployment) {
    String key = deployment.text();
    if (AllowedOrigins.canList(origin)) {
      return "%s is not on the list of %s: ./parlour deployments update %s --add-origin %s"
          .formatted(origin, key, key, origin);
    }
    return origin.equals("null")
        ? "The origin null (a sandboxed frame, a local file) is never on the list of a deployment."
        : "\"%s\" is not on the list of %s, and is not an origin that a list can contain."
            .formatted(origin, key);
  }

  private synchronized boolean shouldLog(Sid.Deployment deployment, String origin) {
    long now = nanoTime.getAsLong();
    if (now - loggedSince >= Limits.UNLISTED_ORIGIN_LOG_INTERVAL.toNanos()) {
      logged.clear();
      loggedSince = now;
    }
    Set<String> ofDeployment = logged.computeIfAbsent(deployment, _ -> new HashSet<>());
    return ofDeployment.size() < Limits.UNLISTED_ORIGINS_LOGGED && ofDeployment.add(origin);
  }
}
