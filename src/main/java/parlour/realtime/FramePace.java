package parlour.realtime;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import parlour.Limits;
import parlour.http.server.AddressRates;
import parlour.http.websocket.Socket;
import parlour.rates.Rate;

/**
 * Lets the frames of one client address wait if there are too many, or too many bytes; loses none of
 * them. The sockets of an address take turns, so that one with long frames delays the others little.
 */
final class FramePace {
  private static final int DROPS_PER_TURN = Rate.REALTIME_FRAMES.drops(Limits.REALTIME_FRAME_TURN);

  private final AddressRates addresses;
  private final ConcurrentHashMap<String, Line> lines = new ConcurrentHashMap<>();

  /**
   * The sockets of one address that have a frame.
   *
   * @param turn is fair: the socket that waits longest is next
   */
  private record Line(ReentrantLock turn, int sockets) {}

  /**
   * @param addresses counts only in this process
   */
  FramePace(AddressRates addresses) {
    this.addresses = addresses;
  }

  /**
   * Counts a frame, and returns when it can be handled. Meanwhile its socket is not read.
   *
   * @param client the address; empty for one of our own processes
   */
  void awaitTurn(String client, int bytes) {
    if (client.isEmpty()) {
      return;
    }
    Line line = lines.compute(
        client,
        (_, known) -> known == null
            ? new Line(new ReentrantLock(true), 1)
            : new Line(known.turn, known.sockets + 1));
    try {
      for (int drops = Rate.REALTIME_FRAMES.drops(bytes); drops > 0; drops -= DROPS_PER_TURN) {
        line.turn.lockInterruptibly();
        try {
          await(client, Math.min(drops, DROPS_PER_TURN));
        } finally {
          line.turn.unlock();
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
      throw new Socket.Silent();
    } finally {
      lines.computeIfPresent(
          client,
          (_, known) -> known.sockets == 1 ? null : new Line(known.turn, known.sockets - 1));
    }
  }

  private void await(String client, int drops) throws InterruptedException {
    Optional<Duration> wait = addresses.tryAcquire(Rate.REALTIME_FRAMES, client, drops);
    while (wait.isPresent()) {
      Thread.sleep(wait.get());
      wait = addresses.tryAcquire(Rate.REALTIME_FRAMES, client, drops);
    }
  }
}
