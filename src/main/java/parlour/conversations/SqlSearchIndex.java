package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.search.SearchText;
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

  /**
   * The places of new messages are found as {@link SqlChanges} does it. If only messages were added since, the first
   * place is the right one, and is not searched for.
   */
  private static final String CHANGED = """
      WITH RECURSIVE chosen AS (
        SELECT sid, account_sid, indexed_revision, revision, next_index
        FROM conversation WHERE sid IN %s AND revision > indexed_revision),
      halves (sid, indexed_revision, place, step) AS (
        SELECT sid, indexed_revision,
          CASE WHEN next_index > revision - indexed_revision
            THEN next_index - (revision - indexed_revision) ELSE 0 END,
          CASE WHEN revision - indexed_revision > ? AND COALESCE(
              (SELECT added_revision FROM message
                WHERE conversation_sid = chosen.sid
                  AND message_index = next_index - (chosen.revision - indexed_revision)), 0)
              <= indexed_revision
            THEN next_index ELSE 0 END
        FROM chosen
        UNION ALL
        SELECT sid, indexed_revision,
          CASE WHEN (SELECT added_revision FROM message
              WHERE conversation_sid = halves.sid AND message_index = place + step - 1)
              <= indexed_revision
            THEN place + step ELSE place END,
          CASE step WHEN 1 THEN 0 ELSE (step + 1) / 2 END
        FROM halves WHERE step > 0),
      new_ones AS (
        SELECT sid, indexed_revision, MAX(place) AS first_index FROM halves
        GROUP BY sid, indexed_revision)
      SELECT 'message' AS kind, conversation_sid, message_index AS number, body, files, author,
        created_at, added_revision, message.revision AS revision
      FROM new_ones JOIN message ON conversation_sid = new_ones.sid
        AND message_index >= first_index AND message_index < first_index + ?
        AND added_revision > indexed_revision AND added_revision <= indexed_revision + ?
        AND message.revision = added_revision
      UNION ALL
      SELECT 'message', conversation_sid, message_index, body, files, author, created_at,
        added_revision, message.revision
      FROM chosen JOIN message ON conversation_sid = chosen.sid
        AND message.revision > added_revision
        AND message.revision > indexed_revision AND message.revision <= indexed_revision + ?
      UNION ALL
      SELECT 'note', conversation_sid, added_revision, body, NULL, author, created_at,
        added_revision, note.revision
      FROM chosen JOIN note ON conversation_sid = chosen.sid
        AND note.revision > indexed_revision AND note.revision <= indexed_revision + ?
      UNION ALL
      SELECT 'guest', conversation_sid, 0, friendly_name, NULL, identity, joined_at, 0,
        participant.revision
      FROM chosen JOIN participant ON conversation_sid = chosen.sid AND kind = 'guest'
      UNION ALL
      SELECT 'conversation', sid, indexed_revision, account_sid, NULL, '', 0, 0, revision FROM chosen
      """.formatted(Sql.places(Limits.SEARCH_UPDATED));

  private final Database database;
  private final LongSupplier nanos;
  private final RandomGenerator random;
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
    this(database, System::nanoTime, RandomGenerator.getDefault());
  }

  /**
   * @param nanos as {@link System#nanoTime()}
   */
  SqlSearchIndex(Database database, LongSupplier nanos, RandomGenerator random) {
    this.database = database;
    this.nanos = nanos;
    this.random = random;
  }

  /**
   * Takes all changes into the index, a few texts of a few conversations in each transaction. It uses
   * half of the time at most, so that a large store, which is indexed for the first time, delays
   * guests little. A conversation that fails does not hold up the others.
   *
   * @throws RuntimeException if the store failed, or some conversations, which are tried again some minutes
   *     later
   */
  public void update() {
    while (!isStopped) {
      failed.values().removeIf(again -> nanos.getAsLong() - again >= 0);
      List<Sid.Conversation> stale =
          database.readOne(sql -> stale(sql, Limits.SEARCH_CHOSEN_FROM + failed.size()));
      stale.removeIf(failed::containsKey);
      if (stale.isEmpty()) {
        return;
      }
      chosen(stale).forEach(this::updateAll);
    }
  }

  /**
   * The conversations of the next transactions: first the newest ones, which agents search for first, and the rest at
   * random, so that processes differ.
   */
  private List<List<Sid.Conversation>> chosen(List<Sid.Conversation> stale) {
    if (stale.size() > Limits.SEARCH_UPDATED) {
      Collections.shuffle(stale.subList(Limits.SEARCH_UPDATED_NEWEST, stale.size()), random);
    }
    List<List<Sid.Conversation>> chosen = new ArrayList<>();
    for (int from = 0;
        from < stale.size() && chosen.size() < Limits.SEARCH_CHOSEN;
        from += Limits.SEARCH_UPDATED) {
      chosen.add(stale.subList(from, Math.min(stale.size(), from + Limits.SEARCH_UPDATED)));
    }
    return chosen;
  }

  /** Ends a running update soon; the next start goes on with it. */
  public void stop() {
    isStopped = true;
  }

  /** The conversations with changes that are not in the index, those of the latest changes. */
  static List<Sid.Conversation> stale(Sql sql, int limit) throws SQLException {
    return sql.list("""
        SELECT sid FROM conversation WHERE revision > indexed_revision
        ORDER BY updated_at DESC LIMIT ?
        """, row -> new Sid.Conversation(Sql.text(row, "sid")), limit);
  }

  private void updateAll(List<Sid.Conversation> some) {
    List<RuntimeException> failures = new ArrayList<>();
    if (!isUpdated(some, failures) && some.size() > 1) {
      failures.clear(); // one of them failed: alone, the others do not
      some.forEach(one -> isUpdated(List.of(one), failures));
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }

  /**
   * Takes changes of some conversations into the index; false if that failed, and the store works.
   *
   * @throws Unavailable if the store does not work, which is not the fault of a conversation
   */
  private boolean isUpdated(List<Sid.Conversation> some, List<RuntimeException> failures) {
    if (isStopped) {
      return true;
    }
    long begin = System.nanoTime();
    try {
      update(some);
      return true;
    } catch (RuntimeException failure) {
      if (failure instanceof Unavailable) { // of all, or of a conversation that takes too long
        checkStore();
      }
      failures.add(failure);
      if (some.size() == 1) {
        retryLater(some.getFirst());
      }
      return false;
    } finally {
      LockSupport.parkNanos(System.nanoTime() - begin);
    }
  }

  /** Makes a change without rows. */
  private void checkStore() {
    database.write(
        sql -> sql.update("UPDATE conversation SET indexed_revision = 0 WHERE sid = ''"));
  }

  private void retryLater(Sid.Conversation conversation) {
    if (failed.size() >= Limits.SEARCH_FAILED) {
      failed.remove(failed.keySet().iterator().next());
    }
    failed.put(conversation, nanos.getAsLong() + Limits.SEARCH_RETRY.toNanos());
  }

  private void update(List<Sid.Conversation> some) {
    Share share = Share.of(some.size());
    List<Row> rows = database.readOne(sql -> changed(sql, some, share));
    // The terms are made outside of any transaction, because that takes long.
    // No rows: another process was faster, or the conversations were erased.
    for (List<Batch> together : transactions(rows, share)) {
      int removed = database.write(sql -> write(sql, together));
      if (removed > 0) {
        database.scrubSoon();
      }
    }
  }

  /**
   * The part of a transaction that each of its conversations can use, so that one with many or long texts
   * does not delay the others.
   *
   * @param revisions that are read of a conversation, each with a message at most
   * @param terms that are written of it together with others
   */
  record Share(int revisions, int terms) {
    static Share of(int conversations) {
      return new Share(
          Limits.SEARCH_UPDATED_MESSAGES / conversations,
          Limits.SEARCH_UPDATED_TERMS / conversations);
    }
  }

  /**
   * A text that the index lacks, a guest of its conversation, or the conversation itself.
   *
   * @param number of a conversation: the revision up to which it is in the index
   * @param body of a guest: their name; of a conversation: its account
   */
  record Row(
      String kind,
      Sid.Conversation conversation,
      long number,
      String body,
      @Nullable String files,
      String author,
      Instant at,
      long added,
      long revision) {}

  /** Reads the first changes of some conversations that the index lacks, as they are at one moment. */
  static List<Row> changed(Sql sql, List<Sid.Conversation> some, Share share) throws SQLException {
    @Nullable Object[] arguments = new Object[Limits.SEARCH_UPDATED + 5]; // the rest stays null
    for (int i = 0; i < some.size(); i++) {
      arguments[i] = some.get(i).text();
    }
    Arrays.fill(arguments, Limits.SEARCH_UPDATED, arguments.length, share.revisions());
    return sql.list(CHANGED, SqlSearchIndex::row, arguments);
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        Sql.text(row, "kind"),
        new Sid.Conversation(Sql.text(row, "conversation_sid")),
        row.getLong("number"),
        Sql.text(row, "body"),
        Sql.textOrNull(row, "files"),
        Sql.text(row, "author"),
        Sql.instant(row, "created_at"),
        row.getLong("added_revision"),
        row.getLong("revision"));
  }

  /**
   * The texts of a conversation that a transaction adds to the index.
   *
   * @param revision that of the conversation
   * @param end the revision up to which the index has all texts then
   */
  private record Batch(
      Sid.Conversation conversation, long indexed, long revision, long end, List<Indexed> texts) {}

  /**
   * A text with its terms.
   *
   * @param size how many terms it has
   * @param terms empty if it has none
   */
  private record Indexed(Sid.Conversation conversation, Text text, int size, String terms) {}

  /**
   * The first texts of each conversation, by transactions: as many as its share holds, in one for all, and a text
   * with more terms in one of its own. In the order of the conversations, as other processes lock them.
   */
  private static List<List<Batch>> transactions(List<Row> rows, Share share) {
    Map<String, List<Row>> byConversation = rows.stream()
        .collect(Collectors.groupingBy(
            row -> row.conversation().text(), TreeMap::new, Collectors.toList()));
    List<Batch> shared = new ArrayList<>();
    List<List<Batch>> transactions = new ArrayList<>();
    for (List<Row> ofOne : byConversation.values()) {
      Batch batch = batch(ofOne, share);
      if (batch.texts().stream().mapToInt(Indexed::size).sum() > share.terms()) {
        transactions.add(List.of(batch));
      } else {
        shared.add(batch);
      }
    }
    if (!shared.isEmpty()) {
      transactions.addFirst(shared);
    }
    return transactions;
  }

  /** The first texts of a conversation, at least those of one revision: all of a revision together. */
  private static Batch batch(List<Row> rows, Share share) {
    Row conversation = rows.stream()
        .filter(row -> row.kind().equals("conversation"))
        .findFirst()
        .orElseThrow();
    long indexed = conversation.number();
    long end = Math.min(conversation.revision(), indexed + share.revisions());
    String key = key(new Sid.Account(conversation.body()));
    List<Indexed> texts = new ArrayList<>();
    int count = 0;
    long last = indexed;
    for (Text text : texts(rows, indexed, end)) {
      Set<String> terms = SearchText.terms(text.text());
      int size = Math.min(terms.size(), Limits.SEARCH_UPDATED_TERMS);
      if (count + size > share.terms() && text.revision() > last && last > indexed) {
        end = last;
        break;
      }
      texts.add(new Indexed(conversation.conversation(), text, size, joined(key, terms)));
      count += size;
      last = text.revision();
    }
    return new Batch(conversation.conversation(), indexed, conversation.revision(), end, texts);
  }

  /** The texts up to a revision, in the order of their revisions. */
  private static List<Text> texts(List<Row> rows, long indexed, long end) {
    List<Text> texts = new ArrayList<>();
    List<Row> guests = new ArrayList<>();
    for (Row row : rows) {
      switch (row.kind()) {
        case "message" -> texts.add(message(row));
        case "note" -> texts.add(note(row));
        case "guest" -> guests.add(row);
        default -> {} // the conversation
      }
    }
    name(guests).ifPresent(texts::add);
    texts.removeIf(text -> text.revision() <= indexed || text.revision() > end);
    texts.sort(Comparator.comparingLong(Text::revision));
    return texts;
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
  private static int write(Sql sql, List<Batch> batches) throws SQLException {
    List<@Nullable Object[]> ends = new ArrayList<>();
    for (Batch one : batches) {
      ends.add(new Object[] {one.end(), one.conversation().text(), one.indexed(), one.revision()});
    }
    // Locks the conversations, as each of their changes does. Every change takes a revision: after
    // one, the texts may be others than those that were read, and the next round reads them again.
    int[] locked = sql.updateEach("""
        UPDATE conversation SET indexed_revision = ?
        WHERE sid = ? AND indexed_revision = ? AND revision = ?
        """, ends);
    List<Indexed> added = new ArrayList<>();
    List<@Nullable Object[]> replaced = new ArrayList<>();
    for (int i = 0; i < locked.length; i++) {
      if (locked[i] == 1) {
        Batch batch = batches.get(i);
        for (Indexed one : batch.texts()) {
          // At 0 it has no texts yet, or those that an unfinished erasure left.
          if (one.text().added() <= batch.indexed() || batch.indexed() == 0) {
            replaced.add(place(one.conversation(), one.text().kind(), one.text().number()));
          }
          if (!one.terms().isEmpty()) {
            added.add(one);
          }
        }
      }
    }
    int removed = Arrays.stream(sql.updateEach(REMOVE, replaced)).sum();
    add(sql, added);
    return removed;
  }

  /** A text to index; empty if it was removed, or is not searched. */
  private record Text(
      SqlSearch.Kind kind, long number, String text, Instant at, long added, long revision) {}

  /** The greeting is the same in many conversations, so nobody searches for it. */
  private static Text message(Row row) {
    boolean isGreeting = new Identity(row.author()).equals(Conversations.Greeting.AUTHOR);
    return new Text(
        SqlSearch.Kind.MESSAGE,
        row.number(),
        isGreeting ? "" : SqlSearch.text(row.body(), row.files()), // that of a removed one is empty
        row.at(),
        row.added(),
        row.revision());
  }

  private static Text note(Row row) {
    return new Text(
        SqlSearch.Kind.NOTE, row.number(), row.body(), row.at(), row.added(), row.revision());
  }

  /** The names of the guests, who are seldom more than one, as of the latest change of one. */
  private static Optional<Text> name(List<Row> guests) {
    if (guests.isEmpty()) {
      return Optional.empty();
    }
    guests.sort(Comparator.comparing(Row::at));
    return Optional.of(new Text(
        SqlSearch.Kind.GUEST,
        0,
        guests.stream().map(Row::body).collect(Collectors.joining("\n")),
        guests.getFirst().at(),
        0,
        guests.stream().mapToLong(Row::revision).max().orElseThrow()));
  }

  /**
   * Adds texts in the order of their keys: before a text with a smaller key than the last one, SQLite writes the terms
   * of those before to the disk. A key is the milliseconds of its text or, if another text has these, some later ones.
   */
  private static void add(Sql sql, List<Indexed> texts) throws SQLException {
    List<Indexed> left = texts;
    for (int number = 0; number < ATTEMPTS && !left.isEmpty(); number++) {
      int attempt = number;
      List<Indexed> tried = left.stream()
          .sorted(Comparator.comparingLong(one -> key(one, attempt)))
          .toList();
      List<@Nullable Object[]> rows = new ArrayList<>();
      for (Indexed one : tried) {
        rows.add(new Object[] {
          key(one, attempt),
          one.conversation().text(),
          one.text().kind().word(),
          one.text().number(),
          one.terms()
        });
      }
      int[] added = sql.addEach(
          "search_document", List.of("id", "conversation_sid", "kind", "number", "terms"), rows);
      left = IntStream.range(0, added.length)
          .filter(i -> added[i] == 0)
          .mapToObj(tried::get)
          .toList();
    }
    if (!left.isEmpty()) {
      throw new IllegalStateException("the index has no key for a text"); // it is tried again later
    }
  }

  private static long key(Indexed one, int attempt) {
    long start = one.conversation().hashCode() + one.text().number();
    return one.text().at().toEpochMilli() + scattered(start + attempt, 1L << attempt);
  }

  /** A number below a bound, far from that of the number before. */
  private static long scattered(long number, long bound) {
    return Long.remainderUnsigned((number * 0x9E37_79B9_7F4A_7C15L) >>> 16, bound);
  }

  private static final String REMOVE =
      "DELETE FROM search_document WHERE conversation_sid = ? AND kind = ? AND number = ?";

  private static Object[] place(Sid.Conversation conversation, SqlSearch.Kind kind, long number) {
    return new Object[] {conversation.text(), kind.word(), number};
  }

  /** Removes a text from the index, in the transaction that changes or removes it. */
  static int remove(Sql sql, Sid.Conversation conversation, SqlSearch.Kind kind, long number)
      throws SQLException {
    return sql.update(REMOVE, place(conversation, kind, number));
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
      List<Entry> rows = database.readOne(sql -> rows(sql, account, conversation, since));
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

  private record Entry(long id, int terms) {}

  private static List<Entry> rows(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Instant since)
      throws SQLException {
    return sql.list(
        """
        SELECT id, length(terms) - length(replace(terms, ' ', '')) + 1 AS terms
        FROM search_document WHERE conversation_sid =
          (SELECT sid FROM conversation WHERE sid = ? AND account_sid = ? AND updated_at < ?)
        LIMIT ?
        """,
        row -> new Entry(row.getLong("id"), row.getInt("terms")),
        conversation.text(),
        account.text(),
        since,
        Limits.SEARCH_UPDATED_MESSAGES);
  }

  private static int remove(Sql sql, Sid.Conversation conversation, List<Entry> rows)
      throws SQLException {
    int removed = 0;
    int terms = 0;
    for (Entry row : rows) {
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
