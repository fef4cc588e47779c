package parlour.scopedauth;

import java.time.Instant;

/** Makes guests without a token, for tests of what uses ScopedAuth. */
public final class TestGuests {
  private TestGuests() {}

  /** The guest who presented this token, as {@link ScopedAuth#validate} would return them. */
  public static Guest guest(
      SessionOwner owner, TokenGeneration token, Instant tokenExpires, Instant sessionExpires) {
    return new Guest(
        owner, Guest.GRANTS, token, token.generation() + 1, tokenExpires, sessionExpires);
  }
}
