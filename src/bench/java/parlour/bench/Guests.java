package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import parlour.Sid;

/**
 * Guests who reload without pause, each on a connection of its own and always with the newest
 * token, so that every refresh is the first use of a generation.
 */
final class Guests implements AutoCloseable {

  /** The calls of a window of time. */
  record Window(long calls, Duration time, long[] sortedNanos) {
    double perSecond() {
      return calls * 1e9 / time.toNanos();
    }

    double millisAt(double quantile) {
      return calls == 0 ? Double.NaN : Figures.at(sortedNanos, quantile) / 1e6;
    }
  }

  private final List<GuestCaller> guests = new ArrayList<>();

  Guests(int port, Sid.Deployment deployment, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      guests.add(new GuestCaller(new Guest(port, deployment), Action.REFRESH));
    }
  }

  /** Reloads for this long; any answer but a 200 ends the measurement with an error. */
  Window reload(Duration time) {
    Callers.Brought brought = new Callers(guests).call(time);
    brought.firstFailure().ifPresent(failure -> {
      throw new IllegalStateException(failure);
    });
    return brought.answered();
  }

  @Override
  public void close() {
    guests.forEach(GuestCaller::close);
  }
}
