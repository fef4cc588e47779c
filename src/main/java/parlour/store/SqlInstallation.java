package parlour.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import parlour.Limits;

/**
 * The row in which each store records the installation that it belongs to, and when a process last
 * recorded that the store was in use; in SQL that SQLite and PostgreSQL both understand.
 */
public final class SqlInstallation {
  /** The id of a store that no start has used yet. */
  private static final String UNUSED = "";

  private SqlInstallation() {}

  /**
   * The record of a store about itself.
   *
   * @param isNew whether no start has used it yet
   * @param isYoung whether this start created it, or another node at the same time
   * @param id of its installation; empty in a new store, and in one from before there were ids
   * @param alive when it was last in use, as far as that was recorded
   */
  public record StoreRecord(
      boolean isNew, boolean isYoung, Optional<String> id, Optional<Instant> alive) {}

  private record Row(String id, Instant alive) {}

  /**
   * Reads the record of a store. A store that was created a moment ago is marked as new before any
   * decision depends on it, so that a start that is refused because of it does not make it look
   * old.
   *
   * @param now the time by this machine's own clock, which also dates migrations
   */
  public static StoreRecord of(Database database, Instant now) {
    return database.write(sql -> {
      Instant made = sql.first(
              "SELECT min(applied_at) AS made FROM schema_migration",
              row -> Sql.instant(row, "made"))
          .orElseThrow();
      boolean isYoung =
          Duration.between(made, now).abs().compareTo(Limits.STORE_MIGRATION_TIMEOUT) < 0;
      if (isYoung) {
        insert(sql, UNUSED, now);
      }
      Optional<Row> found = sql.first(
          "SELECT id, alive_at FROM installation",
          row -> new Row(row.getString("id"), Sql.instant(row, "alive_at")));
      Optional<Row> used = found.filter(row -> !row.id().equals(UNUSED));
      return new StoreRecord(
          found.isPresent() && used.isEmpty(), isYoung, used.map(Row::id), used.map(Row::alive));
    });
  }

  /**
   * Adopts a store for an installation.
   *
   * @param insist whether the store gets the id although it has another one
   * @return the id that it has from now on: if several nodes do this at once, the first one's
   */
  public static String join(Database database, String id, boolean insist, Instant now) {
    return database.write(sql -> {
      insert(sql, id, now);
      sql.update("UPDATE installation SET id = ? WHERE id = ? OR ?", id, UNUSED, insist);
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
   * Writes to a store, and records that it is in use.
   *
   * @param now empty while the clock is doubted: then the earlier record stays
   */
  public static void noteInUse(Database database, Optional<Instant> now) {
    database.write(sql ->
        sql.update("UPDATE installation SET alive_at = COALESCE(?, alive_at)", now.orElse(null)));
  }

  /**
   * Reads a row, to check that the store answers.
   *
   * @throws StoreUnavailable if it does not
   */
  public static void checkAnswer(Database database) {
    var _ = database.read(sql -> sql.first("SELECT 1", row -> 1));
  }
}
