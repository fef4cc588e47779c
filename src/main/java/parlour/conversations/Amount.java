package parlour.conversations;

import parlour.Limits;

/** How many bytes of events a reader can hold at once. */
public enum Amount {
  /** Several ordinary messages, without a reservation. A larger message is only announced. */
  SMALL(Limits.FOLLOW_UNRESERVED_BYTES, false),

  /** As much as a subscriber has reserved memory for. */
  LARGE(Limits.FOLLOW_BYTES, true),

  /** A whole page. */
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
}
