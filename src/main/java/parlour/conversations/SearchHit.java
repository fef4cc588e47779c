package parlour.conversations;

import java.time.Instant;
import java.util.List;
import parlour.search.Passage;

/**
 * A conversation that a search has found, and where.
 *
 * @param place what was found in it
 * @param at the time of that text
 * @param passage a part of the text
 * @param marks where the words that were searched for are in the passage, in their order
 */
public record SearchHit(
    Conversations.Overview overview,
    Place place,
    Instant at,
    String passage,
    List<Passage.Mark> marks) {

  /** The thing that a text belongs to. */
  public sealed interface Place {
    /** A message, with the names of its files. */
    record OfMessage(MessageIndex index) implements Place {}

    /**
     * A note, which only agents see.
     *
     * @param added the revision that added it
     */
    record OfNote(Revision added) implements Place {}

    /** The name of the guest. */
    record OfGuest() implements Place {}
  }
}
