package parlour.conversations;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import parlour.ClockWatch;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.events.BusEvent;
import parlour.events.EventBus;
import parlour.http.json.JsonText;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Session;
import parlour.store.DiskSpace;
import parlour.trace.Trace;

/**
 * Conversations over a store. It commits each change first and publishes it afterwards; an event
 * says only that there is something to read, so a lost event delays its readers until the next
 * one, or until they poll.
 */
public final class ConversationsService implements Conversations {
  private final ConversationStore store;
  private final EventBus events;
  private final ScopedAuth scopedAuth;
  private final DiskSpace disk;
  private final Waiters waiters;
  private final RecentChanges recent;
  private final TypingIndicators typings;
  private final ClockWatch clock;
  private final SecureRandom random;
  private final AccountWatch watch;

  /**
   * @param events connects the processes that share the store
   * @param disk the disk on which new conversations need space
   */
  public ConversationsService(
      ConversationStore store,
      EventBus events,
      ScopedAuth scopedAuth,
      DiskSpace disk,
      InstantSource clock,
      SecureRandom random) {
    this.store = store;
    this.events = events;
    this.scopedAuth = scopedAuth;
    this.disk = disk;
    this.waiters = new Waiters(events);
    this.recent = new RecentChanges(store, events::pollInterval);
    this.typings = new TypingIndicators(clock);
    this.clock = ClockWatch.of(clock);
    this.random = random;
    this.watch = new AccountWatch(store, scopedAuth, waiters, typings, this::now);
    events.subscribe(this::onEvent);
  }

  /** Ends every call that waits for changes, because this process stops. */
  public void stopWaiting() {
    waiters.stop();
  }

  ConversationStore store() {
    return store;
  }

  Waiters waiters() {
    return waiters;
  }

  /** The longest time between two reads of what a waiter follows, without an event. */
  Duration pollInterval(Sid followed) {
    return events.pollInterval(followed);
  }

  RecentChanges recent() {
    return recent;
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

  @Override
  public void create(NewConversation conversation) {
    if (disk.isScarce()) {
      throw new Unavailable("Conversations", "its disk is nearly full", null);
    }
    boolean created = write(
        conversation.account(),
        conversation.sid(),
        () -> store.create(
            conversation,
            Sid.Participant.next(now(), random),
            Sid.Message.next(now(), random),
            Sid.Message.next(now(), random),
            now()));
    changed(conversation.account(), conversation.sid());
    Trace.current()
        .action(
            parlour.trace.Lifeline.CNV,
            "creates the conversation, with the guest in it",
            created ? "" : "it was there already");
  }

  @Override
  public Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation) {
    return store.find(account, conversation);
  }

  @Override
  public Page<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {
    return store.list(account, state, after, limit);
  }

  @Override
  public InboxPage inbox(
      Sid.Account account, Sight sight, InboxList list, Optional<Place> after, int limit) {
    return store.inbox(account, sight, list, after, limit);
  }

  @Override
  public List<Integer> counts(Sid.Account account, Sight sight, List<InboxList> lists, int max) {
    return lists.stream().map(list -> store.count(account, sight, list, max)).toList();
  }

  @Override
  public int unread(Sid.Account account, Sight sight, List<InboxList> lists, int conversations) {
    return lists.stream()
        .mapToInt(list -> store.unread(account, sight, list, conversations))
        .sum();
  }

  @Override
  public Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation) {
    return store.overview(account, conversation);
  }

  @Override
  public Page<Overview> ofGuest(
      Sid.Account account, Identity guest, Optional<Place> after, int limit) {
    return store.ofGuest(account, guest, after, limit);
  }

  @Override
  public List<Session> everySessionOf(Sid.Account account, Sid.Conversation conversation) {
    return scopedAuth.everySessionOf(conversation).stream()
        .filter(session -> session.owner().account().equals(account))
        .toList();
  }

  @Override
  public List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {
    return scopedAuth.sessionsOf(conversations).stream()
        .filter(session -> session.owner().account().equals(account))
        .toList();
  }

  @Override
  public Sent send(Sid.Account account, NewMessage message) {
    Sent sent = write(
        account,
        message.conversation(),
        () -> store.send(account, Sid.Message.next(now(), random), message, now()));
    switch (sent) {
      case Sent.Added(Message added) -> {
        recent.added(added); // first, so that a follower whom the event wakes need not read it
        events.publish(new BusEvent.ConversationChanged(
            account, message.conversation(), OptionalLong.of(added.revision().number())));
      }
      case Sent.NotFound() -> {}
      case Sent.Duplicate _, Sent.Closed _, Sent.Full _, Sent.NoSuchFile _ ->
        changed(account, message.conversation());
    }
    return sent;
  }

  @Override
  public Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes) {
    Optional<Message> edited = write(
        account,
        conversation,
        () -> store.edit(account, conversation, message, body, attributes, now()));
    edited.ifPresent(one -> changed(account, conversation));
    return edited;
  }

  @Override
  public Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    Optional<Message> removed =
        write(account, conversation, () -> store.remove(account, conversation, message, now()));
    mayHaveChanged(account, conversation, removed.isPresent());
    return removed;
  }

  /** Changes a message of a guest's, for this guest. */
  EditOutcome editOwn(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity guest,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes) {
    EditOutcome outcome = write(
        account,
        conversation,
        () -> store.editOwn(account, conversation, guest, message, body, attributes, now()));
    changed(account, conversation);
    return outcome;
  }

  /** Removes the content of a message of a guest's, for this guest. */
  EditOutcome removeOwn(
      Sid.Account account, Sid.Conversation conversation, Identity guest, Sid.Message message) {
    EditOutcome outcome = write(
        account, conversation, () -> store.removeOwn(account, conversation, guest, message, now()));
    changed(account, conversation);
    return outcome;
  }

  @Override
  public Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return store.message(account, conversation, message);
  }

  @Override
  public Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return store.messages(account, conversation, page);
  }

  @Override
  public Optional<List<Participant>> participants(
      Sid.Account account, Sid.Conversation conversation) {
    return Optional.of(store.participants(account, conversation)).filter(all -> !all.isEmpty());
  }

  @Override
  public JoinOutcome join(
      Sid.Account account, Sid.Conversation conversation, NewParticipant participant) {
    JoinOutcome outcome = write(
        account,
        conversation,
        () -> store.join(
            account, conversation, Sid.Participant.next(now(), random), participant, now()));
    mayHaveChanged(account, conversation, outcome instanceof JoinOutcome.Joined);
    return outcome;
  }

  @Override
  public boolean leave(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {
    boolean left =
        write(account, conversation, () -> store.leave(account, conversation, participant, now()));
    mayHaveChanged(account, conversation, left);
    return left;
  }

  /**
   * Moves the agents' common read index, unless another agent works on the conversation, and that of
   * this agent, if they have joined.
   */
  @Override
  public boolean read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {
    boolean found = readByInbox(account, conversation, identity, index);
    if (found) {
      var _ = readByParticipant(account, conversation, identity, index);
    }
    return found;
  }

  private boolean readByInbox(
      Sid.Account account, Sid.Conversation conversation, Identity reader, MessageIndex index) {
    return write(
        account,
        conversation,
        () -> store.readByInbox(account, conversation, reader, index, now()));
  }

  /** Moves a participant's read index; empty if there is no such participant. */
  Optional<Participant> readByParticipant(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {
    return updated(account, conversation, identity, ParticipantUpdate.reading(index));
  }

  @Override
  public Optional<Participant> updateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update) {
    Optional<Participant> updated = updated(account, conversation, identity, update);
    boolean isOfInbox = updated
        .filter(one -> one.kind() != ParticipantKind.GUEST && one.joined())
        .isPresent();
    if (isOfInbox && update.read().isPresent()) {
      var _ = readByInbox(account, conversation, identity, update.read().get());
      changed(account, conversation);
    }
    return updated;
  }

  Optional<Participant> updated(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update) {
    Optional<Participant> updated = write(
        account,
        conversation,
        () -> store.updateParticipant(account, conversation, identity, update, now()));
    changed(account, conversation);
    return updated;
  }

  @Override
  public boolean typing(Sid.Account account, Sid.Conversation conversation, Identity identity) {
    Optional<Participant> participant =
        store.participant(account, conversation, identity).filter(Participant::joined);
    participant.ifPresent(typist -> typing(account, typist));
    return participant.isPresent();
  }

  void typing(Sid.Account account, Participant participant) {
    events.publish(
        new BusEvent.ParticipantTyping(account, participant.conversation(), participant.sid()));
  }

  /** Asks ScopedAuth about the session only if the conversation must be reopened. */
  @Override
  public UpdateOutcome update(Sid.Account account, Sid.Conversation conversation, Update update) {
    UpdateOutcome outcome = update(account, conversation, update, Optional.empty());
    if (outcome instanceof UpdateOutcome.NotReopened) {
      outcome = hasGoodSession(conversation)
          ? update(account, conversation, update, closedAfter(update.within()))
          : new UpdateOutcome.NotReopened(UpdateOutcome.Obstacle.SESSION_OVER);
      checkClock(outcome, update.within());
    }
    if (outcome instanceof UpdateOutcome.Updated) {
      changed(account, conversation);
    }
    return outcome;
  }

  /** Reopens the conversation for its guest. */
  UpdateOutcome reopen(
      Sid.Account account, Sid.Conversation conversation, Identity guest, Duration within) {
    UpdateOutcome outcome = write(
        account,
        conversation,
        () -> store.reopen(account, conversation, guest, closedAfter(within), now()));
    checkClock(outcome, within);
    changed(account, conversation);
    return outcome;
  }

  /** Empty for no time: by the clock of another node, the end may be a moment from now. */
  private Optional<Instant> closedAfter(Duration within) {
    return within.isPositive() ? Optional.of(now().minus(within)) : Optional.empty();
  }

  /** While the clock is in doubt, only a deployment that never allows a reopening refuses it. */
  private void checkClock(UpdateOutcome outcome, Duration within) {
    if (outcome.equals(new UpdateOutcome.NotReopened(UpdateOutcome.Obstacle.TOO_LATE))
        && within.isPositive()
        && doubtsItsClock()) {
      throw new Unavailable("Conversations", "the clock has jumped, and may be wrong", null);
    }
  }

  private UpdateOutcome update(
      Sid.Account account,
      Sid.Conversation conversation,
      Update update,
      Optional<Instant> closedAfter) {
    return write(
        account,
        conversation,
        () -> store.update(account, conversation, update, closedAfter, now()));
  }

  private boolean hasGoodSession(Sid.Conversation conversation) {
    return scopedAuth.sessionsOf(List.of(conversation)).stream()
        .anyMatch(session -> scopedAuth.isLive(session.sid()));
  }

  /** Closes the conversation, because its guest ends it. */
  void close(Sid.Account account, Sid.Conversation conversation, Identity guest) {
    var _ = write(account, conversation, () -> store.close(account, conversation, guest, now()));
    changed(account, conversation);
  }

  @Override
  public Page<Overview> othersOf(Sid.Account account, Sid.Conversation conversation, int limit) {
    return store.othersOf(account, conversation, limit);
  }

  /**
   * Erases the conversation first, so that its subscribers learn that it was erased, and not only
   * that their session ended. If the sessions could not be ended, the caller repeats the call,
   * which ends them.
   */
  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation) {
    boolean erased = write(account, conversation, () -> store.erase(account, conversation, now()));
    if (!erased && !store.wasErased(account, conversation)) {
      return false;
    }
    changed(account, conversation);
    int ended = endSessionsOf(conversation);
    return erased || ended > 0;
  }

  private int endSessionsOf(Sid.Conversation erased) {
    return scopedAuth.revokeAllOf(erased, "the conversation was erased");
  }

  @Override
  public int eraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max) {
    return eraseQuiet(account, store.quiet(account, deployment, since, max), since);
  }

  @Override
  public int eraseQuiet(Sid.Account account, Sid.Address address, Instant since, int max) {
    return eraseQuiet(account, store.quiet(account, address, since, max), since);
  }

  /**
   * Asks ScopedAuth before each erasure: during an outage the sessions could not be ended, so the
   * conversation stays until the next round.
   */
  private int eraseQuiet(Sid.Account account, List<Sid.Conversation> found, Instant since) {
    int erased = 0;
    for (Sid.Conversation quiet : found) {
      var _ = scopedAuth.sessionsOf(List.of(quiet));
      // Only if it is still quiet: a message that was sent meanwhile must not be lost.
      if (write(account, quiet, () -> store.eraseQuiet(account, quiet, since, now()))) {
        changed(account, quiet);
        int _ = endSessionsOf(quiet);
        erased++;
      }
    }
    return erased;
  }

  /** Deletes old records of erased conversations, once all subscribers have read them. */
  public void deleteErasureRecords() {
    store.deleteErasureRecords(now().minus(Limits.ERASURES_REMEMBERED));
  }

  @Override
  public Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit) {
    return store.changes(account, conversation, after, limit, Amount.PAGE);
  }

  @Override
  public AccountCursor watchFromNow(Sid.Account account) {
    return watch.fromNow(account);
  }

  @Override
  public AccountNews watch(
      Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {
    return watch.next(account, cursor, timeout, amount);
  }

  /**
   * Makes a change in the store, whose caller publishes it. If the store is unavailable, the change
   * may have been made, or may yet be: it is published here, and nothing remembered is trusted.
   */
  private <T> T write(Sid.Account account, Sid.Conversation conversation, Supplier<T> change) {
    try {
      return change.get();
    } catch (Unavailable e) {
      recent.doubt(conversation);
      changed(account, conversation);
      throw e;
    }
  }

  /**
   * Makes a change in the store, and publishes it as {@link #mayHaveChanged} does.
   *
   * @param hasChanged whether an outcome is a change
   */
  <T> T write(
      Sid.Account account,
      Sid.Conversation conversation,
      Supplier<T> change,
      Predicate<T> hasChanged) {
    T outcome = write(account, conversation, change);
    mayHaveChanged(account, conversation, hasChanged.test(outcome));
    return outcome;
  }

  /**
   * Publishes also if the call changed nothing: it may repeat a change whose answer was lost, and
   * the event with it.
   */
  private void mayHaveChanged(
      Sid.Account account, Sid.Conversation conversation, boolean hasChanged) {
    if (hasChanged || store.find(account, conversation).isPresent()) {
      changed(account, conversation);
    }
  }

  private void changed(Sid.Account account, Sid.Conversation conversation) {
    events.publish(new BusEvent.ConversationChanged(account, conversation));
  }

  private void onEvent(BusEvent event) {
    switch (event) {
      case BusEvent.ConversationChanged(
          Sid.Account account,
          Sid.Conversation conversation,
          OptionalLong added) -> {
        if (added.isEmpty()) {
          recent.invalidate(conversation);
        }
        wake(account, conversation);
      }
      case BusEvent.ParticipantTyping(
          Sid.Account account,
          Sid.Conversation conversation,
          Sid.Participant participant) -> {
        typings.add(
            participant,
            () -> participant(account, conversation, participant),
            conversation,
            account);
        wake(account, conversation);
      }
      case BusEvent.EventsArrive(Sid of) -> {
        if (of instanceof Sid.Conversation conversation) {
          recent.invalidate(conversation);
        }
        waiters.wake(of);
      }
      case BusEvent.EventsMissed() -> {
        recent.invalidateAll();
        waiters.wakeAll();
      }
      case BusEvent.AgentViewing _ -> {} // the inbox
      case BusEvent.SessionRevoked() -> {} // Revocations
      case BusEvent.DirectoryChanged() -> {} // the orchestrator
    }
  }

  private void wake(Sid.Account account, Sid.Conversation conversation) {
    waiters.wake(conversation);
    waiters.wake(account);
  }

  /** Read only when a waiter asks who is typing. */
  private Optional<Participant> participant(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant sid) {
    return store.participants(account, conversation).stream()
        .filter(participant -> participant.sid().equals(sid))
        .findFirst();
  }
}
