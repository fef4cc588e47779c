package parlour.conversations;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import parlour.Sid;
import parlour.http.json.JsonText;

/**
 * A conversation, without its messages.
 *
 * @param deployment where it began; empty if Parlour did not record it then
 * @param changed the last change of anything in it, including read marks; its revision grows by one
 *     with every change, in the same transaction
 */
public record Conversation(
    Sid.Conversation sid,
    Sid.Account account,
    Sid.Address address,
    Optional<Sid.Deployment> deployment,
    Details details,
    Status status,
    Activity activity,
    Instant created,
    Version changed) {

  /**
   * Data that the account's programs and agents attach to it.
   *
   * @param preEngagementData the JSON that the page passed when it started; never changes
   * @param attributes the data that programs of its account store with it
   * @param inboxReadIndex the last message that some agent has read
   * @param revision the conversation's revision when anything here last changed
   */
  public record Details(
      JsonText preEngagementData,
      JsonText attributes,
      MessageIndex inboxReadIndex,
      Revision revision) {}

  /**
   * @param since when it got this state
   */
  public record Status(State state, Version since) {}

  /**
   * The messages and the last activity.
   *
   * @param nextIndex the index of the next message
   * @param messageCount how many messages there are: all that were not removed
   * @param guestSpoke whether its guest has sent a message; agents see it only then
   * @param last time of the last message, or of its start, end or reopening
   */
  public record Activity(
      MessageIndex nextIndex, int messageCount, boolean guestSpoke, Instant last) {}

  /** Whether it accepts messages. */
  public enum State {
    ACTIVE,
    CLOSED;

    /** The word on the wire and in the store. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Throws {@link IllegalArgumentException} on any other word. */
    public static State of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  public JsonText preEngagementData() {
    return details.preEngagementData();
  }

  public JsonText attributes() {
    return details.attributes();
  }

  /** {@link #attributes}, as {@link #withAnswers} completes them. */
  public JsonText attributesWithAnswers() {
    return withAnswers(attributes(), preEngagementData());
  }

  /**
   * The attributes as programs expect those of a web chat: with the answers of the form under
   * {@code pre_engagement_data}, unless the account's server has stored something else there, or
   * attributes that are not a JSON object.
   */
  public static JsonText withAnswers(JsonText attributes, JsonText preEngagementData) {
    return preEngagementData.equals(JsonText.EMPTY)
        ? attributes
        : attributes.withFirst("pre_engagement_data", preEngagementData);
  }

  public State state() {
    return status.state();
  }

  /** When it was closed; empty if it is open. */
  public Optional<Instant> ended() {
    return state() == State.CLOSED ? Optional.of(status.since().at()) : Optional.empty();
  }

  public MessageIndex nextIndex() {
    return activity.nextIndex();
  }

  public Revision revision() {
    return changed.revision();
  }

  public Instant updated() {
    return changed.at();
  }

  /**
   * The same as a guest sees it who was removed: closed, so that they can only read, and with
   * nothing that happened later.
   *
   * @param removal when the guest was removed
   * @param visible the messages that they can read
   */
  Conversation closed(Version removal, ConversationStore.MessagesUntil visible) {
    boolean detailsAreLater = details.revision().isAfter(removal.revision());
    boolean wasClosed =
        state() == State.CLOSED && !status.since().revision().isAfter(removal.revision());
    return new Conversation(
        sid,
        account,
        address,
        deployment,
        new Details(
            preEngagementData(),
            detailsAreLater ? JsonText.EMPTY : attributes(),
            details.inboxReadIndex().earlierOf(visible.end().previous()),
            details.revision().earlierOf(removal.revision())),
        new Status(State.CLOSED, wasClosed ? status.since() : removal),
        new Activity(
            visible.end(),
            visible.count(),
            activity.guestSpoke(),
            activity.last().isAfter(removal.at()) ? removal.at() : activity.last()),
        created,
        changed.revision().isAfter(removal.revision()) ? removal : changed);
  }
}
