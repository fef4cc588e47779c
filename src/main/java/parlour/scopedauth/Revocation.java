package parlour.scopedauth;

import java.time.Instant;
import parlour.Sid;

/**
 * The end of a session, or of its superseded tokens. Revocations are ordered by their instant, and
 * then by sid.
 *
 * @param ended whether the whole session was revoked; otherwise one of its superseded tokens was
 *     replayed, and only sockets that were opened with such a token must end
 */
public record Revocation(Instant at, Sid.Session session, boolean ended) {
  private static final Sid.Session FIRST = new Sid.Session("GS" + "0".repeat(32));

  /** The position before all revocations of this instant, and after all earlier ones. */
  public static Revocation before(Instant at) {
    return new Revocation(at, FIRST, true);
  }
}
