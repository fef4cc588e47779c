package parlour.conversations;

import java.time.Instant;

/**
 * A change of a conversation.
 *
 * @param revision the conversation's revision that the change took
 * @param at when it was made
 */
public record Version(Revision revision, Instant at) {}
