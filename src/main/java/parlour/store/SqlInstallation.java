package parlour.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import parlour.Limits;

/**
 * The row in which each store says to which installation it belongs, and when a process last noted
 * that it was in use; in SQL that SQLite and PostgreSQL both speak.
 */
public final class SqlInstallation {
  /** The id of a store that no start has taken into use yet. */
  private static final String NOBODYS = "";

  private SqlInstallation() {}

  /**
   * What a store says about itself.
   *
   * @param isNew whether no start has taken it into use yet
   * @param isYoung whether it was made by this start, or by another node's at the same time
   * @param id of its installation; empty in a new store, and in one from before there were ids
   * @param alive when it was last in use, as far as that was noted
   */
  public record Said(
      boolean isNew, boolean isYoung, Optional<String> id, Optional<Instant> alive) {}

  private record Row(String id, Instant alive) {}

  /**
   * Reads what a store says. One that was made a moment ago is marked as new before anything is
   * decided by it, so that a start which is refused for it does not make it look old.
   *
   * @param now as migrations are dated: by this machine's own clock
   */
  public static Said of(Database database, Instant now) {
    return database.write(sql -> {
      Instant made = sql.first(
              "SELECT min(applied_at) AS made FROM schema_migration",
              row -> Sql.instant(row, "made"))
          .orElseThrow();
      boolean isYoung = Duration.between(made, now).abs().compareTo(Limits.STORE_MIGRATION) < 0;
      if (isYoung) {
        insert(sql, NOBODYS, now);
      }
      Optional<Row> found = sql.first(
          "SELECT id, alive_at FROM installation",
          row -> new Row(row.getString("id"), Sql.instant(row, "alive_at")));
      Optional<Row> used = found.filter(row -> !row.id().equals(NOBODYS));
      return new Said(
          found.isPresent() && used.isEmpty(), isYoung, used.map(Row::id), used.map(Row::alive));
    });
  }

  /**
   * Takes a store into use.
   *
   * @param insist whether it gets the id although it has another one
   * @return the id that it has from now on: of several nodes that do this at once, the first one's
   */
  public static String join(Database database, String id, boolean insist, Instant now) {
    return database.write(sql -> {
      insert(sql, id, now);
      sql.update("UPDATE installation SET id = ? WHERE id = ? OR ?", id, NOBODYS, insist);
      return sql.first("SELECT id FROM installation", row -> row.getString("id"))
          .orElseThrow();
    });
  }

  private static void insert(Sql sql, String id, Instant now) throws SQLException {
    sql.update("""
        INSERT INTO installation (one, id, alive_at) VALUES (1, ?, ?) ON CONFLICT (one) DO NOTHING
        """, id, now);
  }

  /**
   * Writes to a store, and notes that it is in use.
   *
   * @param now empty when nobody knows what time it is: then it stays noted when it was in use before
   */
  public static void noteInUse(Database database, Optional<Instant> now) {
    database.write(sql ->
        sql.update("UPDATE installation SET alive_at = COALESCE(?, alive_at)", now.orElse(null)));
  }

  /**
   * Reads a row.
   *
   * @throws StoreUnavailable if the store does not answer
   */
  public static void demandAnswer(Database database) {
    var _ = database.read(sql -> sql.first("SELECT 1", row -> 1));
  }
}
