package parlour.realtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.conversations.Changes.Change;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.Message;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.conversations.Typing;
import parlour.realtime.ConversationView.Speaker;
import parlour.realtime.SyncObject.Content;

/**
 * The state that one client knows, and the objects that it follows. All events leave under one
 * lock, together with the view that they change, so that the events of each object arrive in the
 * order of their ids, and nothing falls between a replay and what follows it.
 */
final class Delivery {
  private final Outbox outbox;
  private final UnhandledMessages unhandled;
  private final InstantSource clock;

  /**
   * Held while messages are read and events are sent, which can wait for Conversations and for the
   * client. It belongs to one socket, so only this client's own threads wait for it.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition delivered = lock.newCondition();

  @GuardedBy("lock")
  private final ConversationView view;

  /** By the object's sid. */
  @GuardedBy("lock")
  private final Map<String, Subscription> subscriptions = new HashMap<>();

  /** Whether the changes cannot be read now, so that no event comes soon. */
  @GuardedBy("lock")
  private boolean isStalled;

  Delivery(ConversationView view, Outbox outbox, UnhandledMessages unhandled, InstantSource clock) {
    this.view = view;
    this.outbox = outbox;
    this.unhandled = unhandled;
    this.clock = clock;
  }

  /** Reads what was delivered to the client. */
  <T> T read(Function<ConversationView, T> reader) {
    lock.lock();
    try {
      return reader.apply(view);
    } finally {
      lock.unlock();
    }
  }

  /** Finds an object by its name or its sid. */
  Optional<SyncObject> find(String id) {
    return read(now -> now.objects().stream()
        .filter(one -> one.name().equals(id) || one.sid().equals(id))
        .findFirst());
  }

  /** Makes the root of a list, which says from where the client will follow it. */
  <T> T readRootOfMessages(Function<ConversationView, T> reader) {
    lock.lock();
    try {
      unhandled.rootRead(view.revision());
      return reader.apply(view);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends the changes of a poll to those objects that the client follows.
   *
   * @param log reads messages of which only a later poll has the last change; if it throws, the
   *     socket cannot go on
   */
  void deliver(PollResult.News news, Replay.Log log) {
    lock.lock();
    try {
      EditedMessages edited = new EditedMessages(news, view.lastMessage(), log);
      for (int i = 0; i < news.changes().size(); i++) {
        Change change = news.changes().get(i);
        sendAddedBefore(change.revision(), edited);
        if (isInOneEvent(change, news.changes().subList(i + 1, news.changes().size()))) {
          view.apply(change);
        } else {
          apply(change);
        }
      }
      view.reach(news.cursor().revision(), news.more());
      isStalled = false;
      delivered.signalAll();
    } finally {
      lock.unlock();
    }
    for (Typing one : news.typing()) {
      outbox.notify(
          outbox.nextId(),
          SyncEvents.TYPING,
          new JsonObject()
              .with("channel_sid", one.participant().conversation().text())
              .with("identity", one.participant().identity().text())
              .with("typing_timeout", Limits.TYPING_TTL.toSeconds()));
    }
    outbox.flush();
  }

  /** Ends all waits for events, and those that begin before the next changes are delivered. */
  void stall() {
    lock.lock();
    try {
      isStalled = true;
      delivered.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until all events up to a revision were sent, until the changes cannot be read, or until
   * the timeout is over. The page shows a message at its event, so the answer should not come
   * first; but an answer that never comes makes the guest send the message again.
   */
  void awaitDelivered(Revision revision) {
    lock.lock();
    try {
      long left = Limits.REALTIME_OWN_EVENT.toNanos();
      while (revision.isAfter(view.revision()) && !isStalled && left > 0) {
        left = delivered.awaitNanos(left);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether a change of the state is sent with the change of the attributes after it, which was
   * made by the same call: the client ignores an event of the document with the id of the last one.
   */
  private static boolean isInOneEvent(Change change, List<Change> later) {
    return change instanceof Change.OfState
        && !later.isEmpty()
        && later.getFirst() instanceof Change.OfConversation
        && later.getFirst().revision().equals(change.revision());
  }

  @GuardedBy("lock")
  private void sendAddedBefore(Revision revision, EditedMessages edited) {
    @Nullable Subscription list = subscription(SyncObject.messages(view.sid()));
    if (list == null) {
      return;
    }
    Optional<Message> next = edited.addedBefore(revision);
    while (next.isPresent()) {
      Message message = next.get();
      if (list.isNew(message)) {
        Revision id = message.addedRevision();
        view.speaks(message)
            .ifPresent(speaker -> sendSpeaker(speaker, SyncEvents.Change.ADDED, id));
        sendMessage(message, id);
      }
      next = edited.addedBefore(revision);
    }
  }

  @GuardedBy("lock")
  private void apply(Change change) {
    Revision id = change.revision();
    switch (change) {
      case Change.OfMessage(Message message) -> {
        Optional<Speaker> added = view.apply(change);
        if (added.isPresent()) {
          sendSpeaker(added.get(), SyncEvents.Change.ADDED, id);
        }
        sendMessage(message, id);
        sendConversation(id);
      }
      case Change.OfParticipant(Participant participant) -> {
        Optional<Participant> before = view.participant(participant.identity());
        view.apply(change);
        sendParticipant(participant, id);
        if (!before.map(Participant::profile).equals(Optional.of(participant.profile()))) {
          sendUser(participant, id);
        }
        if (participant.identity().equals(view.guest())) {
          sendMyConversation(id);
        }
      }
      case Change.OfConversation _ -> {
        view.apply(change);
        sendConversation(id);
        for (Speaker speaker : view.speakers()) {
          sendSpeaker(speaker, SyncEvents.Change.UPDATED, id);
        }
      }
      case Change.OfState _ -> {
        view.apply(change);
        sendConversation(id);
      }
    }
  }

  @GuardedBy("lock")
  private void sendMessage(Message message, Revision id) {
    @Nullable Subscription list = subscription(SyncObject.messages(view.sid()));
    if (list == null) {
      return;
    }
    SyncEvents.Change change = list.changeOf(message);
    String frame = outbox.nextId();
    if (change == SyncEvents.Change.ADDED) {
      unhandled.sending(frame, message.index());
    }
    JsonObject data =
        change == SyncEvents.Change.REMOVED ? new JsonObject() : Projections.message(message, view);
    outbox.notify(
        frame,
        SyncEvents.EVENT,
        SyncEvents.listItem(list.object(), change, id, message.index(), data, message.created()));
  }

  @GuardedBy("lock")
  private void sendConversation(Revision id) {
    SyncObject document = SyncObject.conversation(view.sid());
    if (subscription(document) != null) {
      send(SyncEvents.document(document, id, Projections.conversation(view), clock.instant()));
    }
  }

  @GuardedBy("lock")
  private void sendParticipant(Participant participant, Revision id) {
    @Nullable Subscription roster = subscription(SyncObject.roster(view.sid()));
    if (roster != null) {
      SyncEvents.Change change = roster.changeOf(participant, view.shows(participant));
      sendItem(
          roster.object(),
          change,
          id,
          participant.sid().text(),
          change == SyncEvents.Change.REMOVED
              ? new JsonObject()
              : Projections.participant(participant, view));
    }
  }

  @GuardedBy("lock")
  private void sendSpeaker(Speaker speaker, SyncEvents.Change change, Revision id) {
    SyncObject roster = SyncObject.roster(view.sid());
    if (subscription(roster) != null) {
      sendItem(
          roster,
          change,
          id,
          SyncObject.memberSid(view.sid(), speaker.author()),
          Projections.participant(speaker, view));
    }
  }

  @GuardedBy("lock")
  private void sendUser(Participant participant, Revision id) {
    SyncObject user = SyncObject.user(view.sid(), participant.identity());
    if (subscription(user) == null) {
      return;
    }
    Projections.userItems(participant)
        .forEach((key, data) -> send(
            SyncEvents.mapItem(user, SyncEvents.Change.UPDATED, id, key, data, clock.instant())));
  }

  @GuardedBy("lock")
  private void sendMyConversation(Revision id) {
    SyncObject mine = SyncObject.myConversations(view.sid(), view.guest());
    if (subscription(mine) != null) {
      sendItem(
          mine, SyncEvents.Change.UPDATED, id, view.sid().text(), Projections.myConversation(view));
    }
  }

  @GuardedBy("lock")
  private void sendItem(
      SyncObject object, SyncEvents.Change change, Revision id, String key, JsonObject data) {
    send(SyncEvents.mapItem(object, change, id, key, data, clock.instant()));
  }

  private void send(JsonObject payload) {
    outbox.notify(outbox.nextId(), SyncEvents.EVENT, payload);
  }

  @GuardedBy("lock")
  private @Nullable Subscription subscription(SyncObject object) {
    return subscriptions.get(object.sid());
  }

  /**
   * Follows an object from now on: sends what happened to it after the client's last event, and
   * then that the subscription is established. If it throws, the object is not followed: a later
   * event would hide from the client that it missed earlier ones. The client asks again for what
   * was not established.
   */
  void subscribe(SyncObject object, Revision known, long correlation, Replay.Log log) {
    lock.lock();
    try {
      subscriptions.put(object.sid(), new Subscription(object, known));
      establish(object, known, correlation, log);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void establish(SyncObject object, Revision known, long correlation, Replay.Log log) {
    try {
      replay(object, known, log);
      send(SyncEvents.established(object.sid(), view.revision(), correlation));
      outbox.flush();
    } catch (RuntimeException failed) {
      unfollow(object.sid());
      throw failed;
    }
  }

  @GuardedBy("lock")
  private void replay(SyncObject object, Revision known, Replay.Log log) {
    switch (object.content()) {
      case Content.Messages() -> {
        unhandled.followed(known);
        if (view.revision().isAfter(known)) {
          replayMessages(new Replay(known, view.revision(), log));
        }
      }
      case Content.OfConversation() -> {
        if (view.revision().isAfter(known)) {
          sendConversation(view.revision());
        }
      }
      case Content.Roster() -> replayRoster(known);
      case Content.MyConversations() -> {
        if (view.revision().isAfter(known)) {
          sendMyConversation(view.revision());
        }
      }
      case Content.User(Identity identity) -> {
        Optional<Participant> user = view.participant(identity);
        if (user.isPresent() && user.get().revision().isAfter(known)) {
          sendUser(user.get(), user.get().revision());
        }
      }
    }
  }

  /** Sends the events up to the view; the later ones come by {@link #deliver}. */
  @GuardedBy("lock")
  private void replayMessages(Replay replay) {
    Optional<Replay.Event> next = replay.next();
    while (next.isPresent()) {
      sendMessage(next.get().message(), next.get().id());
      next = replay.next();
    }
  }

  @GuardedBy("lock")
  private void replayRoster(Revision known) {
    List<Participant> changed = view.participants().stream()
        .filter(one -> one.revision().isAfter(known))
        .sorted(Comparator.comparing(Participant::revision))
        .toList();
    for (Participant one : changed) {
      sendParticipant(one, one.revision());
    }
    if (view.revision().isAfter(known)) {
      for (Speaker speaker : view.speakers()) {
        sendSpeaker(
            speaker,
            speaker.since().isAfter(known) ? SyncEvents.Change.ADDED : SyncEvents.Change.UPDATED,
            view.revision());
      }
    }
  }

  /** Stops to follow an object. */
  void cancel(String sid, long correlation) {
    lock.lock();
    try {
      unfollow(sid);
      send(SyncEvents.canceled(sid, correlation));
    } finally {
      lock.unlock();
    }
    outbox.flush();
  }

  @GuardedBy("lock")
  private void unfollow(String sid) {
    @Nullable Subscription ended = subscriptions.remove(sid);
    if (ended != null && ended.object().content() instanceof Content.Messages) {
      unhandled.unfollowed();
    }
  }

  void fail(String sid, long correlation) {
    send(SyncEvents.failed(sid, correlation));
    outbox.flush();
  }

  /**
   * Notes the authors of messages that a page will show, so that their names are there before.
   */
  void speak(Iterable<Message> messages) {
    lock.lock();
    try {
      for (Message message : messages) {
        Optional<Speaker> added = view.speaks(message);
        if (added.isPresent()) {
          sendSpeaker(added.get(), SyncEvents.Change.ADDED, view.revision());
        }
      }
    } finally {
      lock.unlock();
    }
    outbox.flush();
  }
}
