package parlour.process;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.StartupError;
import parlour.config.Config;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Health;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.MetricsPage;
import parlour.http.server.Proxies;
import parlour.http.tls.Tls;
import parlour.scopedauth.WrongMasterKey;
import parlour.store.SchemaMismatch;
import parlour.store.StoreUnavailable;

/**
 * One process of Parlour: starts the roles that its settings name, in the order of {@link
 * RoleOrder}, and stops in the order of {@link #stopping}.
 */
public final class ParlourProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ParlourProcess.class);

  private final Config config;
  private final SharedParts parts;
  private final Optional<Listener> publicListener;
  private final Listener internalListener;

  /** Starts the roles that the configuration names, unless a store is missing. */
  public static ParlourProcess start(
      Config config, InstantSource clock, ServiceDecorators decorators) {
    return start(config, clock, decorators, Stores.Unexpected.REFUSE);
  }

  /**
   * Starts the roles that the configuration names, and returns when they answer.
   *
   * @param unexpected whether to start although a store is missing that existed before
   * @throws StartupError with the remedy, if it cannot start
   */
  public static ParlourProcess start(
      Config config,
      InstantSource clock,
      ServiceDecorators decorators,
      Stores.Unexpected unexpected) {
    try {
      return new ParlourProcess(
          new SharedParts(config, ClockWatch.of(clock), decorators, unexpected));
    } catch (WrongMasterKey | SchemaMismatch | StoreUnavailable e) {
      throw new StartupError(String.valueOf(e.getMessage()), e);
    }
  }

  private ParlourProcess(SharedParts parts) {
    this.config = parts.config;
    this.parts = parts;
    config.warnings().forEach(log::warn);
    try {
      Services services = RoleOrder.start(parts);
      services.ledger().ifPresent(parts::keepLedger);
      parts.internalRoutes.get("/v1/Traces/{Id}", this::trace);
      internalListener = listenInternally();
      parts.closeAtTheEnd(internalListener);
      parts.processMetrics.add("internal", internalListener);
      publicListener = services.edge().map(edge -> EdgeRole.listen(parts, edge));
      publicListener.ifPresent(parts::closeAtTheEnd);
      publicListener.ifPresent(listener -> parts.processMetrics.add("public", listener));
      services.samples().ifPresent(parts::keepSamples);
      parts.claim.announce(internalAddress());
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private Listener listenInternally() {
    Listener.Front front = new Listener.Front(
        config
            .internalTls()
            .map(own -> parts
                .reloaded(Tls.ofListener(own, config.internalCallers(), parts.clock))
                .factory()),
        Proxies.NONE,
        OptionalInt.empty(),
        List.of());
    return Listener.start(
        Listener.Settings.internal(config.internalHost(), config.internalPort(), Errors.PLAIN),
        front,
        new Health(
            parts.readiness,
            new MetricsPage(
                parts.metrics,
                new InternalOnly(
                    Errors.PLAIN,
                    parts.secrets,
                    parts.traces,
                    parts.clock,
                    parts.internalRoutes))));
  }

  private ApiResponse trace(ApiRequest call) {
    return parts
        .traces
        .find(call.parameter("Id"))
        .map(kept -> ApiResponse.text(200, kept.toMermaid()))
        .orElseThrow(() -> new Problem(ErrorCode.NOT_FOUND));
  }

  /** The address to which browsers connect; empty if this process does not run Starship. */
  public Optional<URI> publicAddress() {
    return publicListener.map(
        listener -> address(config.publicTls().isPresent(), config.publicHost(), listener.port()));
  }

  public URI internalAddress() {
    return address(
        config.internalTls().isPresent(), config.internalHost(), internalListener.port());
  }

  private static URI address(boolean tls, String host, int port) {
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    String shown = any ? "localhost" : host;
    return URI.create("%s://%s:%d"
        .formatted(tls ? "https" : "http", shown.contains(":") ? "[" + shown + "]" : shown, port));
  }

  @Override
  public void close() {
    stopping().forEach(Runnable::run);
  }

  /**
   * Stops without the time that {@link #close} gives to load balancers, and to calls on connections
   * that a proxy keeps. Running calls are finished.
   */
  public void closeAtOnce() {
    parts.readiness.drain();
    parts.shutdownHooks.forEach(Runnable::run);
    publicListener.ifPresent(listener -> listener.drain(Limits.DRAIN));
    internalListener.drain(Limits.DRAIN);
    parts.close();
  }

  /** The steps of a stop, in order. A load balancer that polls the readiness gets time to react. */
  private List<Runnable> stopping() {
    return List.of(
        parts.readiness::drain,
        () -> publicListener.ifPresent(Listener::closeAfterAnswers),
        this::awaitBalancers,
        () -> parts.shutdownHooks.forEach(Runnable::run),
        this::finishRunningCalls,
        parts::close);
  }

  private void awaitBalancers() {
    if (parts.readiness.isWatched() || !config.trustedProxies().isEmpty()) {
      try {
        Thread.sleep(Limits.DRAIN_NOTICE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the caller wants to stop sooner
      }
    }
  }

  /** Accepts no new calls, and gives the running ones on both listeners the same deadline. */
  private void finishRunningCalls() {
    Instant end = Instant.now().plus(Limits.DRAIN);
    publicListener.ifPresent(listener -> {
      listener.closePort(Limits.DRAIN_IDLE);
      listener.drain(until(end));
    });
    internalListener.drain(until(end));
  }

  private static Duration until(Instant end) {
    Duration left = Duration.between(Instant.now(), end);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
