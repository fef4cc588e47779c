package parlour.http.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.http.InternalProtocol;

/**
 * The nodes of one service, that is the processes that run it, and which of them gets the next
 * call: the healthy one with the fewest running calls; nodes with equally many take turns.
 *
 * <p>A node that seems unhealthy is tried last, but it is tried: a wrong opinion about all nodes
 * must not become an outage.
 */
public final class Nodes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Nodes.class);

  private final String who;
  private final List<URI> bases;
  private final Resolver resolver;
  private final Duration pause;
  private final AtomicInteger turn = new AtomicInteger();
  private volatile List<Node> nodes;
  private @Nullable Thread watcher;

  /** Resolves a host name. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String name) throws UnknownHostException;
  }

  /**
   * @param who the name of the service, for messages
   * @param bases the addresses of its nodes; a host name stands for a node at each of its addresses
   */
  public Nodes(String who, List<URI> bases) {
    this(who, bases, InetAddress::getAllByName, Limits.NODE_HEALTH_CHECK);
  }

  Nodes(String who, List<URI> bases, Resolver resolver, Duration pause) {
    if (bases.isEmpty()) {
      throw new IllegalArgumentException("a service needs at least one address");
    }
    this.who = who;
    this.bases = List.copyOf(bases);
    this.resolver = resolver;
    this.pause = pause;
    this.nodes = bases.stream().map(base -> new Node(base, Optional.empty())).toList();
  }

  private Nodes(Nodes all, Node only) {
    this(all.who, all.bases, all.resolver, all.pause);
    this.nodes = List.of(only);
  }

  /** One of these nodes, whose state stays what all its callers find. */
  Nodes only(Node node) {
    return new Nodes(this, node);
  }

  /** All nodes, as their names were resolved last. */
  public List<Node> all() {
    return nodes;
  }

  /** The one node at this address. */
  public static Nodes of(String who, URI base) {
    return new Nodes(who, List.of(base));
  }

  /** Checks the nodes periodically from now on, unless there is one fixed address. */
  public Nodes watch(HttpClient http) {
    if (bases.size() > 1 || bases.stream().anyMatch(Nodes::isName)) {
      watcher = Thread.ofVirtual().name("nodes of " + who).start(() -> checkPeriodically(http));
    }
    return this;
  }

  String who() {
    return who;
  }

  /** The number of nodes, and how many of them seem healthy. */
  public Health health() {
    List<Node> all = nodes;
    return new Health(
        all.size(), (int) all.stream().filter(node -> node.isHealthy).count());
  }

  /** How many nodes there are, and how many of them seem healthy. */
  public record Health(int nodes, int healthy) {}

  /** Whether there is another node if one fails. */
  public boolean areSeveral() {
    return nodes.size() > 1;
  }

  /** Whether {@link #next} would return a node; takes no turn. */
  boolean areLeft(Collection<Node> tried) {
    return tried.size() < Math.min(nodes.size(), Limits.NODE_ATTEMPTS);
  }

  /**
   * Chooses the node of the next attempt of a call.
   *
   * @param tried the nodes that already got this call
   * @return empty if all nodes got it, or {@link Limits#NODE_ATTEMPTS} of them
   */
  public Optional<Node> next(Collection<Node> tried) {
    List<Node> all = nodes;
    if (all.size() == 1) {
      return tried.isEmpty() ? Optional.of(all.getFirst()) : Optional.empty();
    }
    if (tried.size() >= Limits.NODE_ATTEMPTS) {
      return Optional.empty();
    }
    int first = Math.floorMod(turn.getAndIncrement(), all.size());
    Node best = null;
    for (int i = 0; i < all.size(); i++) {
      Node node = all.get((first + i) % all.size());
      if (!tried.contains(node) && (best == null || node.isBetterThan(best))) {
        best = node;
      }
    }
    return Optional.ofNullable(best);
  }

  /** One process that runs the service. */
  public final class Node {
    private final URI base;
    private final Optional<At> at;
    private final AtomicInteger calls = new AtomicInteger();
    private final OutageLog outage;
    private volatile boolean isHealthy = true;
    private volatile @Nullable Long avoidedSince;

    private Node(URI base, Optional<At> at) {
      this.base = base;
      this.at = at;
      this.outage = new OutageLog(log, who + " at " + this);
    }

    /** Makes a request to this node, with only its address set. */
    public Request request(HttpClient http, String path) {
      Request request = http.newRequest(base).path(HttpClients.path(base, path));
      at.ifPresent(request::transport);
      return request;
    }

    public URI base() {
      return base;
    }

    /** Counts a running call of this node, until {@link #end}. */
    public void begin() {
      calls.incrementAndGet();
    }

    /** Ends the count of a call, with or without an answer. */
    public void end() {
      calls.decrementAndGet();
    }

    /** Makes calls try other nodes first for a while: this one is unreachable, or is stopping. */
    public void avoid() {
      if (areSeveral()) {
        outage.failed("accepts no calls, other nodes are tried first");
      }
      avoidedSince = System.nanoTime();
    }

    private boolean isAvoided() {
      Long since = avoidedSince;
      return since != null && System.nanoTime() - since < Limits.NODE_BACK_OFF.toNanos();
    }

    private boolean seemsHealthy() {
      return isHealthy && !isAvoided();
    }

    private boolean isBetterThan(Node other) {
      boolean seemsHealthy = seemsHealthy();
      return seemsHealthy == other.seemsHealthy() ? calls.get() < other.calls.get() : seemsHealthy;
    }

    private void check(HttpClient http) {
      request(http, InternalProtocol.READY_PATH)
          .timeout(Limits.NODE_HEALTH_CHECK.toMillis(), TimeUnit.MILLISECONDS)
          .send(result ->
              setHealthy(result.isSucceeded() && result.getResponse().getStatus() == 200));
    }

    private void setHealthy(boolean isReady) {
      if (isHealthy != isReady) {
        isHealthy = isReady;
        if (!isReady) {
          outage.failed("not ready");
        }
      }
      if (isReady && !isAvoided()) {
        outage.worked();
      }
    }

    private boolean isAt(URI otherBase, Optional<At> other) {
      return base.equals(otherBase) && at.equals(other);
    }

    @Override
    public String toString() {
      return base
          + at.map(place -> " (" + place.address.getAddress().getHostAddress() + ")")
              .orElse("");
    }
  }

  // ---- health checks

  private void checkPeriodically(HttpClient http) {
    while (!Thread.currentThread().isInterrupted()) {
      resolve();
      if (areSeveral()) {
        nodes.forEach(node -> node.check(http));
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Resolves the names again. A node keeps its state while its name still has its address. */
  private void resolve() {
    List<Node> known = nodes;
    List<Node> found = new ArrayList<>();
    for (URI base : bases) {
      for (Optional<At> at : places(base, known)) {
        found.add(known.stream()
            .filter(node -> node.isAt(base, at))
            .findFirst()
            .orElseGet(() -> new Node(base, at)));
      }
    }
    nodes = List.copyOf(found);
  }

  private List<Optional<At>> places(URI base, List<Node> known) {
    if (!isName(base)) {
      return List.of(Optional.empty());
    }
    try {
      InetAddress[] addresses = resolver.resolve(base.getHost());
      if (addresses.length == 1) {
        return List.of(Optional.empty()); // the client resolves the name itself
      }
      int port = base.getPort() >= 0 ? base.getPort() : base.getScheme().equals("https") ? 443 : 80;
      List<Optional<At>> places = new ArrayList<>();
      for (InetAddress address : addresses) {
        places.add(Optional.of(new At(new InetSocketAddress(address, port))));
      }
      return places;
    } catch (UnknownHostException e) {
      return known.stream()
          .filter(node -> node.base.equals(base))
          .map(node -> node.at)
          .toList();
    }
  }

  private static boolean isName(URI base) {
    String host = base.getHost();
    return !host.startsWith("[") && !host.matches("[0-9.]+");
  }

  @Override
  public void close() {
    if (watcher != null) {
      watcher.interrupt();
    }
  }

  /**
   * One of the addresses of a host name. The certificate and the Host header still have the name.
   */
  private static final class At extends Transport.Wrapper {
    private final InetSocketAddress address;

    At(InetSocketAddress address) {
      super(Transport.TCP_IP);
      this.address = address;
    }

    @Override
    public boolean requiresDomainNameResolution() {
      return false;
    }

    @Override
    public SocketAddress getSocketAddress() {
      return address;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof At at && address.equals(at.address);
    }

    @Override
    public int hashCode() {
      return address.hashCode();
    }
  }
}
