package parlour.process;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import parlour.config.Role;
import parlour.http.client.Nodes;
import parlour.http.server.Listener;
import parlour.http.server.Readiness;
import parlour.metrics.Metrics;
import parlour.redis.Redis;
import parlour.store.DiskSpace;
import parlour.store.StoreActivity;

/** Publishes the numbers of the parts that the roles of a process share. */
final class ProcessMetrics {
  private final Metrics metrics;
  private final Map<String, Listener> listeners = new ConcurrentHashMap<>();
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
        () -> readiness.isReady() ? 1 : 0);
    metrics.gauge(
        "parlour_disk_scarce",
        "1 if the disk is nearly full, so that no new chat can begin.",
        () -> disk.isScarce() ? 1 : 0);
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
