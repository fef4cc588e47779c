package parlour.realtime;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import parlour.Identity;
import parlour.Sid;
import parlour.conversations.Changes.Change;
import parlour.conversations.Conversation;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Entered;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Version;
import parlour.http.json.JsonText;

/**
 * A conversation as one socket has delivered it, up to a revision: everything but its messages.
 * The answers to a client are made from it, so that they never run ahead of the events.
 *
 * <p>Not safe for use by several threads: {@link Delivery} guards it.
 */
final class ConversationView {
  /**
   * An author who takes no part: a greeter or a program. The client takes an author's name from the
   * roster, so each author needs an item in it.
   *
   * @param since the revision that added the first of its messages
   */
  record Speaker(Identity author, String name, Revision since) {}

  private final Conversation entered;
  private final Identity guest;
  private final Map<Sid.Participant, Participant> participants = new LinkedHashMap<>();
  private final Map<Identity, Speaker> speakers = new LinkedHashMap<>();
  private final BitSet counted = new BitSet();
  private Revision revision;

  /**
   * The messages that were added up to here are counted, and of the later ones {@link #counted}.
   */
  private Revision countedUpTo;

  private long messages;
  private Conversation.State state;
  private Instant stateChanged;
  private Instant updated;
  private JsonText attributes;
  private MessageIndex inboxReadIndex;
  private MessageIndex lastMessage;
  private Instant lastMessageSent;
  private boolean peopleSpoke;

  /**
   * @param speakers the authors of all messages
   */
  ConversationView(Entered entered, List<GuestConversations.Speaker> speakers) {
    this.entered = entered.conversation();
    this.guest = entered.session().identity();
    entered.participants().forEach(one -> participants.put(one.sid(), one));
    revision = this.entered.revision();
    countedUpTo = revision;
    messages = this.entered.activity().messageCount();
    state = this.entered.state();
    stateChanged = this.entered.status().since().at();
    updated = this.entered.updated();
    attributes = this.entered.attributesWithAnswers();
    inboxReadIndex = this.entered.details().inboxReadIndex();
    lastMessage = this.entered.nextIndex().previous();
    lastMessageSent = this.entered.activity().last();
    peopleSpoke = this.entered.activity().guestSpoke();
    speakers.stream()
        .filter(one -> !one.since().isAfter(revision)) // the later ones come with their messages
        .forEach(one -> speaks(one.author(), one.since()));
  }

  /** Applies a change; returns the author who needs an item in the roster since this change. */
  Optional<Speaker> apply(Change change) {
    revision = revision.laterOf(change.revision());
    switch (change) {
      case Change.OfMessage(Message message) -> {
        return applyMessage(message);
      }
      case Change.OfParticipant(Participant participant) -> {
        participants.put(participant.sid(), participant);
        changedAt(participant.changed().at());
      }
      case Change.OfState(Conversation.State changed, Version since, var _) -> {
        state = changed;
        stateChanged = since.at();
        changedAt(since.at());
      }
      case Change.OfConversation(JsonText changed, MessageIndex read, Version last) -> {
        attributes = Conversation.withAnswers(changed, entered.preEngagementData());
        inboxReadIndex = read;
        changedAt(last.at());
      }
    }
    return Optional.empty();
  }

  private void changedAt(Instant time) {
    if (time.isAfter(updated)) {
      updated = time;
    }
  }

  private Optional<Speaker> applyMessage(Message message) {
    changedAt(message.updated());
    int index = Math.toIntExact(message.index().number());
    boolean isNew = message.addedRevision().isAfter(countedUpTo) && !counted.get(index);
    counted.set(index);
    if (isNew && !message.removed()) {
      messages++;
    } else if (!isNew && message.removed()) {
      messages--;
    }
    if (lastMessage.isBefore(message.index())) {
      lastMessage = message.index();
      lastMessageSent = message.created();
    }
    return speaks(message);
  }

  /** Notes the author of a message; returns the author if a new item in the roster is needed. */
  Optional<Speaker> speaks(Message message) {
    return speaks(message.author(), message.addedRevision());
  }

  private Optional<Speaker> speaks(Message.Author author, Revision since) {
    peopleSpoke |= author.kind() != ParticipantKind.SYSTEM;
    if (speakers.containsKey(author.identity())
        || participant(author.identity()).isPresent()) {
      return Optional.empty();
    }
    Speaker speaker = new Speaker(author.identity(), author.name(), since);
    speakers.put(author.identity(), speaker);
    return Optional.of(speaker);
  }

  /**
   * Notes that the log was read up to a revision.
   *
   * @param more whether the log goes on after this part
   */
  void reach(Revision upTo, boolean more) {
    revision = revision.laterOf(upTo);
    if (!more) {
      countedUpTo = revision;
      counted.clear();
    }
  }

  Revision revision() {
    return revision;
  }

  Sid.Conversation sid() {
    return entered.sid();
  }

  Identity guest() {
    return guest;
  }

  Conversation.State state() {
    return state;
  }

  Instant stateChanged() {
    return stateChanged;
  }

  Instant created() {
    return entered.created();
  }

  Instant updated() {
    return updated;
  }

  JsonText attributes() {
    return attributes;
  }

  /** The last message's index; {@link MessageIndex#NONE} without messages. */
  MessageIndex lastMessage() {
    return lastMessage;
  }

  Instant lastMessageSent() {
    return lastMessageSent;
  }

  /** How far agents have read: how far a program has read, too, because it never says so itself. */
  MessageIndex inboxReadIndex() {
    return inboxReadIndex;
  }

  /**
   * The number of messages as the client sees it: 0 until a person has written; a greeting does not
   * count. The web app sends the first question only while the number is 0.
   */
  long messages() {
    return peopleSpoke ? messages : 0;
  }

  /**
   * The number of messages after an index; empty if only the log knows it, because some messages were
   * removed.
   */
  OptionalLong unread(MessageIndex after) {
    return messages == lastMessage.number() + 1
        ? OptionalLong.of(Math.max(0, lastMessage.number() - after.number()))
        : OptionalLong.empty();
  }

  /** The participants whom the roster shows. */
  List<Participant> shown() {
    return participants.values().stream().filter(this::shows).toList();
  }

  /**
   * Whether the roster shows a participant: those who take part, and the guest, who can still read a
   * conversation after their removal, and whose messages have no name without an item there.
   */
  boolean shows(Participant participant) {
    return participant.joined() || participant.identity().equals(guest);
  }

  /** Those who take part or did. */
  Collection<Participant> participants() {
    return participants.values();
  }

  /** Authors beside the participants. */
  List<Speaker> speakers() {
    return new ArrayList<>(speakers.values());
  }

  Optional<Speaker> speaker(Identity author) {
    return Optional.ofNullable(speakers.get(author));
  }

  Optional<Participant> participant(Identity identity) {
    return participants.values().stream()
        .filter(one -> one.identity().equals(identity))
        .findFirst();
  }

  /** The read index of the guest. */
  MessageIndex ownReadIndex() {
    return participant(guest).map(Participant::readIndex).orElse(MessageIndex.NONE);
  }

  /** The sid under which the client finds the author of a message in the roster. */
  String memberSid(Identity author) {
    return participant(author)
        .map(one -> one.sid().text())
        .orElseGet(() -> SyncObject.memberSid(sid(), author));
  }

  /** Every Sync object of this guest. */
  List<SyncObject> objects() {
    List<SyncObject> objects = new ArrayList<>(List.of(
        SyncObject.conversation(sid()),
        SyncObject.messages(sid()),
        SyncObject.roster(sid()),
        SyncObject.myConversations(sid(), guest)));
    participants.values().forEach(one -> objects.add(SyncObject.user(sid(), one.identity())));
    speakers.values().forEach(one -> objects.add(SyncObject.user(sid(), one.author())));
    return objects;
  }
}
