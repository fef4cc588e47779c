package parlour.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.config.Role;

/**
 * Messages between two people, beside ejabberd with its message archive: both servers run all the
 * time, take the load in turns, and are compared round by round, on SQLite and on PostgreSQL.
 * A message counts when the other one has received it, and at the end all of them must be in the
 * database.
 *
 * <p>{@code ./dev bench chat [rounds=7] [seconds=4] [pairs=64] [sqlite | postgres] [settings]}; with
 * {@code settings}, other settings of ejabberd take the load in turns with those that are used.
 */
public final class ChatBench {
  private static final List<String> COMPRESSED = List.of("compress_xml: true");
  private static final List<String> NO_SPINNING =
      List.of("+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none");

  private static final Ejabberd.Settings ON_SQLITE = new Ejabberd.Settings(
      "a write-ahead log, threads that do not spin", 1, true, List.of(), NO_SPINNING);
  private static final Ejabberd.Settings ON_POSTGRES = new Ejabberd.Settings(
      "32 connections, compressed XML, threads that do not spin",
      32,
      true,
      COMPRESSED,
      NO_SPINNING);

  private static final List<Ejabberd.Settings> OTHERS_ON_SQLITE = List.of(
      new Ejabberd.Settings("a journal for rollback", 1, false, List.of(), NO_SPINNING),
      new Ejabberd.Settings("threads that spin", 1, true, List.of(), List.of()),
      new Ejabberd.Settings("compressed XML", 1, true, COMPRESSED, NO_SPINNING),
      new Ejabberd.Settings("4 connections", 4, true, List.of(), NO_SPINNING));

  private static final List<Ejabberd.Settings> OTHERS_ON_POSTGRES = List.of(
      new Ejabberd.Settings("10 connections", 10, true, COMPRESSED, NO_SPINNING),
      new Ejabberd.Settings("64 connections", 64, true, COMPRESSED, NO_SPINNING),
      new Ejabberd.Settings("threads that spin", 32, true, COMPRESSED, List.of()),
      new Ejabberd.Settings("plain XML", 32, true, List.of(), NO_SPINNING));

  private final int rounds;
  private final Duration window;
  private final int pairs;

  private ChatBench(int rounds, Duration window, int pairs) {
    this.rounds = rounds;
    this.window = window;
    this.pairs = pairs;
  }

  /**
   * A running server, and the pairs of clients that talk through it.
   *
   * @param how it was run
   * @param archived counts the rows of messages
   * @param rows how many rows it stores for a message
   */
  private record Server(
      String name,
      String how,
      Subject subject,
      Optional<DurablePostgres> postgres,
      List<Pair> pairs,
      Archive archived,
      int rows) {

    Turns.Side side() {
      return new Turns.Side(
          name,
          () -> subject.processorTime().plus(databaseTime()),
          this::databaseTime,
          new Callers(pairs));
    }

    private Duration databaseTime() {
      return postgres.map(DurablePostgres::processorTime).orElse(Duration.ZERO);
    }

    void close() throws IOException {
      subject.close();
      if (postgres.isPresent()) {
        postgres.get().close();
      }
    }

    /** Fails if a message that was received is not stored. */
    void check() throws Exception {
      long said = pairs.stream().mapToLong(Pair::said).sum();
      long received = pairs.stream().mapToLong(Pair::received).sum();
      long stored = archived.count();
      if (stored < rows * received || stored > rows * said) {
        throw new IllegalStateException("%s stored %d rows of %d messages, of which %d arrived"
            .formatted(name, stored, said, received));
      }
      String memory = "%.0f MiB".formatted(subject.residentMebibytes());
      if (postgres.isPresent()) {
        memory += " and PostgreSQL %.0f MiB".formatted(postgres.get().residentMebibytes());
      }
      System.out.printf(
          "%s: %s resident; %,d messages said, %,d received, %,d rows in the database%n",
          name, memory, said, received, stored);
    }
  }

  @FunctionalInterface
  private interface Archive {
    long count() throws SQLException;
  }

  public static void main(String[] arguments) throws Exception {
    var bench = new ChatBench(
        Figures.option(arguments, "rounds", 7),
        Duration.ofSeconds(Figures.option(arguments, "seconds", 4)),
        Figures.option(arguments, "pairs", 64));
    System.out.printf("%s; %s; %d pairs%n", Figures.machine(), Ejabberd.version(), bench.pairs);
    List<String> all = List.of(arguments);
    boolean comparesSettings = all.contains("settings");
    if (!all.contains("postgres")) {
      bench.onSqlite(comparesSettings);
    }
    if (!all.contains("sqlite")) {
      bench.onPostgres(comparesSettings);
    }
    System.exit(0); // ends also the processes that this one has started
  }

  private void onSqlite(boolean comparesSettings) throws Exception {
    if (!comparesSettings) {
      compare(overSqlite(ON_SQLITE), parlour(), Integer.MAX_VALUE);
      return;
    }
    for (Ejabberd.Settings settings : OTHERS_ON_SQLITE) {
      compare(overSqlite(ON_SQLITE), overSqlite(settings), 1);
    }
  }

  private void onPostgres(boolean comparesSettings) throws Exception {
    if (!comparesSettings) {
      compare(overPostgres(ON_POSTGRES), parlour(), Integer.MAX_VALUE);
      compare(overPostgres(ON_POSTGRES), parlourOverPostgres(), Integer.MAX_VALUE);
      return;
    }
    for (Ejabberd.Settings settings : OTHERS_ON_POSTGRES) {
      compare(overPostgres(ON_POSTGRES), overPostgres(settings), 1);
    }
  }

  private void compare(Server one, Server other, int mostWarmUpWindows) throws Exception {
    System.out.printf("%n%s; %s%n", one.how(), other.how());
    new Turns(one.side(), other.side(), mostWarmUpWindows)
        .compare("messages until the other one has them", rounds, window);
    one.check();
    other.check();
    one.close();
    other.close();
  }

  private Server overSqlite(Ejabberd.Settings settings) throws Exception {
    return ejabberd(settings, Ejabberd.onSqlite(settings));
  }

  private Server overPostgres(Ejabberd.Settings settings) throws Exception {
    return ejabberd(settings, Ejabberd.onPostgres(DurablePostgres.start(), settings));
  }

  private Server ejabberd(Ejabberd.Settings settings, Ejabberd ejabberd) {
    int port = ejabberd.subject().port();
    return new Server(
        "ejabberd",
        "ejabberd on %s: %s"
            .formatted(ejabberd.postgres().isEmpty() ? "SQLite" : "PostgreSQL", settings.inWords()),
        ejabberd.subject(),
        ejabberd.postgres(),
        paired(() -> new XmppTalk(port, Ejabberd.DOMAIN)),
        () -> count(ejabberd.archive(), "archive"),
        2); // in the archive of each of the two
  }

  private Server parlour() throws Exception {
    Shop shop = Shop.open();
    String file = "jdbc:sqlite:" + shop.folder().resolve(Role.CONVERSATIONS.word() + ".db");
    return parlour(
        shop,
        Subject.parlour(shop.folder(), Subject.freePort()).awaitPort(),
        Optional.empty(),
        () -> count(file, "message"));
  }

  private Server parlourOverPostgres() throws Exception {
    DurablePostgres postgres = DurablePostgres.start();
    Shop shop = Shop.open(_ -> postgres.databases(DurablePostgres.NAME));
    return parlour(
        shop,
        Subject.parlour(shop.folder(), Subject.freePort(), postgres.settings(DurablePostgres.NAME))
            .awaitPort(),
        Optional.of(postgres),
        () -> count(postgres.jdbcUrl(), "parlour_conversations.message"));
  }

  private Server parlour(
      Shop shop, Subject subject, Optional<DurablePostgres> postgres, Archive archived) {
    return new Server(
        "Parlour",
        "`./parlour up` on " + (postgres.isEmpty() ? "SQLite" : "PostgreSQL"),
        subject,
        postgres,
        paired(() -> new GuestTalk(subject.port(), shop)),
        archived,
        1);
  }

  private List<Pair> paired(Pair.Opening opening) {
    return Stream.generate(() -> new Pair(opening)).limit(pairs).toList();
  }

  private static long count(String url, String table) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
