package parlour.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Sid;
import parlour.conversations.Conversation;
import parlour.conversations.InboxList;
import parlour.conversations.Sight;
import parlour.conversations.SqlConversationStore;
import parlour.conversations.SqlSearchIndex;
import parlour.conversations.SqlTeamStore;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.Sqlite;

/**
 * How long a page of the inbox takes among many conversations of one desk: each list, filters that find nothing in all rows that a page
 * examines, and searches; over SQLite and PostgreSQL.
 *
 * <p>{@code ./dev bench lists [conversations] [reads of each]}
 */
public final class ListsBench {
  private static final Sid.Account ACCOUNT = new Sid.Account("AC" + "0".repeat(32));
  private static final Sid.Address DESK = new Sid.Address("IG" + "0".repeat(32));
  private static final Sid.Address OTHER = new Sid.Address("IG" + "1".repeat(32));
  private static final int PAGE = 50;

  private static final String NUMBERS =
      " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT ";

  /** Scattered, as real ones are. */
  private static final String SID = "'CH" + "0".repeat(26)
      + "' || substr(CAST(1000000 + (CAST(i AS BIGINT) * 769) % 999983 AS TEXT), 2)";

  private ListsBench() {}

  public static void main(String[] arguments) throws Exception {
    int conversations = Figures.argument(arguments, 0, 100_000);
    int reads = Figures.argument(arguments, 1, 30);
    System.out.printf(
        "%s; %,d conversations in a desk, %d reads of each%n",
        Figures.machine(), conversations, reads);
    Path folder = Leftovers.folder();
    try (Database sqlite =
        Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA)) {
      fill(sqlite, ACCOUNT, conversations);
      measure("SQLite", sqlite, reads);
    }
    try (DurablePostgres postgres = DurablePostgres.start()) {
      postgres.create("lists");
      try (Database database =
          Postgres.open(postgres.address("lists"), SqlConversationStore.SCHEMA)) {
        fill(database, ACCOUNT, conversations);
        analyze(postgres);
        measure("PostgreSQL", database, reads);
      }
    }
  }

  private static void analyze(DurablePostgres postgres) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.sessions("lists"));
        Statement statement = connection.createStatement()) {
      statement.execute("ANALYZE");
    }
  }

  /** Conversations of five agents and of nobody, each fiftieth of them open, with two messages and one of three labels each. */
  static void fill(Database database, Sid.Account account, int count) {
    insert(
        database,
        "conversation (sid, account_sid, address_sid, state, pre_engagement_data, created_at,"
            + " updated_at, last_activity_at, guest_spoke, next_index, message_count, revision,"
            + " waiting_since, assignee)",
        SID + ", '" + account.text() + "', '" + DESK.text() + "',"
            + " CASE WHEN i % 50 = 0 THEN 'active' ELSE 'closed' END,"
            + " '{\"friendlyName\":\"Ada\",\"location\":\"https://shop.example/teas/verbena\"}',"
            + " i, i, i, TRUE, 2, 2, 3, CASE WHEN i % 50 = 0 THEN i END,"
            + " CASE WHEN i % 6 < 5 THEN 'agent_' || (i % 6) ELSE '' END",
        count);
    insert(
        database,
        "participant (sid, conversation_sid, identity, friendly_name, joined_at)",
        "'MB' || substr(" + SID + ", 3), " + SID + ", 'guest_' || i, 'Ada ' || (i % 997), 1",
        count);
    for (int index = 0; index < 2; index++) {
      insert(
          database,
          "message (sid, conversation_sid, message_index, author, author_kind, author_name, body,"
              + " attributes, created_at, updated_at, added_revision, revision, removed)",
          "'IM" + index + "' || substr(" + SID + ", 4), " + SID + ", " + index
              + ", 'guest_' || i, 'guest', 'Ada', 'Is the order w' || (i % 997) || ' on its way?',"
              + " '{}', i, i, " + (2 + index) + ", " + (2 + index) + ", FALSE",
          count);
    }
    insert(
        database,
        "conversation_label (conversation_sid, label, account_sid, began_at)",
        SID + ", CASE i % 3 WHEN 0 THEN 'late' WHEN 1 THEN 'refund' ELSE 'order' END, '"
            + account.text() + "', i",
        count);
  }

  private static void insert(Database database, String into, String values, int count) {
    var _ = database.write(
        sql -> sql.update("INSERT INTO " + into + NUMBERS + values + " FROM n", count));
  }

  private static void measure(String name, Database database, int reads) {
    SqlConversationStore store = new SqlConversationStore(database);
    SqlTeamStore team = new SqlTeamStore(database);
    Sight part = new Sight(List.of(DESK), List.of(OTHER));
    System.out.printf("%n%-56s %12s %12s %8s%n", name, "median, ms", "longest, ms", "found");
    for (Sight sight : List.of(Sight.ALL, part)) {
      String whose = sight.isWhole() ? "" : ", hidden desk";
      lists()
          .forEach((what, list) -> row(
              what + whose,
              reads,
              () -> store
                  .inbox(ACCOUNT, sight, list, Optional.empty(), PAGE)
                  .items()
                  .size()));
    }
    new SqlSearchIndex(database).update(); // takes minutes
    for (String words :
        List.of("order", "w7", "\"order w42\"", "ada 1", "nothing", "order nothing")) {
      row(
          "search: " + words,
          reads,
          () -> team.search(ACCOUNT, Sight.ALL, words, Optional.empty()).hits().size());
    }
  }

  private static Map<String, InboxList> lists() {
    Map<String, InboxList> lists = new LinkedHashMap<>();
    lists.put("open", new InboxList.InState(Conversation.State.ACTIVE));
    lists.put("closed", new InboxList.InState(Conversation.State.CLOSED));
    lists.put("waiting, the oldest first", new InboxList.Waiting(InboxList.Order.OLDEST));
    lists.put("mine", new InboxList.AssignedTo(new Identity("agent_2")));
    lists.put("unassigned", new InboxList.Unassigned());
    lists.put("label", new InboxList.Labelled("late"));
    lists.put("filter: closed, agent", filter("closed", "agent_2", null));
    lists.put("filter: agent", filter(null, "agent_2", null));
    lists.put("filter: label, agent", filter(null, "agent_2", "order"));
    lists.put("filter that finds nothing: agent", filter(null, "agent_9", null));
    lists.put("filter that finds nothing: label, agent", filter(null, "agent_9", "order"));
    lists.put(
        "filter that finds nothing: open, label, agent", filter("active", "agent_9", "order"));
    return lists;
  }

  private static InboxList filter(
      @Nullable String state, @Nullable String agent, @Nullable String label) {
    return new InboxList.Filtered(
        Optional.ofNullable(state).map(Conversation.State::of),
        Optional.ofNullable(agent).map(one -> new InboxList.Worker(Optional.of(new Identity(one)))),
        Optional.ofNullable(label),
        Optional.empty());
  }

  private static void row(String what, int reads, IntSupplier read) {
    int found = read.getAsInt(); // a warm-up, too
    long[] nanos = new long[reads];
    for (int i = 0; i < reads; i++) {
      long before = System.nanoTime();
      found = read.getAsInt();
      nanos[i] = System.nanoTime() - before;
    }
    Arrays.sort(nanos);
    System.out.printf(
        "%-56s %12.1f %12.1f %8d%n", what, nanos[reads / 2] / 1e6, nanos[reads - 1] / 1e6, found);
  }
}
