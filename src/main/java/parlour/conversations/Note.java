package parlour.conversations;

import java.time.Instant;
import parlour.Identity;

/**
 * A note about a conversation, which only agents see.
 *
 * @param addedRevision the revision of the conversation that added it: its place among the messages,
 *     and the number by which it is named
 * @param revision the revision that changed it last
 * @param body empty if it was removed
 */
public record Note(
    Revision addedRevision,
    Revision revision,
    Identity author,
    String authorName,
    String body,
    Instant created,
    boolean removed) {}
