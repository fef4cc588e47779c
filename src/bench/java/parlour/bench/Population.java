package parlour.bench;

import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Guest;
import parlour.scopedauth.SessionOwner;
import parlour.scopedauth.TestGuests;
import parlour.scopedauth.TokenGeneration;

/**
 * Guests of a shop whose sessions began within the last twelve hours, known by their numbers. Their
 * rows are as {@link parlour.scopedauth.SqlSessions} writes them, and are put into the store in bulk:
 * one by one a million would take minutes.
 */
public final class Population {
  /** As many as a guest has confirmed at most. */
  public static final int GENERATIONS = 8;

  private static final Duration SPAN = Duration.ofHours(12);
  private static final int BATCH = 10_000;
  private static final String COLUMNS =
      "sid, account_sid, deployment_key, identity, conversation_sid, generation, confirmations,"
          + " created_at, expires_at, last_seen_at";

  private final Shop shop;
  private final int size;
  private final long seed = System.nanoTime();
  private final Instant now = Instant.now();

  public Population(Shop shop, int size) {
    this.shop = shop;
    this.size = size;
  }

  int size() {
    return size;
  }

  public Sid.Session session(int number) {
    return new Sid.Session("GS" + hex(number, 1));
  }

  /** The newest generation that was used when the store was filled. */
  int generation(int number) {
    return 1 + Math.floorMod(mixed(number, 4), GENERATIONS);
  }

  /** The guest who asks for this generation next, as {@code validate} would have them. */
  Guest guest(int number, long generation) {
    Instant expires = created(number).plus(Limits.UNBOUND_SESSION_TTL_DEFAULT);
    return TestGuests.guest(
        new SessionOwner(
            shop.account(),
            shop.deployment(),
            new Identity(identity(number)),
            new Sid.Conversation(conversation(number))),
        new TokenGeneration(session(number), new Generation(generation - 1)),
        expires,
        expires);
  }

  /** Into a file that nobody else has open; what it takes to fill it quickly is undone at the end. */
  public void fillSqlite(Path file) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = OFF");
      statement.execute("PRAGMA synchronous = OFF");
      statement.execute("PRAGMA cache_size = -500000");
      List<String> indexes = texts(statement, """
          SELECT sql FROM sqlite_master
          WHERE type = 'index' AND tbl_name = 'guest_session' AND sql IS NOT NULL
          """);
      dropIndexes(statement, """
          SELECT name FROM sqlite_master
          WHERE type = 'index' AND tbl_name = 'guest_session' AND sql IS NOT NULL
          """);
      connection.setAutoCommit(false);
      insert(connection);
      for (String index : indexes) {
        statement.execute(index);
      }
      connection.commit();
      connection.setAutoCommit(true);
      statement.execute("PRAGMA journal_mode = WAL");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true); // or the first windows would wait for the disk
    }
  }

  private void insert(Connection connection) throws SQLException {
    String marks = COLUMNS.replaceAll("\\w+", "?");
    try (PreparedStatement statement = connection.prepareStatement(
        "INSERT INTO guest_session (" + COLUMNS + ") VALUES (" + marks + ")")) {
      for (int number = 0; number < size; number++) {
        List<Object> row = row(number);
        for (int i = 0; i < row.size(); i++) {
          statement.setObject(i + 1, row.get(i));
        }
        statement.addBatch();
        if (number % BATCH == BATCH - 1 || number == size - 1) {
          statement.executeBatch();
          progress(number + 1);
        }
      }
    }
  }

  /** Into the schema that the address names. */
  void fillPostgres(String url) throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      List<String> indexes = texts(statement, """
          SELECT indexdef FROM pg_indexes
          WHERE tablename = 'guest_session' AND schemaname = current_schema()
            AND indexname NOT LIKE '%_pkey'
          """);
      dropIndexes(statement, """
          SELECT indexname FROM pg_indexes
          WHERE tablename = 'guest_session' AND schemaname = current_schema()
            AND indexname NOT LIKE '%_pkey'
          """);
      copy(connection);
      for (String index : indexes) {
        statement.execute(index);
      }
      statement.execute("VACUUM (FREEZE, ANALYZE) guest_session");
      statement.execute("CHECKPOINT");
    }
  }

  private void copy(Connection connection) throws SQLException {
    CopyIn copy = connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn("COPY guest_session (" + COLUMNS + ") FROM STDIN");
    for (int number = 0; number < size; number++) {
      byte[] line = row(number).stream()
          .map(Object::toString)
          .collect(Collectors.joining("\t", "", "\n"))
          .getBytes(StandardCharsets.US_ASCII);
      copy.writeToCopy(line, 0, line.length);
      if (number % BATCH == BATCH - 1) {
        progress(number + 1);
      }
    }
    long copied = copy.endCopy();
    if (copied != size) {
      throw new IllegalStateException(copied + " rows were copied, not " + size);
    }
  }

  private List<Object> row(int number) {
    int generation = generation(number);
    StringBuilder confirmations = new StringBuilder();
    for (int g = generation; g > 0; g--) {
      confirmations.append(g).append('@').append(used(number, g)).append(' ');
    }
    return List.of(
        session(number).text(),
        shop.account().text(),
        shop.deployment().text(),
        identity(number),
        conversation(number),
        generation,
        confirmations.toString(),
        created(number).toEpochMilli(),
        created(number).plus(Limits.UNBOUND_SESSION_TTL_DEFAULT).toEpochMilli(),
        used(number, generation));
  }

  /** Spread evenly; each later one a minute after the one before, at most until now. */
  private long used(int number, int generation) {
    long at = created(number).toEpochMilli() + (generation - 1) * 60_000L;
    return Math.min(at, now.toEpochMilli());
  }

  private Instant created(int number) {
    return now.minusMillis(SPAN.toMillis() * (size - number) / size);
  }

  private String identity(int number) {
    return "guest_" + hex(number, 2) + "_" + hex(number, 5);
  }

  String conversation(int number) {
    return "CH" + hex(number, 3);
  }

  /** 32 digits that no other number and purpose share; nobody has to guess them here. */
  private String hex(int number, int purpose) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(mixed(number, purpose)) + hex.toHexDigits(mixed(number, ~purpose));
  }

  /** The finalizer of splitmix64, which is a bijection. */
  private long mixed(int number, int purpose) {
    long z = seed + number + ((long) purpose << 32);
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private void progress(int filled) {
    if (size >= 100_000 && filled % (size / 10) < BATCH) {
      System.out.printf("  %,d of %,d sessions%n", filled, size);
    }
  }

  private static void dropIndexes(Statement statement, String names) throws SQLException {
    for (String name : texts(statement, names)) {
      statement.execute("DROP INDEX " + name);
    }
  }

  private static List<String> texts(Statement statement, String query) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }
}
