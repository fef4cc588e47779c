package parlour.scopedauth;

import java.time.Instant;
import parlour.Sid;

/**
 * The end that somebody made of a session. Revocations are in order: by their instant, and by sid
 * where that is the same.
 */
public record Revocation(Instant at, Sid.Session session) {
  private static final Sid.Session FIRST = new Sid.Session("GS" + "0".repeat(32));

  /** What comes before all revocations of this instant, and after all before it. */
  public static Revocation before(Instant at) {
    return new Revocation(at, FIRST);
  }
}
