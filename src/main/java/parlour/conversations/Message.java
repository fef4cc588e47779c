package parlour.conversations;

import java.time.Instant;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * Something said in a conversation.
 *
 * @param index its place among the conversation's messages, from 0 and without gaps
 * @param author the identity of whoever said it
 * @param authorName as people see it; that of the time when it was said
 * @param attributes a JSON object, of no meaning to us
 * @param clientId the sender's own id of it, by which a resend is known
 * @param addedRevision the conversation's revision when it was added
 * @param revision the conversation's revision when it last changed
 * @param removed whether only its place is left
 */
public record Message(
    Sid.Message sid,
    Sid.Conversation conversation,
    MessageIndex index,
    Identity author,
    ParticipantKind authorKind,
    String authorName,
    String body,
    String attributes,
    Optional<String> clientId,
    Instant created,
    Instant updated,
    Revision addedRevision,
    Revision revision,
    boolean removed) {}
