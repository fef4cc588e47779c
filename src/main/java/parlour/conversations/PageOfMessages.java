package parlour.conversations;

import java.util.List;

/**
 * A page's messages, by index: the last {@code limit} below an index, or the first above one.
 */
public sealed interface PageOfMessages {
  /** From 1 to {@link parlour.Limits#MAX_PAGE}. */
  int limit();

  /** Whether messages that were removed are in the page, as empty places, or passed over. */
  Removed removed();

  enum Removed {
    SHOWN,
    PASSED_OVER
  }

  record Before(MessageIndex index, int limit, Removed removed) implements PageOfMessages {
    /** Shows the places of messages that were removed. */
    public Before(MessageIndex index, int limit) {
      this(index, limit, Removed.SHOWN);
    }
  }

  record After(MessageIndex index, int limit, Removed removed) implements PageOfMessages {
    /** Shows the places of messages that were removed. */
    public After(MessageIndex index, int limit) {
      this(index, limit, Removed.SHOWN);
    }
  }

  /** The same page without the places of removed messages, filled up with those behind them. */
  default PageOfMessages passingOverRemoved() {
    return switch (this) {
      case Before(MessageIndex index, int limit, Removed _) ->
        new Before(index, limit, Removed.PASSED_OVER);
      case After(MessageIndex index, int limit, Removed _) ->
        new After(index, limit, Removed.PASSED_OVER);
    };
  }

  /** The page after one with these messages, of which there is at least one. */
  default PageOfMessages next(List<Message> messages) {
    return switch (this) {
      case Before(MessageIndex _, int limit, Removed removed) ->
        new Before(messages.getFirst().index(), limit, removed);
      case After(MessageIndex _, int limit, Removed removed) ->
        new After(messages.getLast().index(), limit, removed);
    };
  }

  static PageOfMessages newest(int limit) {
    return new Before(MessageIndex.END, limit);
  }
}
