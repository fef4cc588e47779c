package parlour.scopedauth;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.RowChange;
import parlour.store.Schema;
import parlour.store.Sql;

/** {@link Sessions} in SQL that SQLite and PostgreSQL both speak. */
public final class SqlSessions implements Sessions {
  /** The files of parlour/scoped-auth on the class path, in order. */
  public static final Schema SCHEMA = Schema.of(
      "scoped-auth",
      "001-sessions-and-keys.sql",
      "002-looking-up-sessions.sql",
      "003-one-key-at-a-time.sql",
      "004-ending-sessions.sql",
      "005-refusals.sql",
      "006-installation.sql",
      "007-bound-sessions.sql",
      "008-guesses.sql",
      "009-signal-votes.sql",
      "010-ledger.sql",
      "011-ledger-of-strangers.sql",
      "012-ledger-by-cause-of-deployment.sql",
      "013-live-sessions-of-a-deployment.sql",
      "014-ledger-of-guests-who-ended.sql",
      "015-push-key.sql",
      "016-samples.sql",
      "017-refusals-of-a-deployment.sql");

  static final String COLUMNS = """
      sid, account_sid, deployment_key, identity, conversation_sid, generation, confirmations, \
      created_at, expires_at, idle_ttl, ends_at, last_seen_at, revoked_at, revoked_why, refusals, \
      replays, observed, last_observed_why, last_refused_at, last_refused_why""";

  private static final String LINEAGE =
      "generation, confirmations, confirmed_exactly, guesses, guessed_generation, idle_ttl, ends_at,"
          + " expires_at, revoked_at FROM guest_session WHERE sid";

  private static final int LINEAGES_AT_ONCE = 100;

  private static final String LINEAGES =
      "SELECT sid, " + LINEAGE + " IN " + Sql.places(LINEAGES_AT_ONCE);

  private final Database database;

  public SqlSessions(Database database) {
    this.database = database;
  }

  @Override
  public boolean create(Session session) {
    SessionOwner owner = session.owner();
    return changed(
        """
                INSERT INTO guest_session (sid, account_sid, deployment_key, identity,
                  conversation_sid, generation, confirmations, created_at, expires_at, idle_ttl,
                  ends_at, last_seen_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (sid) DO NOTHING
                """,
        session.sid().text(),
        owner.account().text(),
        owner.deployment().text(),
        owner.identity().text(),
        owner.conversation().text(),
        session.generation().number(),
        session.confirmations().text(),
        session.created(),
        session.expires(),
        session.bound().map(bound -> bound.idleTtl().toMillis()).orElse(null),
        session.bound().map(Session.Bound::ends).orElse(null),
        session.lastSeen());
  }

  @Override
  public Optional<Session> find(Sid.Session sid) {
    return database.readOne(sql -> sql.first(
        "SELECT " + COLUMNS + " FROM guest_session WHERE sid = ?",
        SqlSessions::session,
        sid.text()));
  }

  @Override
  public Optional<TokenLineage> lineage(Sid.Session sid) {
    return database.readOne(
        sql -> sql.first("SELECT " + LINEAGE + " = ?", SqlSessions::lineage, sid.text()));
  }

  @Override
  public Map<Sid.Session, TokenLineage> lineages(Collection<Sid.Session> sids) {
    List<Sid.Session> left = List.copyOf(sids);
    return database.read(sql -> {
      Map<Sid.Session, TokenLineage> lineages = new HashMap<>();
      for (int from = 0; from < left.size(); from += LINEAGES_AT_ONCE) {
        List<Sid.Session> some = left.subList(from, Math.min(left.size(), from + LINEAGES_AT_ONCE));
        sql.list(
            LINEAGES,
            row -> lineages.put(new Sid.Session(Sql.text(row, "sid")), lineage(row)),
            Sql.padded(some, LINEAGES_AT_ONCE));
      }
      return Map.copyOf(lineages);
    });
  }

  private static TokenLineage lineage(ResultSet row) throws SQLException {
    return new TokenLineage(
        new Generation(row.getLong("generation")),
        new Confirmations(Sql.text(row, "confirmations")),
        row.getBoolean("confirmed_exactly"),
        new TokenLineage.Guesses(
            new Generation(row.getLong("guessed_generation")), row.getInt("guesses")),
        bound(row).isPresent(),
        Sql.instant(row, "expires_at"),
        Sql.instantOrNull(row, "revoked_at"));
  }

  private static Optional<Session.Bound> bound(ResultSet row) throws SQLException {
    Instant ends = Sql.instantOrNull(row, "ends_at");
    return ends == null
        ? Optional.empty()
        : Optional.of(new Session.Bound(Duration.ofMillis(row.getLong("idle_ttl")), ends));
  }

  private static RowChange<Instant> confirm(String more, String which) {
    return new RowChange<>(
        """
            UPDATE guest_session
            SET generation = ?, confirmations = substr(? || confirmations, 1, ?), last_seen_at = ?,
              confirmed_exactly = ?%s
            WHERE sid = ? AND generation < ? AND revoked_at IS NULL AND expires_at > ?
              AND (? OR guesses < ? OR guessed_generation < ?) AND %s
            """.formatted(more, which),
        "guest_session",
        "sid",
        "expires_at",
        row -> Sql.instant(row, "expires_at"));
  }

  private static final RowChange<Instant> CONFIRM_UNBOUND = confirm("", "idle_ttl IS NULL");

  // expires_at is in two indexes. Where it stays, it must not be in the statement: databases write
  // their entries again even if the value is the same.
  private static final RowChange<Instant> CONFIRM_BOUND =
      confirm("", "idle_ttl IS NOT NULL AND (expires_at >= ? + idle_ttl OR expires_at >= ends_at)");

  // Even if the clock was set back, expires_at does not move back.
  private static final RowChange<Instant> CONFIRM_AND_PROLONG = confirm(
      """
      , expires_at = CASE
          WHEN ends_at < ? + idle_ttl + idle_ttl / %1$d THEN ends_at
          ELSE ? + idle_ttl + idle_ttl / %1$d END""".formatted(Limits.IDLE_TTL_STEPS),
      "idle_ttl IS NOT NULL AND expires_at < ? + idle_ttl AND expires_at < ends_at");

  @Override
  public Optional<Instant> confirm(FirstUse use, Instant now) {
    Optional<Instant> stays = confirmUnlessEndMoves(use, now);
    return stays.isPresent() || !use.isBound()
        ? stays
        : confirm(CONFIRM_AND_PROLONG, use, now, List.of(now, now), List.of(now));
  }

  @Override
  public Optional<Instant> confirmUnlessEndMoves(FirstUse use, Instant now) {
    return use.isBound()
        ? confirm(CONFIRM_BOUND, use, now, List.of(), List.of(now))
        : confirm(CONFIRM_UNBOUND, use, now, List.of(), List.of());
  }

  private Optional<Instant> confirm(
      RowChange<Instant> change,
      FirstUse use,
      Instant now,
      List<Instant> more,
      List<Instant> which) {
    TokenGeneration token = use.token();
    List<@Nullable Object> arguments = new ArrayList<>(List.of(
        token.generation().number(),
        Confirmations.of(token.generation(), use.at(now)).text(),
        Limits.CONFIRMATIONS_CHARACTERS,
        now,
        use.isExact()));
    arguments.addAll(more);
    arguments.addAll(List.of(
        token.session().text(),
        token.generation().number(),
        now,
        use.isExact(),
        Limits.GUESSES_BEFORE_HIGH,
        token.generation().number()));
    arguments.addAll(which);
    return database.change(change, token.session().text(), arguments.toArray());
  }

  @Override
  public boolean revoke(Sid.Session sid, String why, Instant now) {
    return changed("""
        UPDATE guest_session SET revoked_at = ?, revoked_why = ?
        WHERE sid = ? AND revoked_at IS NULL
        """, now, why, sid.text());
  }

  @Override
  public int revokeAllOf(Sid.Conversation conversation, String why, Instant now) {
    return database.write(sql -> {
      int revoked = sql.update("""
              UPDATE guest_session SET revoked_at = ?, revoked_why = ?
              WHERE conversation_sid = ? AND revoked_at IS NULL
              """, now, why, conversation.text());
      sql.update(
          "UPDATE guest_session SET expires_at = ? WHERE conversation_sid = ? AND expires_at > ?",
          now,
          conversation.text(),
          now);
      return revoked;
    });
  }

  static final String OF_DEPLOYMENT = "deployment_key = ?";

  private static final String LIVE = " AND revoked_at IS NULL AND expires_at > ?";

  /** The condition of a scope in a WHERE clause, and its one argument. */
  private record Where(String condition, String argument) {
    static Where of(Scope scope) {
      return switch (scope) {
        case Scope.All() -> new Where("? = ''", "");
        case Scope.OfAccount(Sid.Account account) -> new Where("account_sid = ?", account.text());
        case Scope.OfDeployment(Sid.Deployment deployment) ->
          new Where(OF_DEPLOYMENT, deployment.text());
        case Scope.OfConversation(Sid.Conversation conversation) ->
          new Where("conversation_sid = ?", conversation.text());
      };
    }
  }

  static String countLive(String which) {
    return "SELECT count(*) AS sessions FROM guest_session WHERE " + which + LIVE;
  }

  static String revokeLive(String which) {
    return "UPDATE guest_session SET revoked_at = ?, revoked_why = ? WHERE revoked_at IS NULL"
        + " AND sid IN (SELECT sid FROM guest_session WHERE " + which + LIVE + " LIMIT ?)";
  }

  @Override
  public long countLive(Scope scope, Instant now) {
    Where where = Where.of(scope);
    return database
        .read(sql -> sql.first(
            countLive(where.condition()), row -> row.getLong("sessions"), where.argument(), now))
        .orElse(0L);
  }

  @Override
  public int revokeLive(Scope scope, String why, Instant now, int limit) {
    Where where = Where.of(scope);
    return database.write(
        sql -> sql.update(revokeLive(where.condition()), now, why, where.argument(), now, limit));
  }

  @Override
  public boolean refused(Sid.Session sid, String reason, Instant now) {
    return changed("""
        UPDATE guest_session
        SET refusals = refusals + 1, last_refused_at = ?, last_refused_why = ?
        WHERE sid = ?
        """, now, reason, sid.text());
  }

  @Override
  public boolean guessed(TokenGeneration token, String reason, Instant now) {
    long generation = token.generation().number();
    return database
        .write(sql -> sql.first(
            """
            UPDATE guest_session
            SET refusals = refusals + 1, last_refused_at = ?, last_refused_why = ?,
              guesses = CASE WHEN guessed_generation < ? THEN 1 ELSE guesses + 1 END,
              guessed_generation =
                CASE WHEN guessed_generation < ? THEN ? ELSE guessed_generation END,
              revoked_why = CASE WHEN revoked_at IS NULL AND guessed_generation >= ?
                AND guesses + 1 >= ? THEN ? ELSE revoked_why END,
              revoked_at = CASE WHEN revoked_at IS NULL AND guessed_generation >= ?
                AND guesses + 1 >= ? THEN ? ELSE revoked_at END
            WHERE sid = ?
            RETURNING revoked_at
            """,
            row -> Sql.instantOrNull(row, "revoked_at") != null,
            now,
            reason,
            generation,
            generation,
            generation,
            generation,
            Limits.GUESSES_BEFORE_REVOCATION,
            "other browsers presented a token of it %d times"
                .formatted(Limits.GUESSES_BEFORE_REVOCATION),
            generation,
            Limits.GUESSES_BEFORE_REVOCATION,
            now,
            token.session().text()))
        .orElse(false);
  }

  @Override
  public boolean replayed(Sid.Session sid, String reason, Instant now, boolean revoke) {
    return changed("""
        UPDATE guest_session
        SET refusals = refusals + 1, replays = replays + 1,
          last_refused_at = ?, last_refused_why = ?, replayed_at = ?,
          revoked_why = CASE WHEN revoked_at IS NULL AND ? THEN ? ELSE revoked_why END,
          revoked_at = CASE WHEN revoked_at IS NULL AND ? THEN ? ELSE revoked_at END
        WHERE sid = ?
        """, now, reason, now, revoke, reason, revoke, now, sid.text());
  }

  @Override
  public boolean provenReplay(Sid.Session sid, Instant now) {
    return changed(
        "UPDATE guest_session SET replays = replays + 1, last_seen_at = ? WHERE sid = ?",
        now,
        sid.text());
  }

  @Override
  public boolean observed(Sid.Session sid, String difference, Instant now) {
    return changed("""
        UPDATE guest_session
        SET observed = observed + 1, last_observed_why = ?, last_seen_at = ?
        WHERE sid = ?
        """, difference, now, sid.text());
  }

  @Override
  public List<Revocation> revokedAfter(Revocation revocation, int limit) {
    return database.read(sql -> sql.list(
        """
            SELECT revoked_at AS ended_at, sid, TRUE AS ended FROM guest_session
            WHERE revoked_at IS NOT NULL AND (revoked_at, sid) > (?, ?)
            UNION ALL
            SELECT replayed_at AS ended_at, sid, FALSE AS ended FROM guest_session
            WHERE replayed_at IS NOT NULL AND (replayed_at, sid) > (?, ?) AND revoked_at IS NULL
            ORDER BY ended_at, sid LIMIT ?
            """,
        row -> new Revocation(
            Sql.instant(row, "ended_at"),
            new Sid.Session(Sql.text(row, "sid")),
            row.getBoolean("ended")),
        revocation.at(),
        revocation.session().text(),
        revocation.at(),
        revocation.session().text(),
        limit));
  }

  @Override
  public List<RefusedToken> refusedSince(Sid.Account account, Instant since, int limit) {
    return database.read(sql -> sql.list(
        """
        SELECT conversation_sid, last_refused_at FROM guest_session
        WHERE account_sid = ? AND last_refused_at > ?
        ORDER BY last_refused_at DESC LIMIT ?
        """,
        row -> new RefusedToken(
            new Sid.Conversation(Sql.text(row, "conversation_sid")),
            Sql.instant(row, "last_refused_at")),
        account.text(),
        since,
        limit));
  }

  @Override
  public List<Session> of(List<Sid.Conversation> conversations) {
    return database.read(sql -> {
      List<Session> found = new ArrayList<>();
      for (Sid.Conversation conversation : conversations) {
        sql.first(
                "SELECT " + COLUMNS + " FROM guest_session WHERE conversation_sid = ?"
                    + " ORDER BY created_at DESC, sid DESC LIMIT 1",
                SqlSessions::session,
                conversation.text())
            .ifPresent(found::add);
      }
      return List.copyOf(found);
    });
  }

  @Override
  public List<Session> newest(Scope scope, int limit) {
    Where where = Where.of(scope);
    return database.read(sql -> sql.list(
        "SELECT " + COLUMNS + " FROM guest_session WHERE " + where.condition()
            + " ORDER BY created_at DESC, sid DESC LIMIT ?",
        SqlSessions::session,
        where.argument(),
        limit));
  }

  @Override
  public int sweep(Instant before, int limit) {
    return database.write(sql -> sql.update("""
                DELETE FROM guest_session WHERE sid IN
                  (SELECT sid FROM guest_session WHERE expires_at < ? ORDER BY expires_at LIMIT ?)
                """, before, limit));
  }

  private boolean changed(String statement, @Nullable Object... arguments) {
    return database.write(sql -> sql.update(statement, arguments)) == 1;
  }

  static Session session(ResultSet row) throws SQLException {
    return new Session(
        new Sid.Session(Sql.text(row, "sid")),
        new SessionOwner(
            new Sid.Account(Sql.text(row, "account_sid")),
            new Sid.Deployment(Sql.text(row, "deployment_key")),
            new Identity(Sql.text(row, "identity")),
            new Sid.Conversation(Sql.text(row, "conversation_sid"))),
        new Generation(row.getLong("generation")),
        new Confirmations(Sql.text(row, "confirmations")),
        Instant.ofEpochMilli(row.getLong("created_at")),
        Instant.ofEpochMilli(row.getLong("expires_at")),
        bound(row),
        Instant.ofEpochMilli(row.getLong("last_seen_at")),
        event(row, "revoked_at", "revoked_why"),
        new Session.Incidents(
            row.getInt("refusals"),
            event(row, "last_refused_at", "last_refused_why"),
            row.getInt("replays"),
            row.getInt("observed"),
            Optional.ofNullable(Sql.textOrNull(row, "last_observed_why"))));
  }

  private static Optional<Session.Event> event(ResultSet row, String at, String why)
      throws SQLException {
    Instant time = Sql.instantOrNull(row, at);
    return time == null
        ? Optional.empty()
        : Optional.of(new Session.Event(time, Sql.text(row, why)));
  }
}
