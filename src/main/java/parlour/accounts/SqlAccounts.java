package parlour.accounts;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.scopedauth.Sensitivity;
import parlour.store.Database;
import parlour.store.Schema;
import parlour.store.Sql;

/** {@link Accounts} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlAccounts implements Accounts {
  /** The files of parlour/orchestrator on the class path, in order. */
  public static final Schema SCHEMA = Schema.of(
      "orchestrator",
      "001-accounts.sql",
      "002-agents-and-answers.sql",
      "003-webhooks.sql",
      "004-installation.sql",
      "005-retention.sql",
      "006-proofs.sql",
      "007-realtime.sql",
      "008-canned-replies.sql",
      "009-agents-are-people.sql",
      "010-opening-hours.sql",
      "011-keeping-by-address.sql",
      "012-reopening.sql",
      "013-desk-members.sql",
      "014-api-keys.sql",
      "015-second-factors.sql",
      "016-openid-connect.sql",
      "017-agent-push.sql",
      "018-given-up-events.sql");

  private static final String SETTINGS = """
      address_sid, allowed_origins, fingerprint_sensitivity, proof, revoke_on_replay, \
      realtime, token_ttl_seconds, session_ttl_seconds, idle_ttl_seconds, keep_seconds, \
      reopen_seconds""";

  private final Database database;

  public SqlAccounts(Database database) {
    this.database = database;
  }

  @Override
  public Optional<Sid.Account> accountOf(Sid.Deployment deployment) {
    return database.read(sql -> sql.first(
        "SELECT account_sid FROM deployment WHERE deployment_key = ?",
        row -> new Sid.Account(row.getString("account_sid")),
        deployment.text()));
  }

  @Override
  public Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment deployment) {
    return database.read(sql -> sql.first(
        "SELECT digest_key, address.name AS greeter_name, address.greeting, webhook_url, "
            + SqlAttendance.COLUMNS + ", " + SETTINGS + """
                     FROM deployment JOIN account ON account.sid = deployment.account_sid
                       LEFT JOIN address ON address.sid = deployment.address_sid
                    WHERE account.sid = ? AND deployment.deployment_key = ?
                    """,
        row -> configuration(account, deployment, row),
        account.text(),
        deployment.text()));
  }

  @Override
  public void create(Account account, byte[] authTokenDigest, AccountKey key) {
    changing(sql -> sql.update(
        """
                INSERT INTO account (
                  sid, name, second_factor, auth_token_digest, digest_key, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
        account.sid().text(),
        account.name(),
        secondFactor(account.requiresSecondFactor()),
        authTokenDigest,
        key.bytes(),
        account.created()));
  }

  @Override
  public Optional<byte[]> authTokenDigest(Sid.Account account) {
    return database.read(sql -> sql.first(
        "SELECT auth_token_digest FROM account WHERE sid = ?",
        row -> row.getBytes("auth_token_digest"),
        account.text()));
  }

  @Override
  public boolean resetAuthToken(Sid.Account account, byte[] authTokenDigest) {
    return changing(sql -> sql.update(
        "UPDATE account SET auth_token_digest = ? WHERE sid = ?", authTokenDigest, account.text()));
  }

  @Override
  public boolean requireSecondFactor(Sid.Account account, boolean isRequired) {
    return changing(sql -> sql.update(
        "UPDATE account SET second_factor = ? WHERE sid = ?",
        secondFactor(isRequired),
        account.text()));
  }

  private static String secondFactor(boolean isRequired) {
    return isRequired ? "required" : "optional";
  }

  @Override
  public void create(Address address) {
    changing(sql -> sql.update(
        """
                INSERT INTO address (sid, account_sid, name, greeting, webhook_url, webhook_secret,
                  webhook_since, time_zone, opening_hours, holidays, away_text, kept_seconds,
                  created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
        address.sid().text(),
        address.account().text(),
        address.name(),
        address.greeting().orElse(null),
        urlOrNull(address),
        secretOrNull(address),
        urlOrNull(address) == null ? null : address.created(),
        SqlAttendance.zoneOrNull(address.attendance()),
        SqlAttendance.hoursOrNull(address.attendance()),
        SqlAttendance.holidaysOrNull(address.attendance()),
        address.attendance().awayText().orElse(null),
        secondsOrNull(address.keep()),
        address.created()));
  }

  @Override
  public boolean update(long version, Address address, Instant now) {
    return changing(version, sql -> {
      boolean hasSameWebhook = SqlResponder.isUnchanged(sql, address);
      int updated = sql.update(
          """
                UPDATE address SET name = ?, greeting = ?, webhook_url = ?, webhook_secret = ?,
                  webhook_since = CASE WHEN CAST(? AS TEXT) IS NULL THEN NULL
                    ELSE COALESCE(webhook_since, ?) END,
                  time_zone = ?, opening_hours = ?, holidays = ?, away_text = ?, kept_seconds = ?
                WHERE sid = ?
                """,
          address.name(),
          address.greeting().orElse(null),
          urlOrNull(address),
          secretOrNull(address),
          urlOrNull(address),
          now,
          SqlAttendance.zoneOrNull(address.attendance()),
          SqlAttendance.hoursOrNull(address.attendance()),
          SqlAttendance.holidaysOrNull(address.attendance()),
          address.attendance().awayText().orElse(null),
          secondsOrNull(address.keep()),
          address.sid().text());
      switch (address.answering()) {
        case Responder.Inbox() -> SqlResponder.delete(sql, address);
        case Responder.Webhook _ when hasSameWebhook -> {}
        case Responder.Webhook _ -> SqlResponder.tryAgain(sql, address, now);
      }
      return updated;
    });
  }

  @Override
  public boolean create(Deployment deployment) {
    Settings settings = deployment.settings();
    return changing(sql -> sql.update(
        "INSERT INTO deployment (deployment_key, account_sid, name, " + SETTINGS + """
                    , created_at, updated_at)
                    SELECT ?, account.sid, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
                    FROM account WHERE account.sid = ?
                      AND (CAST(? AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM address
                        WHERE address.sid = ? AND address.account_sid = account.sid))
                    """,
        deployment.key().text(),
        deployment.name(),
        addressOrNull(settings),
        String.join(" ", settings.allowedOrigins().patterns()),
        settings.rules().sensitivity().word(),
        settings.rules().proof().word(),
        settings.rules().revokeOnReplay(),
        settings.rules().realtime(),
        settings.lifetimes().token().toSeconds(),
        secondsOrNull(settings.lifetimes().session()),
        secondsOrNull(settings.lifetimes().idle()),
        secondsOrNull(settings.lifetimes().keep()),
        settings.lifetimes().reopen().toSeconds(),
        deployment.created(),
        deployment.updated(),
        deployment.account().text(),
        addressOrNull(settings),
        addressOrNull(settings)));
  }

  @Override
  public boolean update(long version, Deployment deployment) {
    Settings settings = deployment.settings();
    return changing(
        version,
        sql -> sql.update(
            """
                UPDATE deployment SET name = ?, address_sid = ?, allowed_origins = ?,
                  fingerprint_sensitivity = ?, proof = ?, revoke_on_replay = ?, realtime = ?,
                  token_ttl_seconds = ?, session_ttl_seconds = ?, idle_ttl_seconds = ?,
                  keep_seconds = ?, reopen_seconds = ?, updated_at = ?
                WHERE deployment_key = ?
                  AND (CAST(? AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM address
                    WHERE address.sid = ? AND address.account_sid = deployment.account_sid))
                """,
            deployment.name(),
            addressOrNull(settings),
            String.join(" ", settings.allowedOrigins().patterns()),
            settings.rules().sensitivity().word(),
            settings.rules().proof().word(),
            settings.rules().revokeOnReplay(),
            settings.rules().realtime(),
            settings.lifetimes().token().toSeconds(),
            secondsOrNull(settings.lifetimes().session()),
            secondsOrNull(settings.lifetimes().idle()),
            secondsOrNull(settings.lifetimes().keep()),
            settings.lifetimes().reopen().toSeconds(),
            deployment.updated(),
            deployment.key().text(),
            addressOrNull(settings),
            addressOrNull(settings)));
  }

  @Override
  public boolean delete(Sid.Deployment key) {
    return changing(
        sql -> sql.update("DELETE FROM deployment WHERE deployment_key = ?", key.text()));
  }

  @Override
  public List<Account> accounts() {
    return database.read(sql -> sql.list(
        "SELECT sid, name, second_factor, created_at FROM account ORDER BY created_at, sid",
        row -> new Account(
            new Sid.Account(row.getString("sid")),
            row.getString("name"),
            !row.getString("second_factor").equals("optional"),
            instant(row, "created_at"))));
  }

  @Override
  public List<Address> addresses() {
    return database.read(sql -> sql.list(
        "SELECT sid, account_sid, name, greeting, webhook_url, webhook_secret, created_at,"
            + " kept_seconds, "
            + SqlAttendance.COLUMNS
            + " FROM address ORDER BY created_at, sid",
        row -> new Address(
            new Sid.Address(row.getString("sid")),
            new Sid.Account(row.getString("account_sid")),
            row.getString("name"),
            Optional.ofNullable(row.getString("greeting")),
            SqlResponder.of(row),
            SqlAttendance.of(row),
            seconds(row, "kept_seconds"),
            instant(row, "created_at"))));
  }

  @Override
  public List<Deployment> deployments() {
    return database.read(sql -> sql.list(
        "SELECT deployment_key, account_sid, name, created_at, updated_at, "
            + SETTINGS
            + " FROM deployment ORDER BY created_at, deployment_key",
        row -> new Deployment(
            new Sid.Deployment(row.getString("deployment_key")),
            new Sid.Account(row.getString("account_sid")),
            row.getString("name"),
            settings(row),
            instant(row, "created_at"),
            instant(row, "updated_at"))));
  }

  @Override
  public long version() {
    return database.read(
        sql -> sql.first("SELECT version FROM directory_version", row -> row.getLong("version"))
            .orElse(0L));
  }

  /** Runs a change, and raises the version for the caches, in one transaction. */
  private boolean changing(Database.Work<Integer> change) {
    return changing(null, change);
  }

  /**
   * Makes a change only if the version is still the expected one. The row of the version is locked first, so
   * that changes wait for each other, always in this order.
   *
   * @param expected null: any
   */
  private boolean changing(@Nullable Long expected, Database.Work<Integer> change) {
    return database.write(sql -> {
      int locked = sql.update("""
          UPDATE directory_version SET version = version
          WHERE version = COALESCE(CAST(? AS BIGINT), version)
          """, expected);
      if (locked == 0 || change.run(sql) == 0) {
        return false;
      }
      grow(sql);
      return true;
    });
  }

  private static void grow(Sql sql) throws SQLException {
    sql.update("UPDATE directory_version SET version = version + 1");
  }

  private static Configuration configuration(
      Sid.Account account, Sid.Deployment deployment, ResultSet row) throws SQLException {
    return new Configuration(
        account,
        deployment,
        settings(row),
        greeter(row),
        answering(row),
        new AccountKey(row.getBytes("digest_key")));
  }

  private static Optional<Greeter> greeter(ResultSet row) throws SQLException {
    String text = row.getString("greeting");
    return text == null
        ? Optional.empty()
        : Optional.of(new Greeter(row.getString("greeter_name"), text));
  }

  private static Optional<Configuration.Answering> answering(ResultSet row) throws SQLException {
    return row.getString("address_sid") == null
        ? Optional.empty()
        : Optional.of(new Configuration.Answering(
            row.getString("webhook_url") == null, SqlAttendance.of(row)));
  }

  private static Settings settings(ResultSet row) throws SQLException {
    String origins = row.getString("allowed_origins");
    return new Settings(
        Optional.ofNullable(row.getString("address_sid")).map(Sid.Address::new),
        new AllowedOrigins(origins.isEmpty() ? List.of() : List.of(origins.split(" "))),
        new TokenRules(
            Sensitivity.of(row.getString("fingerprint_sensitivity")).orElseThrow(),
            ProofRule.of(row.getString("proof")).orElseThrow(),
            row.getBoolean("revoke_on_replay"),
            row.getBoolean("realtime")),
        new Lifetimes(
            Duration.ofSeconds(row.getLong("token_ttl_seconds")),
            seconds(row, "session_ttl_seconds"),
            seconds(row, "idle_ttl_seconds"),
            seconds(row, "keep_seconds"),
            Duration.ofSeconds(row.getLong("reopen_seconds"))));
  }

  private static Optional<Duration> seconds(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(Sql.longOrNull(row, column)).map(Duration::ofSeconds);
  }

  private static @Nullable Long secondsOrNull(Optional<Duration> time) {
    return time.map(Duration::toSeconds).orElse(null);
  }

  private static @Nullable String urlOrNull(Address address) {
    return address.answering() instanceof Responder.Webhook(var url, var secret)
        ? url.toString()
        : null;
  }

  private static @Nullable String secretOrNull(Address address) {
    return address.answering() instanceof Responder.Webhook(var url, var secret)
        ? secret.text()
        : null;
  }

  private static @Nullable String addressOrNull(Settings settings) {
    return settings.address().map(Sid::text).orElse(null);
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return Instant.ofEpochMilli(row.getLong(column));
  }
}
