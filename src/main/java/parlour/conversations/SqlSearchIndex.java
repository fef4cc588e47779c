package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.store.Database;
import parlour.store.RowChange;
import parlour.store.Sql;

/**
 * Brings the index of the search up to date, after the changes and without delaying them. Each
 * conversation has the revision up to which it is in the index, so nothing is left out after a stop
 * or an outage, and several processes can do this at once.
 */
public final class SqlSearchIndex {
  /** Locks the conversation, as each of its changes does, so that its texts stay as they are read. */
  private static final RowChange TAKE =
      new RowChange("""
          UPDATE conversation SET indexed_revision = revision
          WHERE sid = ? AND indexed_revision = ? AND revision > indexed_revision
          """, "conversation", "sid", "account_sid, revision");

  /** Attempts to find a key that is not taken, each among twice as many as the one before. */
  private static final int ATTEMPTS = 30;

  private final Database database;
  private volatile boolean isStopped;

  /**
   * @param database with {@link SqlConversationStore#SCHEMA}
   */
  public SqlSearchIndex(Database database) {
    this.database = database;
  }

  /** A conversation with changes that are not in the index. */
  record Stale(Sid.Conversation conversation, long indexed) {}

  /**
   * Takes all changes into the index. It uses half of the time at most, so that a large store, which
   * is indexed for the first time, delays guests little.
   */
  public void update() {
    while (!isStopped) {
      long begin = System.nanoTime();
      List<Stale> stale = database.readOne(SqlSearchIndex::stale);
      if (stale.isEmpty()) {
        return;
      }
      updateTogether(stale);
      LockSupport.parkNanos(System.nanoTime() - begin);
    }
  }

  /** Ends a running update soon; the next start goes on with it. */
  public void stop() {
    isStopped = true;
  }

  static List<Stale> stale(Sql sql) throws SQLException {
    return sql.list(
        """
        SELECT sid, indexed_revision FROM conversation WHERE revision > indexed_revision
        ORDER BY updated_at DESC LIMIT ?
        """,
        row ->
            new Stale(new Sid.Conversation(Sql.text(row, "sid")), row.getLong("indexed_revision")),
        Limits.SEARCH_UPDATED);
  }

  /** In one transaction and, if that fails, each by itself, so that one cannot hold up the others. */
  private void updateTogether(List<Stale> stale) {
    List<Stale> inOrder = stale.stream() // of which all processes lock them
        .sorted((a, b) -> a.conversation().text().compareTo(b.conversation().text()))
        .toList();
    try {
      var _ = database.write(sql -> {
        for (Stale one : inOrder) {
          update(sql, one);
        }
        return true;
      });
    } catch (Unavailable outage) {
      throw outage;
    } catch (RuntimeException wrong) {
      updateEach(inOrder, wrong);
      throw wrong;
    }
  }

  private void updateEach(List<Stale> stale, RuntimeException wrong) {
    for (Stale one : stale) {
      try {
        var _ = database.write(sql -> update(sql, one));
      } catch (RuntimeException again) {
        wrong.addSuppressed(again);
      }
    }
  }

  private static boolean update(Sql sql, Stale stale) throws SQLException {
    Sid.Conversation conversation = stale.conversation();
    Optional<Taken> taken = sql.change(
        TAKE,
        conversation.text(),
        row -> new Taken(new Sid.Account(Sql.text(row, "account_sid")), row.getLong("revision")),
        conversation.text(),
        stale.indexed());
    if (taken.isEmpty()) {
      return false; // another process has done it, or the conversation was erased
    }
    String key = key(taken.get().account());
    List<Text> messages = sql.list(
        """
        SELECT message_index, body, files, created_at, added_revision, revision, author
        FROM message WHERE conversation_sid = ? AND revision > ? ORDER BY revision LIMIT ?
        """,
        SqlSearchIndex::message,
        conversation.text(),
        stale.indexed(),
        Limits.SEARCH_UPDATED_MESSAGES + 1);
    boolean more = messages.size() > Limits.SEARCH_UPDATED_MESSAGES;
    long end = more ? messages.getLast().revision() - 1 : taken.get().revision();
    for (Text message : messages) {
      if (message.revision() <= end) {
        put(sql, key, conversation, message, stale.indexed());
      }
    }
    for (Note note : SqlNotes.between(sql, conversation, stale.indexed(), end)) {
      put(sql, key, conversation, text(note), stale.indexed());
    }
    if (isGuestChanged(sql, conversation, stale.indexed())) {
      remove(sql, conversation, SqlSearch.Kind.GUEST, 0);
      Optional<SqlSearch.Names> names = SqlSearch.names(sql, conversation);
      if (names.isPresent()) {
        Text text =
            new Text(SqlSearch.Kind.GUEST, 0, names.get().text(), names.get().joined(), 0, 0);
        add(sql, key, conversation, text);
      }
    }
    if (more) {
      sql.update(
          "UPDATE conversation SET indexed_revision = ? WHERE sid = ?", end, conversation.text());
    }
    return true;
  }

  private record Taken(Sid.Account account, long revision) {}

  /** A text to index; empty if it was removed, or is not searched. */
  private record Text(
      SqlSearch.Kind kind, long number, String text, Instant at, long added, long revision) {}

  /** The greeting is the same in many conversations, so nobody searches for it. */
  private static Text message(ResultSet row) throws SQLException {
    boolean isGreeting =
        new Identity(Sql.text(row, "author")).equals(Conversations.Greeting.AUTHOR);
    return new Text(
        SqlSearch.Kind.MESSAGE,
        row.getLong("message_index"),
        isGreeting ? "" : SqlSearch.text(row), // that of a removed message is empty
        Sql.instant(row, "created_at"),
        row.getLong("added_revision"),
        row.getLong("revision"));
  }

  private static Text text(Note note) {
    return new Text(
        SqlSearch.Kind.NOTE,
        note.addedRevision().number(),
        note.body(),
        note.created(),
        note.addedRevision().number(),
        note.revision().number());
  }

  private static boolean isGuestChanged(Sql sql, Sid.Conversation conversation, long after)
      throws SQLException {
    return sql.first("""
            SELECT 1 AS found FROM participant
            WHERE conversation_sid = ? AND kind = 'guest' AND revision > ? LIMIT 1
            """, _ -> true, conversation.text(), after).isPresent();
  }

  private static void put(
      Sql sql, String key, Sid.Conversation conversation, Text text, long indexed)
      throws SQLException {
    if (text.added() <= indexed) {
      remove(sql, conversation, text.kind(), text.number());
    }
    add(sql, key, conversation, text);
  }

  private static void add(Sql sql, String key, Sid.Conversation conversation, Text text)
      throws SQLException {
    Set<String> terms = SearchText.terms(text.text());
    if (terms.isEmpty()) {
      return;
    }
    String all = key + String.join(" " + key, terms);
    // Its milliseconds or, if another text has these, some later ones.
    long start = conversation.hashCode() + text.number();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int added = sql.update(
          """
          INSERT INTO search_document (id, conversation_sid, kind, number, terms)
          VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
          """,
          text.at().toEpochMilli() + scattered(start + attempt, 1L << attempt),
          conversation.text(),
          text.kind().word(),
          text.number(),
          all);
      if (added == 1) {
        return;
      }
    }
    throw new IllegalStateException("the index has no key for a text"); // it is tried again later
  }

  /** A number below a bound, far from that of the number before. */
  private static long scattered(long number, long bound) {
    return Long.remainderUnsigned((number * 0x9E37_79B9_7F4A_7C15L) >>> 16, bound);
  }

  /** Removes a text from the index, in the transaction that changes or removes it. */
  static void remove(Sql sql, Sid.Conversation conversation, SqlSearch.Kind kind, long number)
      throws SQLException {
    sql.update(
        "DELETE FROM search_document WHERE conversation_sid = ? AND kind = ? AND number = ?",
        conversation.text(),
        kind.word(),
        number);
  }

  /**
   * Begins each term of an account, so that a search costs nothing for the texts of other accounts.
   * That none of them is found does not depend on it.
   */
  static String key(Sid.Account account) {
    return account.text().substring(2, 6);
  }
}
