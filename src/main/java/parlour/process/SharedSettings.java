package parlour.process;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
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
        service.edges.hasSame(asked.mediaUrl());
        return service.mediaUrl;
      });

  private final String mediaUrl;
  private final LongSupplier nanoTime;

  /** All edges: a call does not say which of them asks. */
  final Peer edges;

  /**
   * @param mediaUrl of this process; empty if it has none
   */
  SharedSettings(String mediaUrl, LongSupplier nanoTime) {
    this.mediaUrl = mediaUrl;
    this.nanoTime = nanoTime;
    this.edges = new Peer("an edge", false);
  }

  private static SharedSettings of(Config config) {
    return new SharedSettings(config.mediaUrl().map(URI::toString).orElse(""), System::nanoTime);
  }

  /** Answers the edges. */
  static void serve(Config config, Routes routes) {
    CALLS.serve(of(config), routes);
  }

  /** Asks the orchestrators of an edge, at its start and from then on. */
  static void compareWithOrchestrators(SharedParts parts) {
    SharedSettings own = of(parts.config);
    Map<Peer, InternalClient> clients = new LinkedHashMap<>();
    parts
        .config
        .addressesOf(Role.ORCHESTRATOR)
        .forEach(address -> clients.put(
            own.orchestrator(address.toString()),
            parts.client(Nodes.of("the orchestrator", address), Limits.SCOPED_AUTH_DEADLINE)));
    var warning = new Warning();
    parts.warnOf(warning::text);
    parts
        .settingsScheduler
        .every(Limits.SETTINGS_COMPARED, "compare media.url with the orchestrator", () -> {
          boolean differs = false;
          boolean isKnown = true;
          for (Map.Entry<Peer, InternalClient> one : clients.entrySet()) {
            try {
              differs |=
                  !one.getKey().hasSame(MEDIA_URL.ask(one.getValue(), new Asked(own.mediaUrl)));
            } catch (Unavailable down) { // calls of browsers log it
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

  Peer orchestrator(String address) {
    return new Peer("the orchestrator at " + address, true);
  }

  /** A process, or several, with which this process compares its value. */
  final class Peer {
    private final String who;
    private final boolean isOne;
    private final OutageLog differences;

    /**
     * @param isOne whether it is one process, so that the same value ends an earlier difference;
     *     otherwise {@link Limits#OUTAGE_QUIET} ends it
     */
    private Peer(String who, boolean isOne) {
      this.who = who;
      this.isOne = isOne;
      this.differences = new OutageLog(log, WHAT, nanoTime);
    }

    /** Whether it has the same value; logs if not. */
    boolean hasSame(String other) {
      if (other.equals(mediaUrl)) {
        if (isOne) {
          differences.worked();
        }
        return true;
      }
      differences.failed(
          "this process has %s, and %s has %s: files cannot be opened, or every host answers them. Set the"
                  .formatted(shown(mediaUrl), who, shown(other))
              + " same media.url in both, and restart them together");
      return false;
    }
  }

  private static String shown(String url) {
    return url.isEmpty() ? "none" : url;
  }
}
