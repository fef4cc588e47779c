package parlour.realtime;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import parlour.http.server.AddressRates;
import parlour.http.websocket.Socket;
import parlour.rates.Rate;

/**
 * Lets the frames of one client address wait if there are too many, or too many bytes; loses none of
 * them. The sockets of an address take turns of one drop each, so that a short frame waits for one
 * drop of each other socket at most, whatever they send.
 */
final class FramePace {
  private final AddressRates addresses;
  private final ConcurrentHashMap<String, Line> lines = new ConcurrentHashMap<>();

  /**
   * The sockets of one address that have a frame.
   *
   * @param turn guards no field: lets one socket at a time wait for a drop; fair, so that the one that waits longest is
   *     next
   */
  private record Line(ReentrantLock turn, int sockets) {}

  /**
   * @param addresses counts only in this process
   */
  FramePace(AddressRates addresses) {
    this.addresses = addresses;
  }

  /**
   * Counts a frame, and returns when it can be handled. Meanwhile its socket handles nothing but
   * acknowledgements that the client owes, which are not counted.
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
      for (int drops = Rate.REALTIME_FRAMES.drops(bytes); drops > 0; drops--) {
        line.turn.lockInterruptibly();
        try {
          awaitDrop(client);
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

  private void awaitDrop(String client) throws InterruptedException {
    Optional<Duration> wait = addresses.tryAcquire(Rate.REALTIME_FRAMES, client, 1);
    while (wait.isPresent()) {
      Thread.sleep(wait.get());
      wait = addresses.tryAcquire(Rate.REALTIME_FRAMES, client, 1);
    }
  }
}
