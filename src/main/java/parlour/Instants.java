package parlour;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Operations that the JDK's {@link Instant} lacks. */
public final class Instants {
  private Instants() {}

  /**
   * The text of {@link Instant#toString}, in a fraction of its time: that method interprets a format,
   * and each answer with a token and each message has an instant.
   */
  public static String text(Instant instant) {
    LocalDateTime utc =
        LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
    boolean isWholeMinute = utc.getSecond() == 0 && utc.getNano() == 0;
    return utc + (isWholeMinute ? ":00Z" : "Z"); // it leaves out seconds that are zero
  }
}
