package parlour.conversations;

import java.time.Instant;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * A message of a conversation.
 *
 * @param index its place among the conversation's messages, from 0 and without gaps
 * @param author the identity of its sender
 * @param authorName the name that people see, as it was when the message was sent
 * @param attributes a JSON object that Parlour does not interpret
 * @param clientId the sender's own id of it, by which a repeated call is recognized
 * @param addedRevision the conversation's revision when it was added
 * @param revision the conversation's revision when it last changed
 * @param removed whether its content was removed, and only its place is left
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
