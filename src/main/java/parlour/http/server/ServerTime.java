package parlour.http.server;

import java.time.Instant;
import parlour.http.Header;

/**
 * The header with the server's time, in whole seconds since 1970. Browsers sign their calls with
 * it, because their own clocks can be wrong by years.
 */
public final class ServerTime {
  public static final String HEADER = "Parlour-Time";

  private ServerTime() {}

  public static Header of(Instant now) {
    return new Header(HEADER, Long.toString(now.getEpochSecond()));
  }
}
