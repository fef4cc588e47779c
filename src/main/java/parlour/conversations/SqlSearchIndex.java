package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Sql;

/**
 * Brings the index of the search up to date, after the changes and without delaying them. Each
 * conversation has the revision up to which it is in the index, so nothing is left out after a stop
 * or an outage, and several processes can do this at once.
 */
public final class SqlSearchIndex {
  /** Attempts to find a free key. Each chooses among twice as many keys as the one before. */
  private static final int ATTEMPTS = 30;

  private final Database database;
  private final LongSupplier nanos;
  private volatile boolean isStopped;

  /**
   * Conversations that could not be indexed, and when that is tried again; used by one thread. If
   * it is full, the first one is tried again earlier.
   */
  private final Map<Sid.Conversation, Long> failed = new LinkedHashMap<>();

  /**
   * @param database with {@link SqlConversationStore#SCHEMA}
   */
  public SqlSearchIndex(Database database) {
    this(database, System::nanoTime);
  }

  /**
   * @param nanos as {@link System#nanoTime()}
   */
  SqlSearchIndex(Database database, LongSupplier nanos) {
    this.database = database;
    this.nanos = nanos;
  }

  /** A conversation with changes that are not in the index. */
  record Stale(Sid.Conversation conversation, long indexed) {}

  /**
   * Takes all changes into the index, a few texts of one conversation in each transaction. It uses
   * half of the time at most, so that a large store, which is indexed for the first time, delays
   * guests little. A conversation that fails does not hold up the others.
   *
   * @throws RuntimeException if some conversations failed; they are tried again some minutes later
   */
  public void update() {
    while (!isStopped) {
      failed.values().removeIf(again -> nanos.getAsLong() - again >= 0);
      List<Stale> stale =
          database.readOne(sql -> stale(sql, Limits.SEARCH_UPDATED + failed.size())).stream()
              .filter(one -> !failed.containsKey(one.conversation()))
              .toList();
      if (stale.isEmpty()) {
        return;
      }
      updateEach(stale);
    }
  }

  /** Ends a running update soon; the next start goes on with it. */
  public void stop() {
    isStopped = true;
  }

  static List<Stale> stale(Sql sql, int limit) throws SQLException {
    return sql.list(
        """
        SELECT sid, indexed_revision FROM conversation WHERE revision > indexed_revision
        ORDER BY updated_at DESC LIMIT ?
        """,
        row ->
            new Stale(new Sid.Conversation(Sql.text(row, "sid")), row.getLong("indexed_revision")),
        limit);
  }

  private void updateEach(List<Stale> stale) {
    List<RuntimeException> failures = new ArrayList<>();
    for (Stale one : stale) {
      long begin = System.nanoTime();
      try {
        if (!isStopped) {
          update(one);
        }
      } catch (RuntimeException failure) {
        failures.add(failure);
        if (failed.size() >= Limits.SEARCH_FAILED) {
          failed.remove(failed.keySet().iterator().next());
        }
        failed.put(one.conversation(), nanos.getAsLong() + Limits.SEARCH_RETRY.toNanos());
      }
      LockSupport.parkNanos(System.nanoTime() - begin);
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }

  private void update(Stale stale) {
    Optional<Changed> changed = database.read(sql -> changed(sql, stale));
    if (changed.isEmpty()) {
      return; // another process has done it, or the conversation was erased
    }
    Batch batch = batch(changed.get()); // outside of any transaction, because it takes long
    int removed = database.write(sql -> write(sql, stale, batch));
    if (removed > 0) {
      database.scrubSoon();
    }
  }

  /**
   * The texts of a conversation that the index lacks, or the first of them.
   *
   * @param end the revision up to which these are all texts
   * @param texts in the order of their revisions
   */
  private record Changed(Sid.Account account, long end, List<Text> texts, Optional<Guest> guest) {}

  /** A changed name; without a text if there is no guest any more. */
  private record Guest(Optional<Text> text) {}

  private static Optional<Changed> changed(Sql sql, Stale stale) throws SQLException {
    Sid.Conversation conversation = stale.conversation();
    Optional<Changed> empty = sql.first(
        """
        SELECT account_sid, revision FROM conversation
        WHERE sid = ? AND indexed_revision = ? AND revision > indexed_revision
        """,
        row -> new Changed(
            new Sid.Account(Sql.text(row, "account_sid")),
            row.getLong("revision"),
            List.of(),
            Optional.empty()),
        conversation.text(),
        stale.indexed());
    if (empty.isEmpty()) {
      return empty;
    }
    List<Text> texts = new ArrayList<>(sql.list(
        """
        SELECT message_index, body, files, created_at, added_revision, revision, author
        FROM message WHERE conversation_sid = ? AND revision > ? ORDER BY revision LIMIT ?
        """,
        SqlSearchIndex::message,
        conversation.text(),
        stale.indexed(),
        Limits.SEARCH_UPDATED_MESSAGES + 1));
    boolean more = texts.size() > Limits.SEARCH_UPDATED_MESSAGES;
    long end = more ? texts.getLast().revision() - 1 : empty.get().end();
    texts.removeIf(text -> text.revision() > end);
    for (Note note : SqlNotes.between(sql, conversation, stale.indexed(), end)) {
      texts.add(text(note));
    }
    texts.sort(Comparator.comparingLong(Text::revision));
    Optional<Guest> guest = isGuestChanged(sql, conversation, stale.indexed())
        ? Optional.of(new Guest(SqlSearch.names(sql, conversation)
            .map(names -> new Text(SqlSearch.Kind.GUEST, 0, names.text(), names.joined(), 0, 0))))
        : Optional.empty();
    return Optional.of(new Changed(empty.get().account(), end, texts, guest));
  }

  /**
   * The rows that one transaction writes.
   *
   * @param end the revision up to which the index has all texts then
   */
  private record Batch(long end, List<Indexed> texts, Optional<Guest> guest, String name) {
    long count(SqlSearch.Kind kind) {
      return texts.stream().filter(one -> one.text().kind() == kind).count();
    }
  }

  /**
   * A text with its terms.
   *
   * @param terms empty if it has none
   */
  private record Indexed(Text text, String terms) {}

  /**
   * The first texts, with so many terms as a transaction may write; those of a revision together.
   */
  private static Batch batch(Changed changed) {
    String key = key(changed.account());
    List<Indexed> texts = new ArrayList<>();
    long end = changed.end();
    int count = 0;
    long last = 0;
    for (Text text : changed.texts()) {
      Set<String> terms = SearchText.terms(text.text());
      int size = Math.min(terms.size(), Limits.SEARCH_UPDATED_TERMS);
      if (count > 0 && count + size > Limits.SEARCH_UPDATED_TERMS && text.revision() > last) {
        end = last;
        break;
      }
      texts.add(new Indexed(text, joined(key, terms)));
      count += size;
      last = text.revision();
    }
    String name = changed
        .guest()
        .flatMap(Guest::text)
        .map(text -> joined(key, SearchText.terms(text.text())))
        .orElse("");
    return new Batch(end, texts, changed.guest(), name);
  }

  /**
   * The first terms of a text: SQLite takes a fifth of a millisecond to remove each from the disk.
   */
  private static String joined(String key, Set<String> terms) {
    return terms.stream()
        .limit(Limits.SEARCH_UPDATED_TERMS)
        .map(term -> key + term)
        .collect(Collectors.joining(" "));
  }

  /** Returns how many rows of the index it removed. */
  private static int write(Sql sql, Stale stale, Batch batch) throws SQLException {
    Sid.Conversation conversation = stale.conversation();
    // Locks the conversation, as each of its changes does, so that its texts stay as they are.
    int locked = sql.update("""
        UPDATE conversation SET indexed_revision = ? WHERE sid = ? AND indexed_revision = ?
        """, batch.end(), conversation.text(), stale.indexed());
    if (locked == 0) {
      return 0;
    }
    if (isChanged(sql, stale, batch)) {
      sql.update(
          "UPDATE conversation SET indexed_revision = ? WHERE sid = ?",
          stale.indexed(),
          conversation.text());
      return 0; // the next round reads it again
    }
    int removed = 0;
    for (Indexed one : batch.texts()) {
      // At 0 it has no texts yet, or those that an unfinished erasure left.
      if (one.text().added() <= stale.indexed() || stale.indexed() == 0) {
        removed += remove(sql, conversation, one.text().kind(), one.text().number());
      }
      add(sql, conversation, one.text(), one.terms());
    }
    if (batch.guest().isPresent()) {
      removed += remove(sql, conversation, SqlSearch.Kind.GUEST, 0);
      Optional<Text> name = batch.guest().get().text();
      if (name.isPresent()) {
        add(sql, conversation, name.get(), batch.name());
      }
    }
    return removed;
  }

  /** Whether a text was edited or removed since it was read: then it has a later revision. */
  private static boolean isChanged(Sql sql, Stale stale, Batch batch) throws SQLException {
    for (SqlSearch.Kind kind : List.of(SqlSearch.Kind.MESSAGE, SqlSearch.Kind.NOTE)) {
      long now = sql.first(
              "SELECT count(*) AS found FROM " + kind.word()
                  + " WHERE conversation_sid = ? AND revision > ? AND revision <= ?",
              row -> row.getLong("found"),
              stale.conversation().text(),
              stale.indexed(),
              batch.end())
          .orElseThrow();
      if (now != batch.count(kind)) {
        return true;
      }
    }
    return false;
  }

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

  private static void add(Sql sql, Sid.Conversation conversation, Text text, String terms)
      throws SQLException {
    if (terms.isEmpty()) {
      return;
    }
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
          terms);
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
  static int remove(Sql sql, Sid.Conversation conversation, SqlSearch.Kind kind, long number)
      throws SQLException {
    return sql.update(
        "DELETE FROM search_document WHERE conversation_sid = ? AND kind = ? AND number = ?",
        conversation.text(),
        kind.word(),
        number);
  }

  /**
   * Removes a quiet conversation from the index before it is erased, a few texts in each
   * transaction and in half of the time: in one, this could take minutes.
   *
   * @return whether there was something to remove
   */
  static boolean removeAll(
      Database database, Sid.Account account, Sid.Conversation conversation, Instant since) {
    for (boolean isFirst = true; ; isFirst = false) {
      long begin = System.nanoTime();
      List<Row> rows = database.readOne(sql -> rows(sql, account, conversation, since));
      if (rows.isEmpty()) {
        return !isFirst;
      }
      database.writeScrubbed(sql -> remove(sql, conversation, rows));
      LockSupport.parkNanos(System.nanoTime() - begin);
    }
  }

  /** Has a conversation indexed again from its beginning. */
  static void again(Database database, Sid.Conversation conversation) {
    database.write(sql -> sql.update(
        "UPDATE conversation SET indexed_revision = 0 WHERE sid = ?", conversation.text()));
  }

  private record Row(long id, int terms) {}

  private static List<Row> rows(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Instant since)
      throws SQLException {
    return sql.list(
        """
        SELECT id, length(terms) - length(replace(terms, ' ', '')) + 1 AS terms
        FROM search_document WHERE conversation_sid =
          (SELECT sid FROM conversation WHERE sid = ? AND account_sid = ? AND updated_at < ?)
        LIMIT ?
        """,
        row -> new Row(row.getLong("id"), row.getInt("terms")),
        conversation.text(),
        account.text(),
        since,
        Limits.SEARCH_UPDATED_MESSAGES);
  }

  private static int remove(Sql sql, Sid.Conversation conversation, List<Row> rows)
      throws SQLException {
    int removed = 0;
    int terms = 0;
    for (Row row : rows) {
      terms += row.terms();
      if (removed > 0 && terms > Limits.SEARCH_UPDATED_TERMS) {
        break;
      }
      sql.update(
          "DELETE FROM search_document WHERE id = ? AND conversation_sid = ?",
          row.id(),
          conversation.text());
      removed++;
    }
    return removed;
  }

  /**
   * Begins each term of an account, so that a search costs nothing for the texts of other accounts.
   * That none of them is found does not depend on it.
   */
  static String key(Sid.Account account) {
    return account.text().substring(2, 6);
  }
}
