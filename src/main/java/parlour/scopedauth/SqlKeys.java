package parlour.scopedauth;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link Keys} in SQL that SQLite and PostgreSQL both speak. */
public final class SqlKeys implements Keys {
  private final Database database;

  public SqlKeys(Database database) {
    this.database = database;
  }

  @Override
  public List<SealedKey> all() {
    return database.read(SqlKeys::all);
  }

  private static List<SealedKey> all(Sql sql) throws SQLException {
    return sql.list(
        "SELECT id, created_at, primary_from, sealed FROM token_key ORDER BY primary_from, id",
        row -> new SealedKey(
            row.getInt("id"),
            Instant.ofEpochMilli(row.getLong("created_at")),
            Instant.ofEpochMilli(row.getLong("primary_from")),
            row.getBytes("sealed")));
  }

  @Override
  public Addition add(SealedKey key, Instant unlessMadeAfter, List<SealedKey> seen) {
    return database.write(sql -> {
      lock(sql);
      List<SealedKey> all = all(sql);
      if (all.stream().anyMatch(other -> other.created().isAfter(unlessMadeAfter))) {
        return Addition.NEWER_EXISTS;
      }
      if (!areSame(all, seen)) {
        return Addition.CHANGED_MEANWHILE;
      }
      sql.update(
          "INSERT INTO token_key (id, created_at, primary_from, sealed) VALUES (?, ?, ?, ?)",
          key.id(),
          key.created(),
          key.primaryFrom(),
          key.sealed());
      return Addition.ADDED;
    });
  }

  @Override
  public boolean reseal(List<SealedKey> seen, List<SealedKey> resealed) {
    return database.writeScrubbed(sql -> {
      lock(sql);
      if (!areSame(all(sql), seen)) {
        return false;
      }
      for (SealedKey key : resealed) {
        sql.update("UPDATE token_key SET sealed = ? WHERE id = ?", key.sealed(), key.id());
      }
      return true;
    });
  }

  /** Whether the keys are these ones, which they then stay until the change is stored. */
  static boolean areStill(Sql sql, List<SealedKey> seen) throws SQLException {
    lock(sql);
    return areSame(all(sql), seen);
  }

  /** Locks the row until the change is stored, so that a second node sees the change of the first. */
  private static void lock(Sql sql) throws SQLException {
    sql.update("UPDATE key_ring SET changes = changes + 1");
  }

  private static boolean areSame(List<SealedKey> all, List<SealedKey> seen) {
    return all.size() == seen.size()
        && IntStream.range(0, all.size()).allMatch(i -> all.get(i).isSealedLike(seen.get(i)));
  }

  @Override
  public boolean delete(int id) {
    return database.write(sql -> sql.update("DELETE FROM token_key WHERE id = ?", id)) == 1;
  }
}
