package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.store.Database;

/** The stored key pair for push services, in SQL that SQLite and PostgreSQL both speak. */
public final class SqlPushKey {
  private static final long ONLY = 1;

  private final Database database;

  /**
   * @param database with {@link SqlSessions#SCHEMA}
   */
  public SqlPushKey(Database database) {
    this.database = database;
  }

  /**
   * @param publicKey an uncompressed point in base64url
   * @param sealed the private key under the master key
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares it
  record Stored(String publicKey, byte[] sealed) {}

  Optional<Stored> find() {
    return database.readOne(sql -> sql.first(
        "SELECT public_key, sealed FROM push_key WHERE id = ?",
        row -> new Stored(row.getString("public_key"), row.getBytes("sealed")),
        ONLY));
  }

  /**
   * Stores the key pair, unless another process was faster, or the token keys have changed meanwhile: the
   * command that seals them again seals this key after them.
   *
   * @param seen the token keys, one of which is sealed by the same master key
   */
  void add(Stored key, Instant now, List<Keys.SealedKey> seen) {
    database.write(sql -> SqlKeys.areStill(sql, seen)
        ? sql.update("""
            INSERT INTO push_key (id, created_at, public_key, sealed) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """, ONLY, now, key.publicKey(), key.sealed())
        : 0);
  }

  /** Replaces the sealed form; false if it is another one by now. */
  boolean reseal(byte[] seen, byte[] resealed) {
    return database.writeScrubbed(sql -> sql.update(
            "UPDATE push_key SET sealed = ? WHERE id = ? AND sealed = ?", resealed, ONLY, seen))
        == 1;
  }
}
