package parlour.conversations;

import java.time.Instant;
import parlour.Sid;

/**
 * Someone who takes part in a conversation.
 *
 * @param name as the others see it
 * @param readIndex the last message they have read; -1: none
 * @param joinedRevision the conversation's revision when they (last) joined
 * @param revision the conversation's revision when anything here last changed
 * @param joined false once they have left
 */
public record Participant(
    Sid.Participant sid,
    Sid.Conversation conversation,
    String identity,
    ParticipantKind kind,
    String name,
    long readIndex,
    long joinedRevision,
    long revision,
    Instant created,
    boolean joined) {}
