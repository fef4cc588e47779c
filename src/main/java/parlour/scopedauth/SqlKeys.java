package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import parlour.store.Database;

/** {@link Keys} in SQL that SQLite and PostgreSQL both speak. */
public final class SqlKeys implements Keys {
  private final Database database;

  public SqlKeys(Database database) {
    this.database = database;
  }

  @Override
  public List<SealedKey> all() {
    return database.read(sql -> sql.list(
        "SELECT id, created_at, primary_from, sealed FROM token_key ORDER BY primary_from, id",
        row -> new SealedKey(
            row.getInt("id"),
            Instant.ofEpochMilli(row.getLong("created_at")),
            Instant.ofEpochMilli(row.getLong("primary_from")),
            row.getBytes("sealed"))));
  }

  @Override
  public boolean add(SealedKey key, Instant unlessMadeAfter) {
    return database.write(sql -> {
      // Locks the row until the key is added, so that a second node sees the key of the first.
      sql.update("UPDATE key_ring SET changes = changes + 1");
      return sql.update(
              """
                  INSERT INTO token_key (id, created_at, primary_from, sealed)
                  SELECT ?, ?, ?, ?
                  WHERE NOT EXISTS (SELECT 1 FROM token_key WHERE created_at > ?)
                  """, key.id(), key.created(), key.primaryFrom(), key.sealed(), unlessMadeAfter)
          == 1;
    });
  }

  @Override
  public boolean delete(int id) {
    return database.write(sql -> sql.update("DELETE FROM token_key WHERE id = ?", id)) == 1;
  }
}
