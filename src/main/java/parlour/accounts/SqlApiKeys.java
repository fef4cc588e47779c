package parlour.accounts;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link ApiKeys} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlApiKeys implements ApiKeys {
  private static final String COLUMNS =
      "sid, account_sid, name, scopes, created_at, expires_at, last_used_day";

  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlApiKeys(Database database) {
    this.database = database;
  }

  @Override
  public boolean create(ApiKey key, byte[] secretDigest) {
    return database.write(sql -> {
      // Locks the account, so that two commands do not exceed the limit together.
      if (sql.update(
              "UPDATE account SET name = name WHERE sid = ?", key.account().text())
          == 0) {
        return false;
      }
      return sql.update(
              """
              INSERT INTO api_key (
                sid, account_sid, name, secret_digest, scopes, created_at, expires_at)
              SELECT ?, account.sid, ?, ?, ?, ?, ? FROM account WHERE account.sid = ?
                AND (SELECT COUNT(*) FROM api_key WHERE account_sid = account.sid) < ?
              """,
              key.sid().text(),
              key.name(),
              secretDigest,
              words(key),
              key.created(),
              key.expires(),
              key.account().text(),
              Limits.API_KEYS)
          == 1;
    });
  }

  @Override
  public Optional<Stored> find(Sid.ApiKey sid) {
    return database.read(sql -> sql.first(
        "SELECT " + COLUMNS + ", secret_digest FROM api_key WHERE sid = ?",
        row -> new Stored(key(row), row.getBytes("secret_digest")),
        sid.text()));
  }

  @Override
  public List<ApiKey> apiKeys() {
    return database.read(sql ->
        sql.list("SELECT " + COLUMNS + " FROM api_key ORDER BY created_at, sid", SqlApiKeys::key));
  }

  @Override
  public boolean remove(Sid.ApiKey sid) {
    return database.write(sql -> sql.update("DELETE FROM api_key WHERE sid = ?", sid.text())) == 1;
  }

  @Override
  public void recordUse(Sid.ApiKey sid, LocalDate day) {
    database.write(sql -> sql.update("""
            UPDATE api_key SET last_used_day = ?
            WHERE sid = ? AND (last_used_day IS NULL OR last_used_day < ?)
            """, day.toEpochDay(), sid.text(), day.toEpochDay()));
  }

  private static String words(ApiKey key) {
    return Arrays.stream(Scope.values())
        .filter(key.scopes()::contains)
        .map(Scope::word)
        .collect(Collectors.joining(" "));
  }

  private static ApiKey key(ResultSet row) throws SQLException {
    return new ApiKey(
        new Sid.ApiKey(row.getString("sid")),
        new Sid.Account(row.getString("account_sid")),
        row.getString("name"),
        Arrays.stream(row.getString("scopes").split(" "))
            .flatMap(word -> Scope.of(word).stream())
            .collect(Collectors.toSet()),
        Sql.instant(row, "created_at"),
        Sql.instant(row, "expires_at"),
        Optional.ofNullable(Sql.longOrNull(row, "last_used_day")).map(LocalDate::ofEpochDay));
  }
}
