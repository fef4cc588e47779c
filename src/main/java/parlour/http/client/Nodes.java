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
 * The processes that run one part of Parlour, and which of them is asked next: of those that seem
 * well the one with the fewest calls under way, each in its turn where these are equal.
 *
 * <p>What seems unwell is asked last, and not never: an opinion about all of them is no outage.
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

  /** Asks the name service. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] resolve(String name) throws UnknownHostException;
  }

  /**
   * @param who the part's name, for messages
   * @param bases the addresses of its processes; a name that has several addresses stands for as
   *     many of them
   */
  public Nodes(String who, List<URI> bases) {
    this(who, bases, InetAddress::getAllByName, Limits.NODE_HEALTH_CHECK);
  }

  Nodes(String who, List<URI> bases, Resolver resolver, Duration pause) {
    if (bases.isEmpty()) {
      throw new IllegalArgumentException("nobody to ask");
    }
    this.who = who;
    this.bases = List.copyOf(bases);
    this.resolver = resolver;
    this.pause = pause;
    this.nodes = bases.stream().map(base -> new Node(base, Optional.empty())).toList();
  }

  /** The one process at this address. */
  public static Nodes of(String who, URI base) {
    return new Nodes(who, List.of(base));
  }

  /** Looks after them from now on; where there is one fixed address, there is nothing to choose. */
  public Nodes watch(HttpClient http) {
    if (bases.size() > 1 || bases.stream().anyMatch(Nodes::isName)) {
      watcher = Thread.ofVirtual().name("nodes of " + who).start(() -> look(http));
    }
    return this;
  }

  String who() {
    return who;
  }

  /** Whether there is somebody else to ask when one fails. */
  public boolean areSeveral() {
    return nodes.size() > 1;
  }

  /** Whether {@link #next} has somebody left, without it being anybody's turn. */
  boolean areLeft(Collection<Node> tried) {
    return tried.size() < Math.min(nodes.size(), Limits.NODE_ATTEMPTS);
  }

  /**
   * Whom to ask.
   *
   * @param tried who was asked for this call already
   * @return empty when everybody was, or enough of them
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

  /** One of the processes. */
  public final class Node {
    private final URI base;
    private final Optional<At> at;
    private final AtomicInteger calls = new AtomicInteger();
    private final OutageLog outage;
    private volatile boolean well = true;
    private volatile @Nullable Long restsSince;

    private Node(URI base, Optional<At> at) {
      this.base = base;
      this.at = at;
      this.outage = new OutageLog(log, who + " at " + this);
    }

    /** A call of it, with nothing but its address. */
    public Request request(HttpClient http, String path) {
      Request request = http.newRequest(base).path(HttpClients.path(base, path));
      at.ifPresent(request::transport);
      return request;
    }

    public URI base() {
      return base;
    }

    /** A call of it begins. */
    public void begin() {
      calls.incrementAndGet();
    }

    /** A call of it is over, however. */
    public void end() {
      calls.decrementAndGet();
    }

    /** It could not be reached, or takes no calls any more: others are asked first for a while. */
    public void rest() {
      if (areSeveral()) {
        outage.failed("accepts no calls, other nodes are tried first");
      }
      restsSince = System.nanoTime();
    }

    private boolean isResting() {
      Long since = restsSince;
      return since != null && System.nanoTime() - since < Limits.NODE_BACK_OFF.toNanos();
    }

    private boolean seemsWell() {
      return well && !isResting();
    }

    private boolean isBetterThan(Node other) {
      boolean seemsWell = seemsWell();
      return seemsWell == other.seemsWell() ? calls.get() < other.calls.get() : seemsWell;
    }

    private void look(HttpClient http) {
      request(http, InternalProtocol.READY_PATH)
          .timeout(Limits.NODE_HEALTH_CHECK.toMillis(), TimeUnit.MILLISECONDS)
          .send(result -> found(result.isSucceeded() && result.getResponse().getStatus() == 200));
    }

    private void found(boolean isWell) {
      if (well != isWell) {
        well = isWell;
        if (!isWell) {
          outage.failed("not ready");
        }
      }
      if (isWell && !isResting()) {
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

  // ---- looking after them

  private void look(HttpClient http) {
    while (!Thread.currentThread().isInterrupted()) {
      resolve();
      if (areSeveral()) {
        nodes.forEach(node -> node.look(http));
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** What is known of a node outlives this, as long as its name still has its address. */
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
        return List.of(Optional.empty()); // the client asks the name service by itself
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
   * One of the addresses that a name has. The name stays what the certificate must hold and what
   * stands in the Host header.
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
