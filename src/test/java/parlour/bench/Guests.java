package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import parlour.Sid;

/**
 * Guests who reload without pause, each on a connection of its own and always with the newest token,
 * so that every refresh is the first use of a generation.
 */
final class Guests implements AutoCloseable {
  private final List<GuestCaller> guests = new ArrayList<>();

  Guests(int port, Sid.Deployment deployment, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      guests.add(new GuestCaller(new Guest(port, deployment), Deed.REFRESH));
    }
  }

  /** Reloads for this long; any answer but a 200 ends the measurement with an error. */
  Callers.Window reload(Duration time) throws IOException {
    Callers.Window window = new Callers(guests).call(time);
    window.firstFailure().ifPresent(failure -> {
      throw new IllegalStateException(failure);
    });
    return window;
  }

  @Override
  public void close() {
    guests.forEach(GuestCaller::close);
  }
}
