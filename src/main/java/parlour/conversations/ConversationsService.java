package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Session;
import parlour.trace.Trace;

/** The account's door. What is another account's is not there. */
public final class ConversationsService implements Conversations {
  private final ConversationLog log;
  private final ConversationStore store;
  private final ScopedAuth scopedAuth;

  public ConversationsService(ConversationLog log, ScopedAuth scopedAuth) {
    this.log = log;
    this.store = log.store();
    this.scopedAuth = scopedAuth;
  }

  @Override
  public void create(NewConversation conversation) {
    boolean created = log.create(conversation);
    Trace.current()
        .deed(
            parlour.trace.Participant.CNV,
            "creates the conversation, with the guest in it",
            created ? "" : "it was there already");
  }

  @Override
  public Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation) {
    return store.find(conversation).filter(found -> found.account().equals(account));
  }

  private boolean has(Sid.Account account, Sid.Conversation conversation) {
    return find(account, conversation).isPresent();
  }

  @Override
  public List<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {
    return store.list(account, state, after, limit);
  }

  @Override
  public Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation) {
    return store
        .overview(conversation)
        .filter(found -> found.conversation().account().equals(account));
  }

  @Override
  public List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {
    return scopedAuth.sessionsOf(conversations).stream()
        .filter(session -> session.account().equals(account))
        .toList();
  }

  @Override
  public Sent send(Sid.Account account, NewMessage message) {
    return has(account, message.conversation()) ? log.send(account, message) : new Sent.Nowhere();
  }

  @Override
  public Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<String> attributes) {
    return has(account, conversation)
        ? log.edit(account, conversation, message, body, attributes)
        : Optional.empty();
  }

  @Override
  public Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return has(account, conversation)
        ? log.remove(account, conversation, message)
        : Optional.empty();
  }

  @Override
  public Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return find(account, conversation).flatMap(found -> store.message(conversation, message));
  }

  @Override
  public Optional<List<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return find(account, conversation).map(found -> log.messages(conversation, page));
  }

  @Override
  public Optional<List<Participant>> participants(
      Sid.Account account, Sid.Conversation conversation) {
    return find(account, conversation).map(found -> store.participants(conversation));
  }

  @Override
  public Optional<Participant> join(
      Sid.Account account, Sid.Conversation conversation, String identity, Kind kind, String name) {
    return has(account, conversation)
        ? log.join(account, conversation, identity, kind, name)
        : Optional.empty();
  }

  @Override
  public boolean leave(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {
    return has(account, conversation) && log.leave(account, conversation, participant);
  }

  @Override
  public boolean read(
      Sid.Account account, Sid.Conversation conversation, String identity, long index) {
    if (!has(account, conversation) || !log.readByInbox(account, conversation, index)) {
      return false;
    }
    log.read(account, conversation, identity, index); // where they have joined
    return true;
  }

  @Override
  public boolean typing(Sid.Account account, Sid.Conversation conversation, String identity) {
    Optional<Participant> typist =
        has(account, conversation) ? store.participant(conversation, identity) : Optional.empty();
    typist.ifPresent(known -> log.typing(account, known));
    return typist.isPresent();
  }

  @Override
  public Optional<Conversation> describe(
      Sid.Account account, Sid.Conversation conversation, String attributes) {
    return has(account, conversation)
        ? log.describe(account, conversation, attributes)
        : Optional.empty();
  }

  @Override
  public Optional<Conversation> close(Sid.Account account, Sid.Conversation conversation) {
    return has(account, conversation) ? log.close(account, conversation) : Optional.empty();
  }

  /** The session first: a guest who can still come in would find nothing, and not know why. */
  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation) {
    if (!has(account, conversation)) {
      return false;
    }
    scopedAuth
        .sessionsOf(List.of(conversation))
        .forEach(session -> scopedAuth.revoke(session.sid(), "the conversation was erased"));
    return log.erase(account, conversation);
  }

  @Override
  public Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, long after, int limit) {
    return find(account, conversation).flatMap(found -> store.changes(conversation, after, limit));
  }

  @Override
  public AccountCursor watchFromNow(Sid.Account account) {
    return new AccountCursor(log.now(), Map.of(), log.typings().now());
  }

  @Override
  public AccountNews watch(Sid.Account account, AccountCursor cursor, Duration patience) {
    Duration most =
        patience.compareTo(Limits.FOLLOW_PATIENCE) < 0 ? patience : Limits.FOLLOW_PATIENCE;
    long giveUp = System.nanoTime() + most.toNanos();
    try (Followers.Watch watch = log.followers().watch(account)) {
      while (true) {
        AccountNews news = news(account, cursor);
        Duration left = Duration.ofNanos(giveUp - System.nanoTime());
        boolean any = !news.overviews().isEmpty() || !news.typing().isEmpty();
        if (any || !left.isPositive()) {
          return news;
        }
        watch.await(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new AccountNews(List.of(), List.of(), cursor);
    }
  }

  private AccountNews news(Sid.Account account, AccountCursor cursor) {
    List<Conversation> changed = store.changedSince(
        account, cursor.since().minus(Limits.WATCH_OVERLAP), Limits.WATCHED_AT_ONCE);
    Instant since = changed.isEmpty()
        ? cursor.since()
        : later(cursor.since(), changed.getLast().updated());
    Map<Sid.Conversation, Long> told = new HashMap<>();
    List<Overview> overviews = new ArrayList<>();
    for (Conversation conversation : changed) {
      if (!conversation.updated().isBefore(since.minus(Limits.WATCH_OVERLAP))) {
        told.put(conversation.sid(), conversation.revision());
      }
      Long known = cursor.told().get(conversation.sid());
      if (known == null || known < conversation.revision()) {
        store.overview(conversation.sid()).ifPresent(overviews::add);
      }
    }
    List<Typing> typing = log.typings().after(account, cursor.typing());
    long typed = typing.isEmpty() ? cursor.typing() : typing.getLast().number();
    return new AccountNews(List.copyOf(overviews), typing, new AccountCursor(since, told, typed));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
