package parlour.process;

import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.Scheduler;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.InternalSecret;
import parlour.config.Role;
import parlour.errors.Errors;
import parlour.events.EventBus;
import parlour.events.LocalEventBus;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.server.Readiness;
import parlour.http.server.Routes;
import parlour.http.tls.Tls;
import parlour.ledger.LedgerQueue;
import parlour.ledger.LedgerSink;
import parlour.metrics.Metrics;
import parlour.proof.MemoryNonces;
import parlour.proof.Nonces;
import parlour.rates.LocalRateLimiter;
import parlour.rates.RateLimiter;
import parlour.redis.Redis;
import parlour.samples.SampleSink;
import parlour.samples.Sampler;
import parlour.store.DiskSpace;
import parlour.telemetry.Telemetry;
import parlour.trace.SecurityLog;
import parlour.trace.Spans;
import parlour.trace.Traces;

/**
 * The parts that the roles of one process share: the settings, the clock, the stores, the
 * schedulers, the clients and the event bus. The constructor starts them in the order in which they
 * need each other; {@link #close} closes them in the reverse order.
 */
final class SharedParts implements AutoCloseable {
  final Config config;
  final ServiceDecorators decorators;
  final ClockWatch clock;
  final SecureRandom random = new SecureRandom();
  final DataFolder.Claim claim;
  final InternalSecrets secrets;
  final Traces traces;
  final Scheduler scheduler = new Scheduler("scheduler");
  // Separate, because other tasks can take a second and sockets must close sooner.
  final Scheduler revocationScheduler = new Scheduler("scheduler: revocations");
  // Separate, because it asks about every open socket, perhaps over a network.
  final Scheduler supersededScheduler = new Scheduler("scheduler: superseded tokens");
  // Separate, because others can take seconds, and messages would be late.
  final Scheduler wakeUpScheduler = new Scheduler("scheduler: wake-ups");
  // Separate, because it can wait for an object store.
  final Scheduler filesScheduler = new Scheduler("scheduler: files");
  // Separate, because it runs for minutes when a large store is indexed for the first time.
  final Scheduler searchScheduler = new Scheduler("scheduler: search");
  // Separate, because it can run for minutes after a retention time was shortened.
  final Scheduler retentionScheduler = new Scheduler("scheduler: retention");
  // Separate, because the store of the ledger can be down while other tasks must be on time.
  final Scheduler ledgerScheduler = new Scheduler("scheduler: ledger");
  // Separate, because the store of the samples can be down while other tasks must be on time.
  final Scheduler samplesScheduler = new Scheduler("scheduler: samples");
  // Separate, because it waits for each orchestrator that does not answer.
  final Scheduler settingsScheduler = new Scheduler("scheduler: settings");
  /** Actions at the start of a shutdown that end the calls which wait for something. */
  final List<Runnable> shutdownHooks = new ArrayList<>();

  final Routes internalRoutes = new Routes(Errors.PLAIN);
  final Metrics metrics = new Metrics();
  final ProcessMetrics processMetrics = new ProcessMetrics(metrics);
  final Sampler sampler;
  final LedgerQueue ledger;
  final SecurityLog security;
  final DiskSpace disk;
  final Stores stores;
  final Readiness readiness;
  final EventBus events;

  private final Optional<Redis> redis;
  private @Nullable LedgerSink ledgerSink;
  private SslContextFactory.@Nullable Client clientTls;
  private @Nullable HttpClient http;
  private final RateLimiter localRateLimiter = new LocalRateLimiter();
  private final List<Supplier<Optional<String>>> warnings = new CopyOnWriteArrayList<>();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  SharedParts(
      Config config, ClockWatch clock, ServiceDecorators decorators, Stores.Unexpected unexpected) {
    this.config = config;
    this.clock = clock;
    this.decorators = decorators;
    sampler = new Sampler(clock, random);
    processMetrics.add(clock);
    DataFolder folder = DataFolder.create(config.data());
    claim =
        config.database().isPresent() ? folder.share(config.roles()) : folder.claim(config.roles());
    opened.push(claim);
    // Parlour cannot see the disk of a PostgreSQL server.
    disk = config.database().isPresent() ? DiskSpace.unknown() : DiskSpace.of(config.data());
    disk.check();
    scheduler.every(Limits.DISK_CHECK, "check the free space of the disk", disk::check);
    try {
      secrets = secrets();
      config
          .ignoredOtlpEndpoint()
          .ifPresent(why -> LoggerFactory.getLogger(SharedParts.class).warn("{}", why));
      traces = new Traces(config.otlpEndpoint().map(this::exported));
      ledger = new LedgerQueue(new LocalRateLimiter(), clock, random);
      security =
          new SecurityLog(clock, secrets.sent(), event -> ledger.add(SecurityNotes.of(event)));
      if (config.internalAuthorities().isPresent() || config.internalTls().isPresent()) {
        SslContextFactory.Client _ = clientTls(); // a wrong file stops the start
      }
      redis = config.redis().map(address -> Redis.start(address, random));
      redis.ifPresent(opened::push);
      events = redis.map(Redis::eventBus).orElseGet(this::localEventBus);
      stores = Stores.open(config, folder, decorators, clock, random, unexpected);
      opened.push(stores);
      redis.ifPresent(
          shared -> stores.installation().ifPresent(id -> shared.announce(id, secrets)));
      readiness = new Readiness(stores::notReady, this::warning);
      processMetrics.add(stores);
      processMetrics.add(readiness, disk);
      redis.ifPresent(processMetrics::add);
      stores
          .all()
          .forEach(database -> scheduler.every(
              Limits.STORE_SCRUB_DELAY, "remove deleted data from the disk", database::scrub));
      scheduler.every(
          Duration.ofMinutes(1), "record that the stores are in use", stores::noteInUse);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Spans exported(URI endpoint) {
    Telemetry telemetry = Telemetry.start(endpoint);
    opened.push(telemetry);
    metrics.counters(
        "parlour_spans_total",
        "Spans of traces: exported, or dropped for want of room or because the endpoint failed.",
        "outcome",
        telemetry::outcomes);
    return telemetry.spans();
  }

  private InternalSecrets secrets() {
    var file = config.internalSecretFile();
    String sent = InternalSecret.checked(
        config
            .internalSecret()
            .orElseGet(() -> DataFolder.secretOrNew(file, () -> InternalSecret.random(random))),
        file);
    return new InternalSecrets(
        sent, config.otherInternalSecret().map(other -> InternalSecret.checkedOther(other, sent)));
  }

  /**
   * Only this process changes an embedded store of conversations, so a waiter relies on events
   * alone. Other nodes change a shared store; without Redis their events do not arrive, so a waiter
   * polls.
   */
  private EventBus localEventBus() {
    return new LocalEventBus(
        config.database().isPresent() ? Limits.POLL_WITHOUT_EVENTS : Limits.FOLLOW_TIMEOUT);
  }

  /** Writes the ledger from now on, and what is left of it when the process ends. */
  void keepLedger(LedgerSink sink) {
    ledgerSink = sink;
    ledgerScheduler.every(Limits.LEDGER_FLUSH, "write the ledger", () -> ledger.flush(sink));
    metrics.counters(
        "parlour_ledger_entries_total",
        "Events for the ledger: stored, sampled (left out under load), or lost for want of room.",
        "outcome",
        ledger::outcomes);
    metrics.counters(
        "parlour_deployment_refusals_total",
        "Calls of guests that were refused, by deployment; at most 100 deployments by name.",
        List.of("deployment", "cause"),
        ledger::refusals);
    metrics.gauge(
        "parlour_ledger_waiting", "Entries of the ledger that wait to be stored.", ledger::waiting);
  }

  /** Writes samples of the metrics from now on. */
  void keepSamples(SampleSink sink) {
    samplesScheduler.every(
        Limits.SAMPLE_CHECK, "store samples of the metrics", () -> sampler.run(sink));
  }

  private void finishLedger() {
    LedgerSink sink = ledgerSink;
    if (sink != null) {
      try {
        ledger.flushAtTheEnd(sink);
      } catch (RuntimeException e) {
        LoggerFactory.getLogger(SharedParts.class)
            .warn("the last entries of the ledger are not stored: {}", e.getMessage());
      }
    }
  }

  /** Watches the disk of the folder of files, if it is another one than that of the stores. */
  DiskSpace diskOfFiles(Path files) {
    if (!DiskSpace.areApart(files, config.data())) {
      return disk;
    }
    DiskSpace own = DiskSpace.ofFiles(DiskSpace.source(files), disk);
    own.check();
    scheduler.every(Limits.DISK_CHECK, "check the free space of the disk of files", own::check);
    processMetrics.addFiles(own);
    warnOf(() -> own.isFull()
        ? Optional.of("the disk of the folder of files is nearly full: no file can be uploaded")
        : Optional.empty());
    return own;
  }

  /** Shows a text with the readiness while there is one. */
  void warnOf(Supplier<Optional<String>> text) {
    warnings.add(text);
  }

  private Optional<String> warning() {
    return disk.isScarce()
        ? Optional.of("the disk is nearly full: no new chat can begin")
        : warnings.stream().flatMap(text -> text.get().stream()).findFirst();
  }

  /** Counts the calls that are always limited. */
  RateLimiter rateLimiter() {
    return redis
        .map(shared -> shared.rateLimiter(localRateLimiter, secrets))
        .orElse(localRateLimiter);
  }

  /** Counts the calls that are limited unless the setting {@code rate-limits} is off. */
  RateLimiter rateLimiterIfEnabled() {
    return config.rateLimits() ? rateLimiter() : RateLimiter.UNLIMITED;
  }

  /** Remembers the proofs that were used. */
  Nonces nonces() {
    Nonces local = new MemoryNonces(clock.instant(), random);
    return redis.map(shared -> shared.nonces(local, secrets)).orElse(local);
  }

  /** Runs each minute a sweep that deletes by age, except while the clock may be wrong. */
  void everyMinute(String task, Runnable sweep) {
    scheduler.every(Duration.ofMinutes(1), task, clock.sweeping(sweep));
  }

  /** Reloads the certificates when their files change, until the process ends. */
  <F extends SslContextFactory> Tls<F> reloaded(Tls<F> tls) {
    scheduler.every(Limits.CERTIFICATE_POLL, "reload certificates", tls::readAgain);
    if (tls.end().isPresent()) {
      processMetrics.add(tls);
    }
    return tls;
  }

  /**
   * Returns the TLS settings for calls to other processes. The first role that makes such calls creates
   * them, so a process that calls no other one starts without reading all authorities of the JDK. Only
   * the thread that starts the process calls this.
   */
  SslContextFactory.Client clientTls() {
    if (clientTls == null) {
      clientTls = reloaded(Tls.ofCaller(config.internalAuthorities(), config.internalTls(), clock))
          .factory();
    }
    return clientTls;
  }

  /** Returns the HTTP client for calls to other processes; created as {@link #clientTls} is. */
  HttpClient http() {
    if (http == null) {
      HttpClient started = HttpClients.start(clientTls());
      closeAtTheEnd(started::stop);
      http = started;
    }
    return http;
  }

  InternalClient client(Role role, String who, Duration deadline) {
    return client(nodes(role, who), deadline);
  }

  InternalClient client(Nodes nodes, Duration deadline) {
    return new InternalClient(http(), nodes, secrets.sent(), deadline, Limits.AUTH_RESPONSE_BYTES);
  }

  Nodes nodes(Role role, String who) {
    Nodes nodes = new Nodes(who, config.addressesOf(role)).watch(http());
    closeAtTheEnd(nodes);
    processMetrics.add(role, nodes);
    return nodes;
  }

  /** Closes a part when this process ends, before all parts that were opened earlier. */
  void closeAtTheEnd(AutoCloseable part) {
    opened.push(part);
  }

  @Override
  public void close() {
    // The schedulers first, because their tasks use the parts that are closed next.
    List.of(
            filesScheduler,
            searchScheduler,
            retentionScheduler,
            wakeUpScheduler,
            supersededScheduler,
            revocationScheduler,
            ledgerScheduler,
            samplesScheduler,
            settingsScheduler,
            scheduler)
        .forEach(Scheduler::close);
    finishLedger();
    while (!opened.isEmpty()) {
      AutoCloseable next = opened.pop();
      try {
        next.close();
      } catch (Exception e) {
        // Not a constant, because `parlour version` would then load the logging.
        LoggerFactory.getLogger(SharedParts.class).warn("could not close {}", next, e);
      }
    }
  }
}
