package parlour.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import parlour.Identity;
import parlour.Sid;
import parlour.config.Role;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.InboxList;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.PageOfMessages;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Sent;
import parlour.conversations.Sight;
import parlour.conversations.SqlConversationStore;
import parlour.store.SqliteDatabase;

/**
 * The costs of a message, a page of messages and a page of the inbox when the store has few
 * conversations, and when it has many: SQLite stores of each size, which this process calls in turns.
 * All that is around a call costs the same at each size, and is not here. {@link SessionsBench} does
 * the same for a refresh.
 *
 * <p>{@code ./dev bench growth [counts…] [rounds=7] [seconds=2] [callers=16] [called=100]
 * [svg=target/growth.svg]}; {@code called} is the number of conversations that get the calls, chosen
 * at random among the open ones
 */
public final class GrowthBench {
  private static final int PAGE = 50;

  private static final int WARM_UPS = 2;

  private static final String NUMBER = "%8.2f";

  /** Each tenth conversation is open, as of a team that closes what it has answered. */
  private static final String CONVERSATIONS = """
      INSERT INTO conversation (sid, account_sid, address_sid, deployment_key, state,
        pre_engagement_data, created_at, updated_at, last_activity_at, state_at, revision,
        next_index, message_count, message_bytes, waiting_since, indexed_revision)
      WITH RECURSIVE number (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM number WHERE i + 1 < ?1)
      SELECT 'CH' || lower(hex(randomblob(16))), ?2, ?3, ?4,
        CASE WHEN i % 10 = 0 THEN 'active' ELSE 'closed' END,
        '{}', ?5 + i * 7, ?5 + i * 7, ?5 + i * 7, ?5 + i * 7, 4, 3, 3, 90,
        CASE WHEN i % 20 = 0 THEN ?5 + i * 7 END, 4
      FROM number""";

  private static final String PARTICIPANTS = """
      INSERT INTO participant (sid, conversation_sid, identity, friendly_name, joined_at)
      SELECT 'MB' || printf('%012x', created_at) || lower(hex(randomblob(10))), sid,
        'guest_' || substr(sid, 3), 'Guest', created_at
      FROM conversation""";

  private static final String MESSAGES = """
      INSERT INTO message (sid, conversation_sid, message_index, author, author_kind, author_name,
        body, attributes, client_id, created_at, updated_at, added_revision, revision, removed)
      WITH place (i) AS (VALUES (0), (1), (2))
      SELECT 'IM' || printf('%012x', created_at + i) || lower(hex(randomblob(10))), sid, i,
        CASE WHEN i = 1 THEN 'agent_1' ELSE 'guest_' || substr(sid, 3) END,
        CASE WHEN i = 1 THEN 'agent' ELSE 'guest' END, 'Name',
        'Is it open on Sundays, too?', '{}', lower(hex(randomblob(16))), created_at, created_at,
        i + 2, i + 2, FALSE
      FROM conversation JOIN place""";

  /** In the order in which they are measured: messages make the pages longer. */
  private enum Action {
    HISTORY("page of messages"),
    INBOX("page of the inbox"),
    MESSAGE("message");

    private final String words;

    Action(String words) {
      this.words = words;
    }
  }

  private record Measured(double perSecond, double microsPerCall, double median, double p99) {}

  /** A store of one size, and the results of its rounds. */
  private record Side(
      int count,
      Shop shop,
      SqliteDatabase database,
      SqlConversationStore store,
      List<Sid.Conversation> called,
      Map<Action, List<Measured>> rounds)
      implements AutoCloseable {
    List<Measured> measured(Action action) {
      return Objects.requireNonNull(rounds.get(action));
    }

    @Override
    public void close() throws IOException {
      database.close();
      shop.close();
    }
  }

  private final SecureRandom random = new SecureRandom();
  private final AtomicLong clientIds = new AtomicLong();
  private final int callers;
  private final int called;
  private final Duration window;

  private GrowthBench(int callers, int called, Duration window) {
    this.callers = callers;
    this.called = called;
    this.window = window;
  }

  public static void main(String[] arguments) throws Exception {
    List<Integer> counts = Arrays.stream(arguments)
        .filter(argument -> argument.matches("\\d+"))
        .map(Integer::valueOf)
        .toList();
    int rounds = Figures.option(arguments, "rounds", 7);
    var bench = new GrowthBench(
        Figures.option(arguments, "callers", 16),
        Figures.option(arguments, "called", 100),
        Duration.ofSeconds(Figures.option(arguments, "seconds", 2)));
    bench.run(
        counts.isEmpty() ? List.of(1_000, 100_000, 1_000_000) : counts,
        rounds,
        Path.of(Figures.option(arguments, "svg", "target/growth.svg")));
  }

  private void run(List<Integer> counts, int rounds, Path svg) throws Exception {
    System.out.printf(
        "%s; %d callers, %d conversations called, windows of %d s, %d rounds after a warm-up%n",
        Figures.machine(), callers, called, window.toSeconds(), rounds);
    List<Side> sides = new ArrayList<>();
    try {
      for (int count : counts) {
        sides.add(open(count));
      }
      for (Action action : Action.values()) {
        for (int round = -WARM_UPS; round < rounds; round++) {
          // There and back: what one leaves to the next does not always meet the same one.
          for (Side side : Math.floorMod(round, 2) == 0 ? sides : sides.reversed()) {
            Measured measured = measure(side, action);
            if (round >= 0) {
              side.rounds().computeIfAbsent(action, _ -> new ArrayList<>()).add(measured);
            }
          }
        }
        System.out.println("measured: " + action.words);
      }
      table(sides);
      draw(sides, svg);
    } finally {
      for (Side side : sides) {
        side.close();
      }
    }
  }

  private Side open(int count) throws Exception {
    Shop shop = Shop.open();
    Path file = shop.folder().resolve(Role.CONVERSATIONS.word() + ".db");
    SqliteDatabase.open(file, SqlConversationStore.SCHEMA).close();
    long before = System.nanoTime();
    List<Sid.Conversation> chosen = fill(file, shop, count);
    System.out.printf(
        "%,d conversations filled in %.1f s%n", count, (System.nanoTime() - before) / 1e9);
    SqliteDatabase database = SqliteDatabase.open(file, SqlConversationStore.SCHEMA);
    return new Side(
        count,
        shop,
        database,
        new SqlConversationStore(database),
        chosen,
        new EnumMap<>(Action.class));
  }

  /** Returns the conversations that get the calls. */
  private List<Sid.Conversation> fill(Path file, Shop shop, int count) throws Exception {
    List<Sid.Conversation> chosen = new ArrayList<>();
    long first = Instant.now().minus(Duration.ofDays(90)).toEpochMilli();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = OFF");
      statement.execute("PRAGMA synchronous = OFF");
      statement.execute("PRAGMA cache_size = -1000000");
      statement.execute("BEGIN");
      List<String> indexes = new ArrayList<>();
      for (String table : List.of("conversation", "participant", "message")) {
        indexes.addAll(dropIndexes(connection, table));
      }
      try (PreparedStatement insert = connection.prepareStatement(CONVERSATIONS)) {
        insert.setInt(1, count);
        insert.setString(2, shop.account().text());
        insert.setString(3, "IG" + "0".repeat(32));
        insert.setString(4, shop.deployment().text());
        insert.setLong(5, first);
        insert.executeUpdate();
      }
      statement.executeUpdate(PARTICIPANTS);
      statement.executeUpdate(MESSAGES);
      for (String index : indexes) {
        statement.execute(index);
      }
      statement.execute("COMMIT");
      try (ResultSet rows = statement.executeQuery(
          "SELECT sid FROM conversation WHERE state = 'active' ORDER BY random() LIMIT "
              + called)) {
        while (rows.next()) {
          chosen.add(new Sid.Conversation(rows.getString(1)));
        }
      }
      statement.execute("PRAGMA journal_mode = WAL");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true); // or the first windows would wait for the disk
    }
    return chosen;
  }

  /** Returns the statements that make them again. */
  private static List<String> dropIndexes(Connection connection, String table) throws SQLException {
    List<String> names = new ArrayList<>();
    List<String> made = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement("SELECT name, sql FROM sqlite_master"
        + " WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")) {
      query.setString(1, table);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
          made.add(rows.getString(2));
        }
      }
    }
    try (Statement drop = connection.createStatement()) {
      for (String name : names) {
        drop.execute("DROP INDEX " + name);
      }
    }
    return made;
  }

  private void call(Side side, Action action) {
    Sid.Account account = side.shop().account();
    Sid.Conversation conversation =
        side.called().get(ThreadLocalRandom.current().nextInt(side.called().size()));
    boolean done = switch (action) {
      case MESSAGE ->
        side.store()
                .send(
                    account,
                    Sid.Message.next(Instant.now(), random),
                    message(conversation),
                    Instant.now())
            instanceof Sent.Added;
      case HISTORY ->
        side.store()
            .messages(account, conversation, new PageOfMessages.After(MessageIndex.NONE, PAGE))
            .isPresent();
      case INBOX ->
        !side.store()
            .inbox(
                account,
                Sight.ALL,
                new InboxList.InState(Conversation.State.ACTIVE),
                Optional.empty(),
                PAGE)
            .items()
            .isEmpty();
    };
    if (!done) {
      throw new IllegalStateException(action + " failed");
    }
  }

  private Conversations.NewMessage message(Sid.Conversation conversation) {
    return new Conversations.NewMessage(
        conversation,
        new Message.Author(
            new Identity("guest_" + conversation.text().substring(2)), ParticipantKind.GUEST, ""),
        Message.Content.of("Is it open on Sundays, too?"),
        Optional.of("client-" + clientIds.incrementAndGet()));
  }

  private Measured measure(Side side, Action action) throws Exception {
    long cpuBefore = cpuNanos();
    long start = System.nanoTime();
    long end = start + window.toNanos();
    List<Long> nanos = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      List<Future<List<Long>>> running = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        Callable<List<Long>> calling = () -> callUntil(side, action, end);
        running.add(threads.submit(calling));
      }
      for (Future<List<Long>> caller : running) {
        nanos.addAll(caller.get());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long cpu = cpuNanos() - cpuBefore;
    long[] sorted = nanos.stream().mapToLong(n -> n).sorted().toArray();
    return new Measured(
        sorted.length / seconds,
        cpu / 1e3 / sorted.length,
        Figures.at(sorted, 0.5) / 1e6,
        Figures.at(sorted, 0.99) / 1e6);
  }

  private List<Long> callUntil(Side side, Action action, long end) {
    List<Long> nanos = new ArrayList<>();
    long before = System.nanoTime();
    while (before < end) {
      call(side, action);
      long after = System.nanoTime();
      nanos.add(after - before);
      before = after;
    }
    return nanos;
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void table(List<Side> sides) {
    for (Action action : Action.values()) {
      System.out.printf("%n%-28s", action.words);
      for (Side side : sides) {
        System.out.printf(" %,26d", side.count());
      }
      growth("calls/s", sides, action, Measured::perSecond).print(NUMBER);
      growth("CPU per call, µs", sides, action, Measured::microsPerCall).print(NUMBER);
      growth("median, ms", sides, action, Measured::median).print(NUMBER);
      growth("p99, ms", sides, action, Measured::p99).print(NUMBER);
      System.out.println();
    }
    System.out.printf(
        "%nMedians of rounds; in brackets: of the first column's, median (least–most).%n");
  }

  private static Growth growth(
      String name, List<Side> sides, Action action, ToDoubleFunction<Measured> figure) {
    return new Growth(
        name,
        sides.stream()
            .map(side -> side.measured(action).stream().mapToDouble(figure).toArray())
            .toList());
  }

  private static void draw(List<Side> sides, Path file) throws IOException {
    Growth.draw(
        file,
        "CPU per call, as a multiple of the smallest store's",
        sides.stream().map(side -> "%,d conversations".formatted(side.count())).toList(),
        Arrays.stream(Action.values())
            .map(action -> growth(action.words, sides, action, Measured::microsPerCall))
            .toList());
  }
}
