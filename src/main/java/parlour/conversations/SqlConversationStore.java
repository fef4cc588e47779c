package parlour.conversations;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.store.Database;
import parlour.store.Schema;
import parlour.store.SearchTurns;

/**
 * {@link ConversationStore} in SQL that SQLite and PostgreSQL both speak. This class decides what is
 * one transaction; the statements are in a class for each part of a conversation.
 */
public final class SqlConversationStore implements ConversationStore {
  /** The files of parlour/conversations on the class path, in order. */
  public static final Schema SCHEMA = Schema.of(
      "conversations",
      "001-conversations.sql",
      "002-messages.sql",
      "003-erased-conversations.sql",
      "004-inbox-order.sql",
      "005-installation.sql",
      "006-bounds.sql",
      "007-details.sql",
      "008-media.sql",
      "009-team.sql",
      "010-labels.sql",
      "011-notes.sql",
      "012-quiet-by-address.sql",
      "013-search.sql",
      "014-desks.sql",
      "015-push.sql",
      "016-push-age.sql",
      "017-history.sql",
      "018-push-hosts.sql",
      "019-closed-by-assignee.sql",
      "020-changed-messages.sql",
      "021-no-index-of-revisions.sql");

  private final Database database;

  /** A page that examines rows can read many, so those of one account wait for each other. */
  private final SearchTurns examinations;

  private final boolean pushes;
  private final RecentTranscripts transcripts = new RecentTranscripts();

  /** The store where Web Push is off. */
  public SqlConversationStore(Database database) {
    this(database, false);
  }

  /**
   * @param pushes whether messages of others ask for pushes to the guest
   */
  public SqlConversationStore(Database database, boolean pushes) {
    this.database = database;
    examinations = new SearchTurns(database, "the filters of the inbox", Limits.SEARCH_WAIT);
    this.pushes = pushes;
  }

  @Override
  public boolean create(
      Conversations.NewConversation conversation,
      Sid.Participant participant,
      Sid.Message firstMessage,
      Sid.Message greeting,
      Instant now) {
    return database.write(sql ->
        SqlConversationRows.create(sql, conversation, participant, firstMessage, greeting, now));
  }

  @Override
  public Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation) {
    return database.readOne(sql -> SqlConversationRows.find(sql, account, conversation));
  }

  @Override
  public Page<Conversations.Overview> list(
      Sid.Account account,
      Optional<Conversation.State> state,
      Optional<Conversations.Place> after,
      int limit) {
    return database.read(sql -> SqlOverviews.list(sql, account, state, after, limit));
  }

  @Override
  public InboxPage inbox(
      Sid.Account account,
      Sight sight,
      InboxList list,
      Optional<Conversations.Place> after,
      int limit) {
    Database.Work<InboxPage> page =
        sql -> SqlOverviews.inbox(sql, account, sight, list, after, limit);
    return SqlOverviews.isExamined(account, sight, list)
        ? examinations.search(account, page)
        : database.read(page);
  }

  @Override
  public int count(Sid.Account account, Sight sight, InboxList list, int max) {
    return database.read(sql -> SqlOverviews.count(sql, account, sight, list, max));
  }

  @Override
  public int unread(Sid.Account account, Sight sight, InboxList list, int conversations) {
    return database.read(sql -> SqlOverviews.unread(sql, account, sight, list, conversations));
  }

  @Override
  public Optional<Conversations.Overview> overview(
      Sid.Account account, Sid.Conversation conversation) {
    return database.read(sql -> SqlOverviews.find(sql, account, conversation));
  }

  @Override
  public Page<Conversations.Overview> ofGuest(
      Sid.Account account, Identity guest, Optional<Conversations.Place> after, int limit) {
    return database.read(sql -> SqlOverviews.ofGuest(sql, account, guest, after, limit));
  }

  @Override
  public List<Changed> changed(
      Sid.Account account, Conversations.Place after, Instant until, int limit) {
    return database.read(sql -> SqlChanges.ofAccount(sql, account, after, until, limit));
  }

  @Override
  public Map<Sid.Conversation, Revision> revisions(List<Sid.Conversation> conversations) {
    return database.read(sql -> SqlRevisions.of(sql, conversations));
  }

  @Override
  public Sent send(
      Sid.Account account, Sid.Message sid, Conversations.NewMessage message, Instant now) {
    return database.writeTogether(
        pushes ? SqlSending.SEND_AND_PUSH : SqlSending.SEND,
        new SqlSending.Sending(account, sid, message, now));
  }

  @Override
  public Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes,
      Instant now) {
    return database.writeScrubbed(
        sql -> SqlMessages.edit(sql, account, conversation, message, body, attributes, now));
  }

  @Override
  public EditOutcome editOwn(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes,
      Instant now) {
    return database.writeScrubbed(sql ->
        SqlOwnMessages.edit(sql, account, conversation, author, message, body, attributes, now));
  }

  @Override
  public EditOutcome removeOwn(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Instant now) {
    return database.writeScrubbed(
        sql -> SqlOwnMessages.remove(sql, account, conversation, author, message, now));
  }

  @Override
  public Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message, Instant now) {
    return database.writeScrubbed(
        sql -> SqlMessages.remove(sql, account, conversation, message, now));
  }

  @Override
  public Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return database.readOne(sql -> SqlMessages.find(sql, account, conversation, message));
  }

  @Override
  public Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return database.read(sql -> {
      Optional<Conversation> found = SqlConversationRows.find(sql, account, conversation);
      return found.isEmpty()
          ? Optional.empty()
          : Optional.of(SqlMessages.page(sql, conversation, page));
    });
  }

  @Override
  public Optional<Transcript> transcript(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    Optional<Transcript> known = transcripts.find(conversation, page);
    if (known.isPresent() && isCurrent(known.get(), account)) {
      return known;
    }
    Optional<Transcript> read = database.read(sql -> {
      Optional<Conversation> found = SqlConversationRows.find(sql, account, conversation);
      return found.isEmpty()
          ? Optional.empty()
          : Optional.of(new Transcript(
              found.get(),
              SqlParticipants.all(sql, account, conversation),
              SqlMessages.page(sql, conversation, page)));
    });
    if (read.isEmpty()) {
      transcripts.invalidate(conversation);
    }
    return read.map(transcript -> transcripts.remember(page, transcript));
  }

  private boolean isCurrent(Transcript known, Sid.Account account) {
    return database
        .readOne(sql ->
            SqlConversationRows.version(sql, account, known.conversation().sid()))
        .equals(Optional.of(known.conversation().changed()));
  }

  @Override
  public MessagesUntil messagesUntil(Sid.Conversation conversation, Revision revision) {
    return database.readOne(sql -> SqlMessages.until(sql, conversation, revision));
  }

  @Override
  public Optional<Integer> unread(
      Sid.Conversation conversation, MessageIndex after, Optional<Revision> until) {
    return database.readOne(sql -> SqlMessages.unread(sql, conversation, after, until));
  }

  @Override
  public List<GuestConversations.Speaker> speakers(Sid.Conversation conversation) {
    return database.readOne(sql -> SqlMessages.speakers(sql, conversation));
  }

  @Override
  public JoinOutcome join(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Participant sid,
      Conversations.NewParticipant participant,
      Instant now) {
    return database.write(
        sql -> SqlParticipants.join(sql, account, conversation, sid, participant, now));
  }

  @Override
  public boolean leave(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Participant participant,
      Instant now) {
    return database.write(
        sql -> SqlParticipants.leave(sql, account, conversation, participant, now));
  }

  @Override
  public Optional<Participant> participant(
      Sid.Account account, Sid.Conversation conversation, Identity identity) {
    return database.readOne(sql -> SqlParticipants.find(sql, account, conversation, identity));
  }

  @Override
  public List<Participant> participants(Sid.Account account, Sid.Conversation conversation) {
    return database.readOne(sql -> SqlParticipants.all(sql, account, conversation));
  }

  @Override
  public Optional<Participant> updateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update,
      Instant now) {
    return database.write(
        sql -> SqlParticipants.update(sql, account, conversation, identity, update, now));
  }

  @Override
  public boolean readByInbox(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity reader,
      MessageIndex index,
      Instant now) {
    return database.write(
        sql -> SqlParticipants.readByInbox(sql, account, conversation, reader, index, now));
  }

  @Override
  public UpdateOutcome update(
      Sid.Account account,
      Sid.Conversation conversation,
      Conversations.Update update,
      Optional<Instant> closedAfter,
      Instant now) {
    return database.write(
        sql -> SqlConversationRows.update(sql, account, conversation, update, closedAfter, now));
  }

  @Override
  public UpdateOutcome reopen(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      Optional<Instant> closedAfter,
      Instant now) {
    return database.write(
        sql -> SqlConversationRows.reopen(sql, account, conversation, identity, closedAfter, now));
  }

  @Override
  public Page<Conversations.Overview> othersOf(
      Sid.Account account, Sid.Conversation conversation, int limit) {
    return database.read(sql -> SqlOverviews.othersOf(sql, account, conversation, limit));
  }

  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation, Instant now) {
    return eraseQuiet(account, conversation, SqlErasing.FOREVER, now);
  }

  @Override
  public boolean eraseQuiet(
      Sid.Account account, Sid.Conversation conversation, Instant since, Instant now) {
    boolean wasIndexed = SqlSearchIndex.removeAll(database, account, conversation, since);
    boolean erased = database.writeScrubbed(
        sql -> SqlErasing.eraseQuiet(sql, account, conversation, since, now));
    if (wasIndexed && !erased) {
      SqlSearchIndex.again(database, conversation);
    }
    transcripts.invalidate(conversation);
    return erased;
  }

  @Override
  public boolean wasErased(Sid.Account account, Sid.Conversation conversation) {
    return database.readOne(sql -> SqlErasing.wasErased(sql, account, conversation));
  }

  @Override
  public int deleteErasureRecords(Instant before) {
    return database.write(sql -> SqlErasing.deleteRecords(sql, before));
  }

  @Override
  public List<Sid.Conversation> quiet(
      Sid.Account account, Sid.Deployment deployment, Instant since, int limit) {
    return database.read(sql -> SqlErasing.quiet(sql, account, deployment, since, limit));
  }

  @Override
  public List<Sid.Conversation> quiet(
      Sid.Account account, Sid.Address address, Instant since, int limit) {
    return database.read(sql -> SqlErasing.quiet(sql, account, address, since, limit));
  }

  @Override
  public boolean close(
      Sid.Account account, Sid.Conversation conversation, Identity identity, Instant now) {
    return database.write(
        sql -> SqlConversationRows.close(sql, account, conversation, identity, now));
  }

  @Override
  public Optional<Changes> changes(
      Sid.Account account,
      Sid.Conversation conversation,
      Revision after,
      int limit,
      Amount amount) {
    return database.read(sql -> SqlChanges.of(sql, account, conversation, after, limit, amount));
  }

  @Override
  public Optional<ChangesFor> changesFor(
      Identity reader,
      Sid.Account account,
      Sid.Conversation conversation,
      Revision after,
      int limit,
      Amount amount) {
    return database.read(sql -> {
      Optional<Changes> changes = SqlChanges.of(sql, account, conversation, after, limit, amount);
      if (changes.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(new ChangesFor(
          changes.get(),
          changes.get().isEmpty()
              ? Optional.empty()
              : SqlParticipants.find(sql, account, conversation, reader)));
    });
  }
}
