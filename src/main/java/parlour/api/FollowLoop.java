package parlour.api;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Unavailable;
import parlour.http.server.BytePool;
import parlour.http.server.Outflow;
import parlour.http.websocket.Socket;
import parlour.trace.Trace;

/**
 * The loop of the thread that sends on a WebSocket: polls for changes, sends them, and pings, until
 * the socket is closed, which interrupts the thread. It survives outages.
 */
public final class FollowLoop {
  private final Socket socket;
  private final Reservation reservation;
  private final OutageLog outages;

  public FollowLoop(Socket socket, Reservation reservation, OutageLog outages) {
    this.socket = socket;
    this.reservation = reservation;
    this.outages = outages;
  }

  /**
   * The memory for the result of a large poll, while it is read and sent.
   *
   * @param client the address whose share of the memory for slow readers is used
   * @param timeout how long the loop waits for this memory
   */
  public record Reservation(String client, int bytes, Duration timeout) {}

  /** The memory that a poll may use. */
  public enum Memory {
    /** A small amount, which needs no reservation. */
    UNRESERVED,
    /** A large amount, which is reserved. */
    RESERVED,
    /** A small amount, because no memory for a large one became free in time. */
    EXHAUSTED
  }

  /**
   * The loop's next step.
   *
   * @param isLarge whether it reserves memory before the next poll
   * @param pause how long it waits before that
   */
  public record Next(boolean isLarge, Duration pause) {}

  /**
   * The subject of a stream. Called by the loop's thread only.
   *
   * @param <R> the result of a poll
   */
  public interface Follower<R> {
    /**
     * Waits for changes.
     *
     * @throws Unavailable in an outage; the loop calls {@link #nothing}, waits, and delivers its
     *     result
     */
    R poll(Memory memory);

    /** Says that the changes cannot be read now, and returns a result without a change. */
    R nothing();

    /** Sends the result; returns empty if it has closed the socket. */
    Optional<Next> deliver(R result);

    /** Sends a frame that the client must answer. */
    default void ping(Socket socket) {
      socket.send(Frames.text(new Frames.Plain("ping")));
    }
  }

  public <R> void run(Follower<R> follower) {
    long pinged = System.nanoTime();
    boolean isLarge = false;
    while (!Thread.currentThread().isInterrupted()) {
      Optional<Next> next =
          isLarge ? followReserved(follower) : follower.deliver(poll(follower, Memory.UNRESERVED));
      if (next.isEmpty()) {
        return;
      }
      // Ping even while we are sending: outbound data does not prove that the peer is alive.
      if (System.nanoTime() - pinged >= Limits.SOCKET_PING.toNanos()) {
        follower.ping(socket);
        pinged = System.nanoTime();
      }
      isLarge = next.get().isLarge();
      LockSupport.parkNanos(next.get().pause().toNanos());
    }
  }

  /** Holds the memory until the client has received the result, or has not within the deadline. */
  private <R> Optional<Next> followReserved(Follower<R> follower) {
    Optional<BytePool.Held> held =
        Outflow.hold(reservation.client(), reservation.bytes(), reservation.timeout());
    try {
      Memory memory = held.isPresent() ? Memory.RESERVED : Memory.EXHAUSTED;
      return follower.deliver(poll(follower, memory));
    } finally {
      held.ifPresent(BytePool.Held::close);
    }
  }

  /** Keeps the socket open in an outage: the changes are still in the log afterwards. */
  private <R> R poll(Follower<R> follower, Memory memory) {
    try {
      R result = follower.poll(memory);
      outages.worked();
      return result;
    } catch (Unavailable unavailable) {
      if (!Thread.currentThread().isInterrupted()) {
        outages.failed(unavailable, Trace.current().id());
      }
      R nothing = follower.nothing();
      LockSupport.parkNanos(Limits.RETRY_AFTER.toNanos());
      return nothing;
    }
  }
}
