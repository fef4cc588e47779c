package parlour.process;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Unavailable;
import parlour.config.Config;
import parlour.config.Role;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.internal.InternalCalls;
import parlour.http.server.Routes;

/**
 * Compares a setting that two roles must share: with {@code media.url}, Starship separates the hosts
 * and the orchestrator makes the links. If they differ, no link opens a file, or every host answers
 * files. Each edge asks each orchestrator; both log a difference, and the edge's readiness warns of
 * it.
 */
final class SharedSettings {
  private static final Logger log = LoggerFactory.getLogger(SharedSettings.class);
  private static final String WHAT = "media.url is not the same in starship and orchestrator";

  private static final InternalCalls<SharedSettings> CALLS = new InternalCalls<>("/v1/Settings");

  /**
   * @param mediaUrl the asking edge's; empty if it has none
   */
  record Asked(String mediaUrl) {}

  private static final InternalCalls<SharedSettings>.Call<Asked, String> MEDIA_URL =
      CALLS.declare("/media-url", Asked.class, "media_url", String.class, (service, asked) -> {
        service.compare(asked.mediaUrl(), "an edge");
        return service.mediaUrl;
      });

  private final String mediaUrl;
  private final OutageLog differences = new OutageLog(log, WHAT);

  private SharedSettings(Config config) {
    this.mediaUrl = config.mediaUrl().map(URI::toString).orElse("");
  }

  /** Answers the edges. */
  static void serve(Config config, Routes routes) {
    CALLS.serve(new SharedSettings(config), routes);
  }

  /** Asks the orchestrators of an edge, at its start and from then on. */
  static void compareWithOrchestrators(SharedParts parts) {
    SharedSettings own = new SharedSettings(parts.config);
    Map<URI, InternalClient> clients = new LinkedHashMap<>();
    parts
        .config
        .addressesOf(Role.ORCHESTRATOR)
        .forEach(address -> clients.put(
            address,
            parts.client(Nodes.of("the orchestrator", address), Limits.SCOPED_AUTH_DEADLINE)));
    var warning = new Warning();
    parts.warnOf(warning::text);
    parts
        .scheduler
        .every(Limits.SETTINGS_COMPARED, "compare media.url with the orchestrator", () -> {
          boolean differs = false;
          boolean isKnown = true;
          for (Map.Entry<URI, InternalClient> one : clients.entrySet()) {
            try {
              differs |= !own.compare(
                  MEDIA_URL.ask(one.getValue(), new Asked(own.mediaUrl)),
                  "the orchestrator at " + one.getKey());
            } catch (Unavailable down) { // or an older version; calls of browsers log an outage
              isKnown = false;
            }
          }
          if (differs || isKnown) {
            warning.differs = differs;
          }
        })
        .run();
  }

  private static final class Warning {
    private volatile boolean differs;

    Optional<String> text() {
      return differs ? Optional.of(WHAT) : Optional.empty();
    }
  }

  /** Whether another process has the same value; logs if not. */
  private boolean compare(String theirs, String who) {
    if (theirs.equals(mediaUrl)) {
      differences.worked();
      return true;
    }
    differences.failed(
        "this process has %s, and %s has %s: files cannot be opened, or every host answers them. Set the"
                .formatted(shown(mediaUrl), who, shown(theirs))
            + " same media.url in both, and restart them together");
    return false;
  }

  private static String shown(String url) {
    return url.isEmpty() ? "none" : url;
  }
}
