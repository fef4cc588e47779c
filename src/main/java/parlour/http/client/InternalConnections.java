package parlour.http.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * The connections of this process to others of its installation, for {@link InternalClient}. The
 * calling thread does all the work of a call, so it must be a virtual one where many call.
 *
 * <p>Safe for use by several threads.
 */
public final class InternalConnections implements AutoCloseable {
  private final SslContextFactory.Client tls;
  private final int max;
  private final Duration idle;
  private final Map<Target, Pool> pools = new ConcurrentHashMap<>();
  private final Set<InternalConnection> open = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor timer;
  private volatile boolean isClosed;

  /**
   * The address of a process.
   *
   * @param at the one of the host's addresses; empty for any of them
   */
  record Target(URI base, Optional<InetSocketAddress> at) {
    boolean isEncrypted() {
      return "https".equals(base.getScheme());
    }

    int port() {
      return base.getPort() >= 0 ? base.getPort() : isEncrypted() ? 443 : 80;
    }
  }

  /** How far a call came. Written and read by its thread. */
  static final class Progress {
    boolean isSent;
    boolean isAnswered;
  }

  /**
   * @param tls used for processes whose address begins with https
   * @param max the number of concurrent calls to one process
   */
  public InternalConnections(SslContextFactory.Client tls, int max) {
    this(tls, max, Limits.CLIENT_IDLE);
  }

  InternalConnections(SslContextFactory.Client tls, int max, Duration idle) {
    this.tls = tls;
    this.max = max;
    this.idle = idle;
    timer = new ScheduledThreadPoolExecutor(
        1, Thread.ofPlatform().daemon().name("outgoing deadlines").factory());
    timer.setRemoveOnCancelPolicy(true);
    long pause = Math.max(1, idle.toMillis() / 3);
    var _ = timer.scheduleWithFixedDelay(this::closeIdle, pause, pause, TimeUnit.MILLISECONDS);
  }

  /**
   * Sends a request and reads the response.
   *
   * @param request all its bytes
   * @param maxBytes the longest body of a response
   * @param end the deadline, by {@link System#nanoTime}
   * @throws TimeoutException at the deadline
   * @throws RejectedExecutionException if too many calls wait for a connection
   */
  InternalResponse call(Target target, byte[] request, int maxBytes, long end, Progress progress)
      throws IOException, TimeoutException, InterruptedException {
    Pool pool = pools.computeIfAbsent(target, _ -> new Pool(max));
    pool.acquire(end);
    try {
      return call(pool, target, request, maxBytes, end, progress);
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (System.nanoTime() - end >= 0) {
        throw new TimeoutException("no answer in time");
      }
      throw e;
    } finally {
      pool.permits.release();
    }
  }

  private InternalResponse call(
      Pool pool, Target target, byte[] request, int maxBytes, long end, Progress progress)
      throws IOException, TimeoutException, InterruptedException {
    InternalConnection connection = pool.unspent();
    boolean isKept = false;
    Future<?> deadline = null;
    try {
      if (connection == null) {
        connection = open(target, end);
      }
      if (target.isEncrypted() || request.length > Limits.CLIENT_BUFFERED_BYTES) {
        deadline = closeAt(end, connection);
      }
      progress.isSent = true;
      connection.write(request);
      InternalConnection used = connection;
      var reader = new ResponseReader((into, offset, length) -> {
        int count = used.read(into, offset, length, end);
        progress.isAnswered |= count > 0;
        return count;
      });
      InternalResponse response = reader.read(maxBytes);
      isKept = reader.isReusable();
      return response;
    } finally {
      if (deadline != null) {
        isKept &= deadline.cancel(false);
      }
      if (connection != null) {
        if (isKept) {
          pool.keep(connection);
        } else {
          drop(connection);
        }
      }
    }
  }

  // ---- connections

  private InternalConnection open(Target target, long end)
      throws IOException, TimeoutException, InterruptedException {
    IOException failure = new UnknownHostException(target.base().getHost());
    for (InetSocketAddress address : addresses(target, end)) {
      var connection = new InternalConnection();
      open.add(connection);
      boolean isOpen = false;
      Future<?> deadline = target.isEncrypted() ? closeAt(end, connection) : null;
      try {
        if (isClosed) {
          throw new IOException("this process is stopping");
        }
        long left = Math.max(1, end - System.nanoTime());
        connection.connect(address, Math.min(left, Limits.CONNECT_TIMEOUT.toNanos()));
        if (target.isEncrypted()) {
          connection.encrypt(tls, target.base().getHost(), target.port());
        }
        isOpen = deadline == null || deadline.cancel(false);
        if (isOpen) {
          return connection;
        }
        throw new SocketTimeoutException("no encryption in time");
      } catch (IOException e) {
        failure = e;
      } finally {
        if (!isOpen) {
          drop(connection);
        }
      }
    }
    throw failure;
  }

  private static InetSocketAddress[] addresses(Target target, long end)
      throws IOException, TimeoutException, InterruptedException {
    if (target.at().isPresent()) {
      return new InetSocketAddress[] {target.at().get()};
    }
    String host = target.base().getHost();
    InetAddress[] found = Nodes.isName(target.base())
        ? resolved(host, end)
        : new InetAddress[] {InetAddress.getByName(host)};
    var addresses = new InetSocketAddress[found.length];
    for (int i = 0; i < found.length; i++) {
      addresses[i] = new InetSocketAddress(found[i], target.port());
    }
    return addresses;
  }

  /** A name server can hang for longer than the call has time, so another thread waits for it. */
  private static InetAddress[] resolved(String host, long end)
      throws IOException, TimeoutException, InterruptedException {
    var resolving = new CompletableFuture<InetAddress[]>();
    Thread.startVirtualThread(() -> {
      try {
        resolving.complete(InetAddress.getAllByName(host));
      } catch (UnknownHostException | RuntimeException e) {
        resolving.completeExceptionally(e);
      }
    });
    try {
      return resolving.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private Future<?> closeAt(long end, InternalConnection connection) {
    return timer.schedule(
        connection::close, Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private void drop(InternalConnection connection) {
    open.remove(connection);
    connection.close();
  }

  private void closeIdle() {
    pools.values().forEach(pool -> pool.closeIdle(idle));
    pools.values().removeIf(Pool::isForgotten);
  }

  @Override
  public void close() {
    isClosed = true;
    timer.shutdownNow();
    open.forEach(this::drop);
  }

  /** The connections to one process. */
  private final class Pool {
    final Semaphore permits;
    private final AtomicInteger waiting = new AtomicInteger();

    /** The last one is used first, so that those which are not needed become old. */
    private final ConcurrentLinkedDeque<InternalConnection> idling = new ConcurrentLinkedDeque<>();

    private volatile long used = System.nanoTime();
    private volatile boolean isForgotten;

    Pool(int max) {
      permits = new Semaphore(max, true);
    }

    void acquire(long end) throws TimeoutException, InterruptedException {
      used = System.nanoTime();
      if (permits.tryAcquire()) {
        return;
      }
      try {
        if (waiting.incrementAndGet() > Limits.CLIENT_QUEUE) {
          throw new RejectedExecutionException("too many calls wait for a connection");
        }
        if (!permits.tryAcquire(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
          throw new TimeoutException("no connection became free in time");
        }
      } finally {
        waiting.decrementAndGet();
      }
    }

    @Nullable
    InternalConnection unspent() {
      for (InternalConnection next = idling.pollFirst();
          next != null;
          next = idling.pollFirst()) {
        if (!next.isSpent()) {
          return next;
        }
        drop(next);
      }
      return null;
    }

    void keep(InternalConnection connection) {
      connection.idles();
      idling.addFirst(connection);
      if (isClosed || isForgotten) {
        closeIdle(Duration.ZERO);
      }
    }

    void closeIdle(Duration after) {
      for (InternalConnection oldest = idling.pollLast();
          oldest != null;
          oldest = idling.pollLast()) {
        if (!oldest.isIdleFor(after.toNanos())) {
          idling.addLast(oldest);
          return;
        }
        drop(oldest);
      }
    }

    /** Whether no call came for so long that the process may have got another address. */
    boolean isForgotten() {
      isForgotten = System.nanoTime() - used > Limits.CLIENT_ADDRESS_EXPIRY.toNanos()
          && idling.isEmpty();
      return isForgotten;
    }
  }
}
