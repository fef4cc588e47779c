package parlour.conversations;

import java.util.List;
import java.util.Optional;

/**
 * A page of what a search has found, the newest text first. A conversation is on it once. A page
 * can have few results or none although later pages have more, because it examines a bounded number
 * of texts in a bounded time.
 *
 * @param next where the next page begins; empty if everything was searched
 */
public record SearchPage(List<SearchHit> hits, Optional<Long> next) {
  public SearchPage {
    hits = List.copyOf(hits);
  }
}
