package parlour.process;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.config.Role;
import parlour.http.client.Nodes;
import parlour.http.server.Listener;
import parlour.http.server.Readiness;
import parlour.http.tls.Tls;
import parlour.metrics.Metrics;
import parlour.redis.Redis;
import parlour.store.DiskSpace;
import parlour.store.StoreActivity;

/** Publishes the numbers of the parts that the roles of a process share. */
final class ProcessMetrics {
  private final Metrics metrics;
  private final Map<String, Listener> listeners = new ConcurrentHashMap<>();
  private final List<Tls<?>> certificates = new CopyOnWriteArrayList<>();
  private final Map<String, DiskSpace> disks = new ConcurrentHashMap<>();
  private final Map<Role, Nodes> nodes = new ConcurrentHashMap<>();

  ProcessMetrics(Metrics metrics) {
    this.metrics = metrics;
    metrics.gauges(
        "parlour_connections",
        "Open connections of a listener, WebSockets among them.",
        "listener",
        () -> of(listeners, Listener::connections));
    metrics.gauges(
        "parlour_sockets",
        "Open WebSockets of a listener.",
        "listener",
        () -> of(listeners, Listener::sockets));
    metrics.gauges(
        "parlour_nodes",
        "Nodes of a role that this process calls.",
        "role",
        () -> of(nodes, one -> one.health().nodes()));
    metrics.gauges(
        "parlour_nodes_healthy",
        "Nodes of a role that this process calls and that seem healthy.",
        "role",
        () -> of(nodes, one -> one.health().healthy()));
  }

  /**
   * @param name what the listener is for
   */
  void add(String name, Listener listener) {
    listeners.put(name, listener);
  }

  void add(Role role, Nodes ofRole) {
    nodes.put(role, ofRole);
  }

  void add(Readiness readiness, DiskSpace disk) {
    metrics.gauge(
        "parlour_ready",
        "1 if this process should get calls, 0 if not.",
        () -> readiness.isReadyWithin(Limits.METRICS_PATIENCE) ? 1 : 0);
    metrics.gauge(
        "parlour_disk_scarce",
        "1 if the disk is nearly full, so that no new chat can begin.",
        () -> disk.isScarce() ? 1 : 0);
    disks.put("data", disk);
    metrics.gauges(
        "parlour_disk_free_bytes",
        "Free bytes of the disk of a folder, read every 10 s.",
        "folder",
        () -> bytes(DiskSpace.Space::free));
    metrics.gauges(
        "parlour_disk_reserved_bytes",
        "Free bytes of the disk of a folder below which no new chat begins, or no file is accepted.",
        "folder",
        () -> bytes(space -> DiskSpace.watermark(space.total())));
  }

  /** The disk of the files, which is another one than that of the stores. */
  void addFiles(DiskSpace disk) {
    disks.put("media", disk);
  }

  private Map<String, Double> bytes(ToDoubleFunction<DiskSpace.Space> number) {
    Map<String, Double> bytes = new TreeMap<>();
    disks.forEach((folder, disk) ->
        disk.last().ifPresent(space -> bytes.put(folder, number.applyAsDouble(space))));
    return bytes;
  }

  void add(ClockWatch clock) {
    metrics.gauge(
        "parlour_clock_in_doubt",
        "1 if the clock has jumped or contradicts a store, so that nothing is decided by an age.",
        () -> clock.isInDoubt() ? 1 : 0);
    String version = Objects.requireNonNullElse(
        ProcessMetrics.class.getPackage().getImplementationVersion(), "unknown");
    metrics.gauges(
        "parlour_build_info", "1, with the version.", "version", () -> Map.of(version, 1.0));
  }

  /** A certificate of this process. */
  void add(Tls<?> tls) {
    if (certificates.isEmpty()) {
      metrics.gauges(
          "parlour_certificate_end_seconds",
          "The end of a certificate that this process presents, in seconds since 1970.",
          "setting",
          this::certificateEnds);
    }
    certificates.add(tls);
  }

  private Map<String, Double> certificateEnds() {
    Map<String, Double> ends = new TreeMap<>();
    certificates.forEach(tls ->
        tls.end().ifPresent(end -> ends.put(end.setting(), (double) end.at().getEpochSecond())));
    return ends;
  }

  void add(Stores stores) {
    metrics.gauges(
        "parlour_store_waiting",
        "Changes that wait for a writer of a store.",
        "store",
        () -> activities(stores, StoreActivity::waiting));
    metrics.counters(
        "parlour_store_groups_total",
        "Groups of changes that were committed together, or tried to.",
        "store",
        () -> activities(stores, StoreActivity::groups));
    metrics.counters(
        "parlour_store_changes_total",
        "Changes whose callers have got an answer.",
        "store",
        () -> activities(stores, StoreActivity::changes));
    metrics.counters(
        "parlour_store_change_seconds_total",
        "The time that the callers of changes waited, together.",
        "store",
        () -> activities(stores, activity -> activity.changeNanos() / 1e9));
    addHistogram(stores);
    metrics.gauges(
        "parlour_store_reads_running",
        "Reads that have a connection to a store.",
        "store",
        () -> activities(stores, StoreActivity::readsRunning));
    metrics.gauges(
        "parlour_store_reads_waiting",
        "Reads that wait for a connection to a store.",
        "store",
        () -> activities(stores, StoreActivity::readsWaiting));
  }

  private void addHistogram(Stores stores) {
    metrics.durations(
        "parlour_store_change_duration_seconds",
        "Time that the callers of changes waited: for the writer, and until the change was durable.",
        StoreActivity.BOUNDS,
        "store",
        () -> {
          Map<String, Metrics.Durations> durations = new TreeMap<>();
          stores.activities((role, activity) -> durations.put(
              word(role),
              new Metrics.Durations(activity.changesWithin(), activity.changeNanos() / 1e9)));
          return durations;
        });
  }

  void add(Redis redis) {
    metrics.gauge(
        "parlour_redis_connected",
        "1 if events arrive from other processes and reach them, 0 if not.",
        () -> redis.isConnected() ? 1 : 0);
    metrics.gauge(
        "parlour_redis_followed",
        "Conversations and accounts whose events this process receives.",
        redis::followed);
    metrics.counter(
        "parlour_redis_round_trips_total",
        "Groups of commands that Redis has answered.",
        redis::roundTrips);
    metrics.counter(
        "parlour_redis_round_trip_seconds_total",
        "The time until Redis has answered these groups, together.",
        redis::roundTripSeconds);
    metrics.counter(
        "parlour_redis_failures_total",
        "Commands to Redis that failed, or were answered too late.",
        redis::failures);
    metrics.counter(
        "parlour_redis_dropped_total", "Events that were not sent to Redis.", redis::dropped);
    metrics.counter(
        "parlour_redis_ignored_total",
        "Messages from Redis that Parlour did not send.",
        redis::ignored);
  }

  private static Map<String, Double> activities(
      Stores stores, ToDoubleFunction<StoreActivity> number) {
    Map<Role, StoreActivity> activities = new EnumMap<>(Role.class);
    stores.activities(activities::put);
    return of(activities, number);
  }

  private static <K, V> Map<String, Double> of(Map<K, V> parts, ToDoubleFunction<V> number) {
    Map<String, Double> numbers = new TreeMap<>();
    parts.forEach((key, part) -> numbers.put(
        key instanceof Role role ? word(role) : key.toString(), number.applyAsDouble(part)));
    return numbers;
  }

  private static String word(Role role) {
    return role.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
