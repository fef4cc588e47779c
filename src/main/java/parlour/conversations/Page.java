package parlour.conversations;

import java.util.List;

/**
 * A part of a list. It can have fewer items than the caller asked for, because more of them would
 * be longer than {@link parlour.Limits#PAGE_BYTES}.
 *
 * @param more whether the list goes on after this page, in the requested direction
 */
public record Page<T>(List<T> items, boolean more) {
  public Page {
    if (!(items
        instanceof RememberedMessages)) { // which cannot change either, and are more than a list
      items = List.copyOf(items);
    }
  }
}
