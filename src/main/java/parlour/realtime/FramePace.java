package parlour.realtime;

import java.time.Duration;
import java.util.Optional;
import parlour.http.server.AddressRates;
import parlour.http.websocket.Socket;
import parlour.rates.Rate;

/** Lets the frames of one client address wait if there are too many; loses none of them. */
final class FramePace {
  private final AddressRates addresses;
  private final String client;

  /**
   * @param addresses counts only in this process
   * @param client the address; empty for one of our own processes
   */
  FramePace(AddressRates addresses, String client) {
    this.addresses = addresses;
    this.client = client;
  }

  /** Counts a frame, and returns when it can be handled. Meanwhile the socket is not read. */
  void awaitTurn() {
    Optional<Duration> wait = acquired();
    while (wait.isPresent()) {
      try {
        Thread.sleep(wait.get());
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
        throw new Socket.Silent();
      }
      wait = acquired();
    }
  }

  private Optional<Duration> acquired() {
    return client.isEmpty()
        ? Optional.empty()
        : addresses.tryAcquire(Rate.REALTIME_FRAMES, client, 1);
  }
}
