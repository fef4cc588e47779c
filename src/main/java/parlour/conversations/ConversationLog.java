package parlour.conversations;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import parlour.ClockWatch;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.notices.BusEvent;
import parlour.notices.EventBus;

/**
 * The store of conversations, and those who wait for it to change: what both doors stand before.
 *
 * <p>A change is made first and told afterwards, and all that is told is to look again; so a change
 * whose news is lost is seen with the next, and order is the store's.
 */
public final class ConversationLog {
  private final ConversationStore store;
  private final EventBus events;
  private final Waiters waiters;
  private final TypingIndicators typings;
  private final ClockWatch clock;
  private final SecureRandom random;

  /**
   * @param events by which other nodes over the same store tell and are told
   */
  public ConversationLog(
      ConversationStore store, EventBus events, InstantSource clock, SecureRandom random) {
    this.store = store;
    this.events = events;
    this.waiters = new Waiters(events::pollInterval);
    this.clock = ClockWatch.of(clock);
    this.random = random;
    this.typings = new TypingIndicators(clock);
    events.subscribe(this::onEvent);
  }

  /** Sends away all who wait for something to happen: this process stops. */
  public void dismiss() {
    waiters.stop();
  }

  /** For looking; changes go through the methods below. */
  ConversationStore store() {
    return store;
  }

  Waiters followers() {
    return waiters;
  }

  TypingIndicators typings() {
    return typings;
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS); // as the store keeps it
  }

  /** Whether nothing may count as too old now: {@link ClockWatch#isInDoubt}. */
  boolean doubtsItsClock() {
    return clock.isInDoubt();
  }

  List<Message> messages(Sid.Conversation conversation, PageOfMessages page) {
    return switch (page) {
      case PageOfMessages.Before(MessageIndex index, int limit) ->
        store.before(conversation, index, limit);
      case PageOfMessages.After(MessageIndex index, int limit) ->
        store.after(conversation, index, limit);
    };
  }

  boolean create(Conversations.NewConversation conversation) {
    boolean created = store.create(
        conversation,
        Sid.Participant.random(random),
        Sid.Message.random(random),
        Sid.Message.random(random),
        now());
    changed(conversation.account(), conversation.sid());
    return created;
  }

  Sent send(Sid.Account account, Conversations.NewMessage message) {
    Sent sent = store.send(Sid.Message.random(random), message, now());
    changed(account, message.conversation());
    return sent;
  }

  Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<String> attributes) {
    Optional<Message> edited = store.edit(conversation, message, body, attributes, now());
    changed(account, conversation);
    return edited;
  }

  Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    Optional<Message> removed = store.remove(conversation, message, now());
    changed(account, conversation);
    return removed;
  }

  JoinOutcome join(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantKind kind,
      Optional<String> name) {
    JoinOutcome outcome =
        store.join(conversation, Sid.Participant.random(random), identity, kind, name, now());
    changed(account, conversation);
    return outcome;
  }

  boolean leave(Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {
    boolean left = store.leave(conversation, participant, now());
    changed(account, conversation);
    return left;
  }

  Optional<Participant> read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {
    Optional<Participant> read = store.read(conversation, identity, index, now());
    changed(account, conversation);
    return read;
  }

  boolean readByInbox(Sid.Account account, Sid.Conversation conversation, MessageIndex index) {
    boolean found = store.readByInbox(conversation, index, now());
    changed(account, conversation);
    return found;
  }

  UpdateOutcome update(
      Sid.Account account,
      Sid.Conversation conversation,
      Conversations.Update update,
      boolean reopens) {
    UpdateOutcome outcome = store.update(conversation, update, reopens, now());
    changed(account, conversation);
    return outcome;
  }

  void close(Sid.Account account, Sid.Conversation conversation, Identity identity) {
    store.close(conversation, identity, now());
    changed(account, conversation);
  }

  boolean erase(Sid.Account account, Sid.Conversation conversation) {
    boolean erased = store.erase(conversation, now());
    changed(account, conversation);
    return erased;
  }

  boolean eraseQuiet(Sid.Account account, Sid.Conversation conversation, Instant since) {
    boolean erased = store.eraseQuiet(conversation, since, now());
    if (erased) {
      changed(account, conversation);
    }
    return erased;
  }

  /** Forgets old records of erased conversations, once all subscribers have read them. */
  public void forgetErased() {
    store.forgetErased(now().minus(Limits.ERASURES_REMEMBERED));
  }

  void typing(Sid.Account account, Participant participant) {
    events.publish(
        new BusEvent.ParticipantTyping(account, participant.conversation(), participant.sid()));
  }

  private void changed(Sid.Account account, Sid.Conversation conversation) {
    events.publish(new BusEvent.ConversationChanged(account, conversation));
  }

  private void onEvent(BusEvent event) {
    switch (event) {
      case BusEvent.ConversationChanged(Sid.Account account, Sid.Conversation conversation) ->
        wake(account, conversation);
      case BusEvent.ParticipantTyping(
          Sid.Account account,
          Sid.Conversation conversation,
          Sid.Participant participant) -> {
        typings.note(
            participant, () -> participant(conversation, participant), conversation, account);
        wake(account, conversation);
      }
      case BusEvent.EventsMissed() -> waiters.wakeAll();
      case BusEvent.SessionRevoked() -> {} // Revocations
      case BusEvent.DirectoryChanged() -> {} // none of ours
    }
  }

  private void wake(Sid.Account account, Sid.Conversation conversation) {
    waiters.wake(conversation);
    waiters.wake(account);
  }

  /** Looked up when a follower asks, and by nobody where none does. */
  private Optional<Participant> participant(Sid.Conversation conversation, Sid.Participant sid) {
    return store.participants(conversation).stream()
        .filter(participant -> participant.sid().equals(sid))
        .findFirst();
  }
}
