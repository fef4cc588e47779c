package parlour.conversations;

import java.util.List;

/**
 * A part of a list. It has fewer items than were asked for also where more of them would be longer
 * than {@link parlour.Limits#PAGE_BYTES}.
 *
 * @param more whether the list goes on after it, in the direction that was asked for
 */
public record Page<T>(List<T> items, boolean more) {
  public Page {
    items = List.copyOf(items);
  }
}
