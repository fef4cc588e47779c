package parlour.conversations;

import java.util.List;
import java.util.Optional;

/**
 * A page of a list of the inbox. It can have few conversations or none although later pages have more, because it examines a
 * bounded number of them; see {@link parlour.Limits#LIST_EXAMINED}.
 *
 * @param next where the next page begins; empty if the list ends with this one
 */
public record InboxPage(List<Conversations.Overview> items, Optional<Conversations.Place> next) {
  public InboxPage {
    items = List.copyOf(items);
  }
}
