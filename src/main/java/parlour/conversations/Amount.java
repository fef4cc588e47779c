package parlour.conversations;

import java.util.Locale;
import parlour.Limits;

/** How much of what happened a reader can hold at once. */
public enum Amount {
  /** Several ordinary messages, without a reservation. A larger one is only said to be there. */
  SMALL(Limits.FOLLOWED_FREELY, false),

  /** What a follower has reserved room for. */
  LARGE(Limits.FOLLOWED_BYTES, true),

  /** A page of its own. */
  PAGE(Limits.PAGE_BYTES, true);

  private final int bytes;
  private final boolean oneAtLeast;

  Amount(int bytes, boolean oneAtLeast) {
    this.bytes = bytes;
    this.oneAtLeast = oneAtLeast;
  }

  Room room() {
    return new Room(bytes, oneAtLeast);
  }

  /** The word on the wire. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Throws {@link IllegalArgumentException} on any other word. */
  static Amount of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
