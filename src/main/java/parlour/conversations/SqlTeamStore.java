package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.SearchTurns;
import parlour.store.Sql;

/** {@link TeamStore} in SQL that SQLite and PostgreSQL both accept. */
public final class SqlTeamStore implements TeamStore {
  private static final String NOBODY = "";

  private final Database database;
  private final SearchTurns turns;
  private final LongSupplier nanoTime;

  /**
   * @param database with {@link SqlConversationStore#SCHEMA}
   */
  public SqlTeamStore(Database database) {
    this(database, System::nanoTime);
  }

  /**
   * @param nanoTime the time in nanoseconds, as {@link System#nanoTime} returns it
   */
  SqlTeamStore(Database database, LongSupplier nanoTime) {
    this.database = database;
    this.nanoTime = nanoTime;
    turns = new SearchTurns(database, "the searches of conversations", Limits.SEARCH_WAIT);
  }

  /** The agent in a row; empty for a conversation that no agent works on. */
  static Optional<Identity> assignee(String column) {
    return column.equals(NOBODY) ? Optional.empty() : Optional.of(new Identity(column));
  }

  static String column(Optional<Identity> assignee) {
    return assignee.map(Identity::text).orElse(NOBODY);
  }

  @Override
  public AssignOutcome assign(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity by,
      Optional<Identity> from,
      Optional<Identity> to,
      Instant now) {
    return database.write(sql -> {
      int changed = sql.update(
          """
          UPDATE conversation SET assignee = ?, revision = revision + 1, updated_at = ?
          WHERE sid = ? AND account_sid = ? AND assignee = ? AND assignee <> ?
          """, column(to), now, conversation.text(), account.text(), column(from), column(to));
      if (changed == 1) {
        SqlHistory.add(sql, conversation, TeamEvent.Kind.ASSIGNED, Optional.of(by), to, now);
        if (from.isPresent()) {
          SqlParticipants.leave(sql, account, conversation, from.get(), now);
        }
        return new AssignOutcome.Assigned();
      }
      Optional<String> assignee = sql.first(
          "SELECT assignee FROM conversation WHERE sid = ? AND account_sid = ?",
          row -> Sql.text(row, "assignee"),
          conversation.text(),
          account.text());
      if (assignee.isEmpty()) {
        return new AssignOutcome.NotFound();
      }
      return assignee.get().equals(column(to))
          ? new AssignOutcome.Assigned()
          : new AssignOutcome.Taken(assignee(assignee.get()));
    });
  }

  @Override
  public LabelOutcome label(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label, Instant now) {
    return database.write(sql -> {
      if (SqlRevisions.take(sql, account, conversation).isEmpty()) {
        return new LabelOutcome.NotFound();
      }
      boolean isAdded = sql.update(
              """
              INSERT INTO conversation_label (conversation_sid, label, account_sid, began_at)
              SELECT sid, ?, account_sid, created_at FROM conversation WHERE sid = ? AND
                (SELECT count(*) FROM conversation_label WHERE conversation_sid = ?) < ?
              ON CONFLICT (conversation_sid, label) DO NOTHING
              """, label, conversation.text(), conversation.text(), Limits.LABELS_OF_A_CONVERSATION)
          == 1;
      if (isAdded) {
        SqlHistory.add(sql, conversation, TeamEvent.Kind.LABELLED, Optional.of(by), label, now);
      }
      SqlRevisions.settle(isAdded, sql, conversation, now);
      return isAdded || labels(sql, conversation).contains(label)
          ? new LabelOutcome.Done()
          : new LabelOutcome.Full();
    });
  }

  @Override
  public LabelOutcome unlabel(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label, Instant now) {
    return database.write(sql -> {
      if (SqlRevisions.take(sql, account, conversation).isEmpty()) {
        return new LabelOutcome.NotFound();
      }
      boolean isRemoved = sql.update(
              "DELETE FROM conversation_label WHERE conversation_sid = ? AND label = ?",
              conversation.text(),
              label)
          == 1;
      if (isRemoved) {
        SqlHistory.add(sql, conversation, TeamEvent.Kind.UNLABELLED, Optional.of(by), label, now);
      }
      SqlRevisions.settle(isRemoved, sql, conversation, now);
      return new LabelOutcome.Done();
    });
  }

  @Override
  public NoteOutcome addNote(
      Sid.Account account,
      Sid.Conversation conversation,
      TeamConversations.NewNote note,
      Instant now) {
    return database.write(sql -> SqlNotes.add(sql, account, conversation, note, now));
  }

  @Override
  public boolean removeNote(
      Sid.Account account,
      Sid.Conversation conversation,
      Revision added,
      Identity author,
      Instant now) {
    return database.writeScrubbed(
        sql -> SqlNotes.remove(sql, account, conversation, added, author, now));
  }

  @Override
  public Page<Note> notes(Sid.Account account, Sid.Conversation conversation, Revision after) {
    return database.read(sql -> SqlNotes.after(sql, account, conversation, after));
  }

  @Override
  public Page<TeamEvent> history(
      Sid.Account account, Sid.Conversation conversation, Revision after) {
    return database.read(sql -> SqlHistory.after(sql, account, conversation, after));
  }

  @Override
  public List<Sid.Conversation> joinedBy(Sid.Account account, Identity agent, int limit) {
    return database.read(sql -> SqlParticipants.joinedBy(sql, account, agent, limit));
  }

  @Override
  public boolean leave(
      Sid.Account account, Sid.Conversation conversation, Identity agent, Instant now) {
    return database.write(sql -> SqlParticipants.leave(sql, account, conversation, agent, now));
  }

  /** Reads one row of the index for each label, however many conversations have it. */
  @Override
  public List<String> labels(Sid.Account account) {
    return database.read(sql -> sql.list(
        """
        WITH RECURSIVE known (label) AS (
          SELECT min(label) FROM conversation_label WHERE account_sid = ?
          UNION ALL
          SELECT (SELECT min(label) FROM conversation_label
            WHERE account_sid = ? AND label > known.label)
          FROM known WHERE known.label IS NOT NULL)
        SELECT label FROM known WHERE label IS NOT NULL LIMIT ?
        """, row -> Sql.text(row, "label"), account.text(), account.text(), Limits.LABELS_OFFERED));
  }

  @Override
  public SearchPage search(Sid.Account account, Sight sight, String words, Optional<Long> after) {
    return turns.search(
        account, sql -> SqlSearch.page(sql, account, sight, words, after, nanoTime));
  }

  private static List<String> labels(Sql sql, Sid.Conversation conversation) throws SQLException {
    return sql.list(
        "SELECT label FROM conversation_label WHERE conversation_sid = ?",
        row -> Sql.text(row, "label"),
        conversation.text());
  }
}
