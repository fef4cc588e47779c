package parlour.process;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.eclipse.jetty.server.Handler;
import parlour.Limits;
import parlour.config.Config;
import parlour.errors.Errors;
import parlour.http.Header;
import parlour.http.server.Health;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.tls.Tls;
import parlour.samples.Plot;
import parlour.starship.FilesHost;
import parlour.starship.LoggedSignIns;
import parlour.starship.NotedOutages;
import parlour.starship.Pages;
import parlour.starship.Starship;

/** Starship: the edge that browsers connect to, and its listener. */
final class EdgeRole {
  private EdgeRole() {}

  static void local(SharedParts parts, Services services) {
    FilesHost files = new FilesHost(parts.config.mediaUrl());
    Pages pages = new Pages(files);
    services.addEdge(new Handler.Sequence(
        files.elsewhere(
            new Health(parts.readiness, pages), path -> pages.has(path) || Health.isAt(path)),
        new Starship(
            services.orchestrator(),
            files,
            new Proxies(parts.config.trustedProxies()),
            new LoggedSignIns(parts.rateLimiterIfEnabled(), parts.security),
            parts.traces,
            parts.metrics,
            new NotedOutages(parts.ledger),
            parts.clock)));
    parts.sampler.add(Plot.REFRESHES, () -> outcomes(parts.metrics.answers("refresh")));
    parts.sampler.add(Plot.LATENCY, () -> parts.metrics.durations("send"));
  }

  /** The calls by what their HTTP status means; those without a call are there, too. */
  private static Map<String, Long> outcomes(Map<String, Long> byStatus) {
    Map<String, Long> outcomes =
        new TreeMap<>(Map.of("accepted", 0L, "refused", 0L, "failed", 0L, "other", 0L));
    byStatus.forEach((status, count) -> outcomes.merge(outcome(status), count, Long::sum));
    return outcomes;
  }

  private static String outcome(String status) {
    return switch (status) {
      case "401", "403" -> "refused";
      default ->
        switch (status.charAt(0)) {
          case '2' -> "accepted";
          case '5' -> "failed";
          default -> "other";
        };
    };
  }

  static Listener listen(SharedParts parts, Handler edge) {
    Config config = parts.config;
    Listener listener = Listener.start(
        Listener.Settings.forBrowsers(config.publicHost(), config.publicPort(), Errors.PLAIN),
        new Listener.Front(
            config
                .publicTls()
                .map(own -> parts
                    .reloaded(Tls.ofListener(own, Optional.empty(), parts.clock))
                    .factory()),
            new Proxies(config.trustedProxies()),
            config.rateLimits()
                ? OptionalInt.of(Limits.CONNECTIONS_PER_ADDRESS)
                : OptionalInt.empty(),
            httpsOnly(config)),
        edge);
    parts.sampler.add(Plot.SOCKETS, () -> Map.of("open", listener.sockets()));
    return listener;
  }

  /** Only an operator who sets an https address can promise browsers HTTPS for a year. */
  private static List<Header> httpsOnly(Config config) {
    return config
        .publicUrl()
        .filter(url -> url.startsWith("https:"))
        .map(_ -> new Header(
            "Strict-Transport-Security",
            "max-age=" + Limits.HSTS_MAX_AGE.toSeconds() + "; includeSubDomains"))
        .stream()
        .toList();
  }
}
