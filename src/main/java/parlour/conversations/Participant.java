package parlour.conversations;

import java.time.Instant;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;

/**
 * A person or a program that takes part in a conversation.
 *
 * @param changed when anything here last changed
 */
public record Participant(
    Sid.Participant sid,
    Sid.Conversation conversation,
    Identity identity,
    ParticipantKind kind,
    Profile profile,
    Membership membership,
    ReadMark read,
    Version changed) {

  /**
   * How they present themselves.
   *
   * @param name the name that the others see
   */
  public record Profile(String name, JsonText attributes) {}

  /**
   * Whether they are in the conversation.
   *
   * @param created when they first joined
   * @param joinedRevision the conversation's revision when they (last) joined
   * @param joined false once they have left
   */
  public record Membership(Instant created, Revision joinedRevision, boolean joined) {}

  /**
   * How far they have read.
   *
   * @param index the last message they have read
   * @param at when they did; empty if they have read none, or before this was recorded
   */
  public record ReadMark(MessageIndex index, Optional<Instant> at) {
    public static final ReadMark NONE = new ReadMark(MessageIndex.NONE, Optional.empty());
  }

  public String name() {
    return profile.name();
  }

  public JsonText attributes() {
    return profile.attributes();
  }

  public Instant created() {
    return membership.created();
  }

  public Revision joinedRevision() {
    return membership.joinedRevision();
  }

  public boolean joined() {
    return membership.joined();
  }

  public MessageIndex readIndex() {
    return read.index();
  }

  public Revision revision() {
    return changed.revision();
  }

  public Instant updated() {
    return changed.at();
  }

  /**
   * The same at an earlier time, as far as that is known: in the conversation, without attributes,
   * and having read no message that came later.
   *
   * @param end the first message that came later
   */
  Participant at(Version then, MessageIndex end) {
    return new Participant(
        sid,
        conversation,
        identity,
        kind,
        new Profile(name(), JsonText.EMPTY),
        new Membership(created(), joinedRevision(), true),
        new ReadMark(readIndex().earlierOf(end.previous()), Optional.empty()),
        then);
  }
}
