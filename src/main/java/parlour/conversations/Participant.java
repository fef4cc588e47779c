package parlour.conversations;

import java.time.Instant;
import parlour.Identity;
import parlour.Sid;

/**
 * A person or a program that takes part in a conversation.
 *
 * @param name the name that the others see
 * @param readIndex the last message they have read
 * @param joinedRevision the conversation's revision when they (last) joined
 * @param revision the conversation's revision when anything here last changed
 * @param joined false once they have left
 */
public record Participant(
    Sid.Participant sid,
    Sid.Conversation conversation,
    Identity identity,
    ParticipantKind kind,
    String name,
    MessageIndex readIndex,
    Revision joinedRevision,
    Revision revision,
    Instant created,
    boolean joined) {}
