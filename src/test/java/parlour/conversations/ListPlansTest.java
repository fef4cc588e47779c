package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.QueryPlans;
import parlour.store.Sql;
import parlour.store.Sqlite;

/** A list or a page costs the same in an account with few conversations and in one with many. */
@Timeout(240)
class ListPlansTest {
  private static final int CONVERSATIONS = 2_000;
  private static final int LIMIT = 10;
  private static final Sid.Account ACCOUNT = new Sid.Account("AC" + "0".repeat(32));
  private static final Sid.Conversation ONE = new Sid.Conversation("CH" + "0".repeat(28) + "1000");

  private static final Map<String, Database.Work<?>> READS = new TreeMap<>(Map.of(
      "open", inbox(new InboxList.InState(Conversation.State.ACTIVE)),
      "closed", inbox(new InboxList.InState(Conversation.State.CLOSED)),
      "assigned", inbox(new InboxList.AssignedTo(new Identity("agent_1"))),
      "unassigned", inbox(new InboxList.Unassigned()),
      "oldest", inbox(new InboxList.Waiting(InboxList.Order.OLDEST)),
      "newest", inbox(new InboxList.Waiting(InboxList.Order.NEWEST)),
      "labelled", inbox(new InboxList.Labelled("late")),
      "of an account",
          sql -> SqlOverviews.list(sql, ACCOUNT, Optional.empty(), Optional.empty(), LIMIT),
      "others of the guest", sql -> SqlOverviews.othersOf(sql, ACCOUNT, ONE, LIMIT),
      "history", sql -> SqlMessages.page(sql, ONE, PageOfMessages.newest(LIMIT))));

  static {
    READS.put(
        "of a guest",
        sql ->
            SqlOverviews.ofGuest(sql, ACCOUNT, new Identity("guest_5"), Optional.empty(), LIMIT));
    READS.put(
        "of a removed agent",
        sql -> new Page<>(
            SqlParticipants.joinedBy(sql, ACCOUNT, new Identity("agent_5"), LIMIT), false));
  }

  /** Of an agent who sees one conversation in ten. */
  private static final Sight SIGHT = new Sight(
      List.of(new Sid.Address("IG" + "0".repeat(32))),
      List.of(
          new Sid.Address("IG" + "0".repeat(31) + "1"),
          new Sid.Address("IG" + "0".repeat(31) + "2")));

  static {
    Map.of(
            "open", new InboxList.InState(Conversation.State.ACTIVE),
            "closed", new InboxList.InState(Conversation.State.CLOSED),
            "unassigned", new InboxList.Unassigned(),
            "oldest", new InboxList.Waiting(InboxList.Order.OLDEST),
            "newest", new InboxList.Waiting(InboxList.Order.NEWEST))
        .forEach((name, list) -> READS.put(
            name + " of some desks",
            sql -> SqlOverviews.inbox(sql, ACCOUNT, SIGHT, list, Optional.empty(), LIMIT)));
  }

  static {
    Optional<Conversation.State> open = Optional.of(Conversation.State.ACTIVE);
    Optional<Conversation.State> closed = Optional.of(Conversation.State.CLOSED);
    Optional<InboxList.Worker> agent =
        Optional.of(new InboxList.Worker(Optional.of(new Identity("agent_1"))));
    Optional<InboxList.Worker> nobody = Optional.of(new InboxList.Worker(Optional.empty()));
    Optional<Sid.Address> desk = Optional.of(SIGHT.others().getFirst());
    Optional<String> label = Optional.of("late");
    Map.of(
            "nothing",
                filtered(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()),
            "closed ones of an agent", filtered(closed, agent, Optional.empty(), Optional.empty()),
            "closed ones of nobody", filtered(closed, nobody, Optional.empty(), Optional.empty()),
            "open ones of a desk", filtered(open, Optional.empty(), Optional.empty(), desk),
            "those of a desk", filtered(Optional.empty(), Optional.empty(), Optional.empty(), desk),
            "open ones of nobody in a desk", filtered(open, nobody, Optional.empty(), desk),
            "open ones with a label", filtered(open, Optional.empty(), label, Optional.empty()),
            "those of an agent with a label",
                filtered(Optional.empty(), agent, label, Optional.empty()),
            "open ones of an agent", filtered(open, agent, Optional.empty(), Optional.empty()))
        .forEach((name, list) -> READS.put("filter: " + name, inbox(list)));
  }

  private static InboxList filtered(
      Optional<Conversation.State> state,
      Optional<InboxList.Worker> worker,
      Optional<String> label,
      Optional<Sid.Address> desk) {
    return new InboxList.Filtered(state, worker, label, desk);
  }

  @TempDir
  Path folder;

  private static Database.Work<?> inbox(InboxList list) {
    return sql -> SqlOverviews.inbox(sql, ACCOUNT, Sight.ALL, list, Optional.empty(), LIMIT);
  }

  @Test
  void sqlite_finds_every_row_by_an_index() throws SQLException {
    Path file = folder.resolve("conversations.db");
    try (Database database = Sqlite.open(file, SqlConversationStore.SCHEMA)) {
      fill(database, 100);
      for (Map.Entry<String, Database.Work<?>> read : READS.entrySet()) {
        assertThat(QueryPlans.of(file, read.getValue()))
            .as(read.getKey())
            .isNotEmpty()
            .noneMatch(step -> step.startsWith("SCAN ") && !isOfFewRows(step))
            // which is the whole account
            .noneMatch(step -> step.endsWith("INDEX conversation_by_account (account_sid=?)"));
      }
    }
  }

  @Test
  void sqlite_counts_the_unread_messages_of_a_list_by_indexes() throws SQLException {
    Path file = folder.resolve("conversations.db");
    try (Database database = Sqlite.open(file, SqlConversationStore.SCHEMA)) {
      fill(database, 100);
      for (Sight sight : List.of(Sight.ALL, SIGHT)) {
        assertThat(QueryPlans.of(file, unreadOfNobody(sight)))
            .isNotEmpty()
            .noneMatch(step -> step.startsWith("SCAN ") && !isOfFewRows(step));
      }
    }
  }

  @Test
  void postgresql_counts_the_unread_messages_of_a_list_in_few_rows() {
    PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);
    try (Database database = Postgres.open(server, SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      for (Sight sight : List.of(Sight.ALL, SIGHT)) {
        assertThat(rows(database, unreadOfNobody(sight))).isBetween(1L, LIMIT * 20L);
      }
    }
  }

  private static Database.Work<?> unreadOfNobody(Sight sight) {
    return sql -> SqlOverviews.unread(sql, ACCOUNT, sight, new InboxList.Unassigned(), LIMIT);
  }

  /** Reads what a query with a limit has found. */
  private static boolean isOfFewRows(String step) {
    return step.matches("SCAN (counted|page|desk_\\d+)");
  }

  @Test
  void sqlite_finds_quiet_conversations_by_the_index_of_their_deployment_or_address()
      throws SQLException {
    Path file = folder.resolve("conversations.db");
    Instant now = Instant.ofEpochMilli(CONVERSATIONS);
    try (Database database = Sqlite.open(file, SqlConversationStore.SCHEMA)) {
      fill(database, 100);
      assertThat(QueryPlans.of(
              file,
              sql -> SqlErasing.quiet(
                  sql, ACCOUNT, new Sid.Address("IG" + "0".repeat(32)), now, LIMIT)))
          .singleElement()
          .asString()
          .contains("conversation_by_address (address_sid=? AND created_at<?)");
      assertThat(QueryPlans.of(
              file,
              sql -> SqlErasing.quiet(
                  sql, ACCOUNT, new Sid.Deployment("CV" + "0".repeat(32)), now, LIMIT)))
          .singleElement()
          .asString()
          .contains("conversation_by_deployment (deployment_key=? AND created_at<?)");
    }
  }

  @Test
  void postgresql_reads_few_rows_of_many() {
    PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);
    try (Database database = Postgres.open(server, SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      READS.forEach((name, read) -> {
        assertThat(rows(database, read)).as(name).isBetween(1L, LIMIT * 20L);
      });
    }
  }

  @Test
  void postgresql_reads_a_bounded_part_of_an_account_for_a_combination_that_nothing_meets() {
    Optional<InboxList.Worker> somebody =
        Optional.of(new InboxList.Worker(Optional.of(new Identity("agent_2"))));
    Optional<Sid.Address> desk = Optional.of(SIGHT.others().getFirst());
    Optional<String> label = Optional.of("early");
    PostgresServer server = Postgres.fresh();
    try (Database database = Postgres.open(server, SqlConversationStore.SCHEMA)) {
      fill(database, 3 * Limits.LIST_EXAMINED);
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      Map.of(
              "agent", filtered(Optional.empty(), somebody, Optional.empty(), Optional.empty()),
              "label and agent", filtered(Optional.empty(), somebody, label, Optional.empty()),
              "agent and desk", filtered(Optional.empty(), somebody, Optional.empty(), desk))
          .forEach((name, list) -> assertThat(rows(database, inbox(list)))
              .as(name)
              // of a label: its row and the conversation's, also of those with the time of the last
              .isBetween(1L, 2L * (Limits.LIST_EXAMINED + 2 * LIMIT)));
    }
  }

  @Test
  void sqlite_counts_unread_messages_by_their_index_and_not_by_their_revision()
      throws SQLException {
    Path file = folder.resolve("conversations.db");
    try (Database database = Sqlite.open(file, SqlConversationStore.SCHEMA)) {
      fill(database, 100);
      assertThat(QueryPlans.of(file, unread(1)))
          .filteredOn(step -> step.startsWith("SEARCH ") || step.startsWith("SCAN message"))
          .singleElement()
          .asString()
          .endsWith("(conversation_sid=? AND message_index>? AND message_index<?)");
    }
  }

  @Test
  void postgresql_counts_unread_messages_without_reading_the_conversation() {
    int messages = 2 * Limits.UNREAD_COUNTED;
    PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);
    try (Database database = Postgres.open(server, SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      addMessages(database, messages);
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
        assertThat(rows(database, planned(mode, withoutWholeTables(unread(messages - LIMIT)))))
            .as(mode)
            .isBetween(1L, LIMIT * 20L);
        assertThat(rows(database, planned(mode, withoutWholeTables(unread(0)))))
            .as("%s, from the first message", mode)
            .isBetween((long) Limits.UNREAD_COUNTED, Limits.UNREAD_COUNTED + LIMIT * 20L);
      }
    }
  }

  @Test
  void sqlite_finds_new_messages_by_their_place_and_changed_ones_by_their_revision()
      throws SQLException {
    Path file = folder.resolve("conversations.db");
    try (Database database = Sqlite.open(file, SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      editFirstMessage(database);
      assertThat(QueryPlans.of(file, changesAfter(1)))
          .filteredOn(step -> step.contains(" message "))
          .containsExactly(
              "SEARCH message USING INDEX sqlite_autoindex_message_2 (conversation_sid=? AND message_index=?)",
              "SEARCH message USING INDEX message_changed (conversation_sid=? AND revision>?)",
              "SEARCH message USING INDEX sqlite_autoindex_message_2 (conversation_sid=? AND message_index>?)",
              "SEARCH message USING INDEX message_changed (conversation_sid=? AND revision>?)");
    }
  }

  @Test
  void postgresql_finds_new_and_changed_messages_without_reading_the_conversation() {
    int messages = 3_000;
    PostgresServer server = Postgres.fresh();
    try (Database database = Postgres.open(server, SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      addMessages(database, messages);
      editFirstMessage(database);
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
        assertThat(rows(database, planned(mode, withoutWholeTables(changesAfter(messages - 5)))))
            .as(mode)
            .isBetween(7L, LIMIT * 20L);
      }
    }
  }

  @Test
  void postgresql_reads_few_rows_after_many_changes_of_other_kinds() {
    int messages = 3_000;
    PostgresServer server = Postgres.fresh();
    try (Database database = Postgres.open(server, SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      addMessages(database, messages);
      onlyMessages(database);
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      assertThat(rows(database, withoutWholeTables(indexedFrom(database, messages - 200L))))
          .as("200 messages for the search, of which it takes ten")
          .isBetween(11L, 20L);
      readMarks(database, messages);
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      long last = messages + 3L; // the revision of the last message
      for (String mode : List.of("force_custom_plan", "force_generic_plan")) {
        assertThat(rows(database, planned(mode, withoutWholeTables(changesAfter(last)))))
            .as("%s, no message", mode)
            .isBetween(1L, 10L);
        assertThat(rows(database, planned(mode, withoutWholeTables(changesAfter(last - 5)))))
            .as("%s, five messages", mode)
            .isBetween(6L, 40L);
        assertThat(rows(database, planned(mode, withoutWholeTables(indexedFrom(database, last)))))
            .as("%s, no message for the search", mode)
            .isBetween(1L, 40L);
        assertThat(rows(database, planned(mode, withoutWholeTables(indexedFrom(database, 1)))))
            .as("%s, the first messages for the search", mode)
            .isBetween(1L, 60L);
      }
    }
  }

  /** Makes a conversation have no other change than its messages. */
  private static void onlyMessages(Database database) {
    var _ = database.write(sql -> sql.update("""
        UPDATE conversation SET next_index =
            (SELECT count(*) FROM message WHERE conversation_sid = conversation.sid),
          revision =
            (SELECT max(revision) FROM message WHERE conversation_sid = conversation.sid)
        WHERE sid = ?
        """, ONE.text()));
  }

  /** Makes a conversation have two revisions for each of its messages, the later half of other changes. */
  private static void readMarks(Database database, int messages) {
    var _ = database.write(sql -> sql.update("""
        UPDATE conversation SET next_index =
            (SELECT count(*) FROM message WHERE conversation_sid = conversation.sid),
          revision = 3 + 2 * ? WHERE sid = ?
        """, messages, ONE.text()));
  }

  /** The read for an index of the search that has everything up to a revision. */
  private static Database.Work<?> indexedFrom(Database database, long revision) {
    var _ = database.write(sql -> sql.update(
        "UPDATE conversation SET indexed_revision = ? WHERE sid = ?", revision, ONE.text()));
    return sql -> SqlSearchIndex.changed(sql, List.of(ONE), new SqlSearchIndex.Share(10, 100));
  }

  /** The read of a follower who knows everything up to a revision. */
  private static Database.Work<?> changesAfter(long revision) {
    return sql ->
        SqlChanges.of(sql, ACCOUNT, ONE, new Revision(revision), Limits.FOLLOW_BATCH, Amount.LARGE);
  }

  /** Changes the first message of a conversation, as its latest change. */
  private static void editFirstMessage(Database database) {
    var _ = database.write(sql -> {
      sql.update("""
          UPDATE conversation SET next_index =
            (SELECT count(*) FROM message WHERE conversation_sid = conversation.sid)
          WHERE sid = ?
          """, ONE.text());
      sql.update("""
          UPDATE conversation SET revision = next_index + 2 WHERE sid = ?
          """, ONE.text());
      return sql.update("""
          UPDATE message SET revision =
            (SELECT revision FROM conversation WHERE sid = message.conversation_sid)
          WHERE conversation_sid = ? AND message_index = 0
          """, ONE.text());
    });
  }

  private static Database.Work<?> unread(long after) {
    return sql -> SqlMessages.unread(sql, ONE, new MessageIndex(after), Optional.empty());
  }

  private static Database.Work<?> planned(String mode, Database.Work<?> read) {
    return sql -> {
      var _ = sql.first("SELECT set_config('plan_cache_mode', ?, TRUE) AS set", _ -> true, mode);
      return read.run(sql);
    };
  }

  /** Every text has one of the words, so a page must end long before it has read all of them. */
  @Test
  void a_search_reads_the_newest_texts_alone_however_many_have_its_words() throws SQLException {
    Path file = folder.resolve("conversations.db");
    try (Database database = Sqlite.open(file, SqlConversationStore.SCHEMA)) {
      fill(database, 100);
      new SqlSearchIndex(database).update();
      assertThat(QueryPlans.of(file, search("hello")))
          .contains("SCAN search_document_terms VIRTUAL TABLE INDEX 192:M1<")
          .noneMatch(step -> step.startsWith("SCAN ")
              && !step.contains("VIRTUAL")
              && !step.equals("SCAN counted"));
      assertThat(QueryPlans.of(file, sql -> SqlSearchIndex.stale(sql, LIMIT)))
          .singleElement()
          .isEqualTo(
              "SCAN conversation USING INDEX conversation_to_index"); // which has these alone
      assertThat(QueryPlans.of(
              file,
              sql -> SqlSearchIndex.changed(
                  sql,
                  List.of(new Sid.Conversation("CH" + "0".repeat(32))),
                  SqlSearchIndex.Share.of(1))))
          .noneMatch(step -> step.matches("SCAN (conversation|message|note|participant)\\b.*"));
    }
  }

  @Test
  void postgresql_reads_few_texts_of_many_for_a_search_and_none_to_index_nothing() {
    PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);
    try (Database database = Postgres.open(server, SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      new SqlSearchIndex(database).update();
      Postgres.asOperator(URI.create(server.toString()).getPath().substring(1), "ANALYZE");
      for (String words : List.of("hello", "he", "guest", "nothing", "hello nothing")) {
        assertThat(rows(database, withoutWholeTables(search(words))))
            .as(words)
            .isLessThanOrEqualTo(
                Limits.SEARCH_PAGE * 20L + Limits.SEARCH_BATCH * (long) Limits.SEARCH_WINDOW)
            .isLessThan(3 * CONVERSATIONS); // all of them
      }
      assertThat(rows(database, sql -> SqlSearchIndex.stale(sql, LIMIT))).isZero();
    }
  }

  /** Of so few rows, PostgreSQL would rather read all than ask the index. */
  private static Database.Work<?> withoutWholeTables(Database.Work<?> read) {
    return sql -> {
      var _ = sql.first("SELECT set_config('enable_seqscan', 'off', TRUE) AS set", _ -> true);
      return read.run(sql);
    };
  }

  private static Database.Work<SearchPage> search(String words) {
    return sql ->
        SqlSearch.page(sql, ACCOUNT, Sight.ALL, words, Optional.empty(), System::nanoTime);
  }

  private static long rows(Database database, Database.Work<?> read) {
    return database.read(sql -> {
      long before = rowsRead(sql);
      var _ = read.run(sql);
      return rowsRead(sql) - before;
    });
  }

  /** Of all tables, by this transaction. */
  private static long rowsRead(Sql sql) throws SQLException {
    return sql.first("""
            SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint AS read_rows
            FROM pg_stat_xact_user_tables
            """, row -> row.getLong("read_rows")).orElseThrow();
  }

  /** Conversations with two messages each; ten have the same guest and the same agent. */
  private static void fill(Database database, int count) {
    String numbers =
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT ";
    String sid = "'CH" + "0".repeat(26) + "' || substr(CAST(1000000 + i AS TEXT), 2)";
    String message =
        "INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,"
            + " author_name, body, attributes, client_id, created_at, updated_at, added_revision, revision,"
            + " removed)" + numbers;
    var _ = database.write(sql -> {
      sql.update(
          "INSERT INTO conversation (sid, account_sid, address_sid, state, pre_engagement_data,"
              + " created_at, updated_at, last_activity_at, guest_spoke, next_index, message_count,"
              + " revision, waiting_since, assignee)" + numbers + sid
              + ", ?, ? || CASE WHEN i % 20 IN (1, 4) THEN '1' WHEN i % 20 IN (2, 8) THEN '2' ELSE '0' END, CASE WHEN i % 4 = 0 THEN 'closed' ELSE 'active' END, '{}', i, i, i, TRUE, 2, 2, 3,"
              + " CASE WHEN i % 4 = 0 THEN NULL ELSE i END,"
              + " CASE WHEN i % 3 = 0 THEN 'agent_1' ELSE '' END FROM n",
          count,
          ACCOUNT.text(),
          "IG" + "0".repeat(31));
      sql.update(
          "INSERT INTO participant (sid, conversation_sid, identity, friendly_name, joined_at)"
              + numbers + "'MB' || substr(" + sid + ", 3), " + sid
              + ", 'guest_' || (i / 10), 'Guest', 1 FROM n",
          count);
      sql.update(
          "INSERT INTO participant (sid, conversation_sid, identity, kind, friendly_name, joined_at)"
              + numbers + "'MBA' || substr(" + sid + ", 4), " + sid
              + ", 'agent_' || (i / 10), 'agent', 'Agent', 1 FROM n",
          count);
      for (int index = 0; index < 2; index++) {
        sql.update(
            message + "'IM" + index + "' || substr(" + sid + ", 4), " + sid + ", " + index
                + ", 'guest_', 'guest', 'Guest', 'Hello w' || (i % 150), '{}', NULL, 1, 1, "
                + (2 + index) + ", "
                + (2 + index) + ", FALSE FROM n",
            count);
      }
      return sql.update(
          "INSERT INTO conversation_label (conversation_sid, label, account_sid, began_at)"
              + numbers + sid + ", CASE WHEN i % 3 = 0 THEN 'late' ELSE 'early' END, ?, i FROM n",
          count,
          ACCOUNT.text());
    });
  }

  private static List<?> items(@Nullable Object page) {
    return switch (page) {
      case InboxPage of -> of.items();
      case Page<?> of -> of.items();
      case null, default -> throw new AssertionError("no page: " + page);
    };
  }

  /** Adds so many messages to one conversation. */
  private static void addMessages(Database database, int count) {
    var _ = database.write(sql -> sql.update(
        "INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,"
            + " author_name, body, attributes, created_at, updated_at, added_revision, revision,"
            + " removed) WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)"
            + " SELECT 'IM" + "0".repeat(24)
            + "' || CAST(10000000 + i AS TEXT), ?, i, 'guest_', 'guest', 'Guest', 'Hello', '{}', 1, 1, i + 2,"
            + " i + 2, FALSE FROM n",
        count,
        ONE.text()));
  }

  @Test
  void the_conversations_of_these_tests_are_in_every_list() {
    try (Database database =
        Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA)) {
      fill(database, CONVERSATIONS);
      READS.forEach(
          (name, read) -> assertThat(items(database.read(read))).as(name).hasSizeBetween(2, LIMIT));
    }
  }
}
