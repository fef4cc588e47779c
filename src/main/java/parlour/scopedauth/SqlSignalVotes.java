package parlour.scopedauth;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link SignalVotes} in SQL that SQLite and PostgreSQL both speak. */
public final class SqlSignalVotes implements SignalVotes {
  private final Database database;

  public SqlSignalVotes(Database database) {
    this.database = database;
  }

  @Override
  public void store(List<Vote> votes) {
    database.write(sql -> {
      for (Vote vote : votes) {
        store(sql, vote);
      }
      return votes.size();
    });
  }

  private static void store(Sql sql, Vote vote) throws SQLException {
    sql.update(
        """
        INSERT INTO signal_vote (deployment_key, slot, voter, judged_at, differing, differed_at)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (deployment_key, slot) DO UPDATE
        SET voter = excluded.voter, judged_at = excluded.judged_at,
          differing = CASE WHEN excluded.differing = 0 AND excluded.voter = signal_vote.voter
            THEN signal_vote.differing ELSE excluded.differing END,
          differed_at = CASE WHEN excluded.differing = 0 AND excluded.voter = signal_vote.voter
            THEN signal_vote.differed_at ELSE excluded.differed_at END
        WHERE excluded.voter < signal_vote.voter
          OR signal_vote.judged_at < ? OR signal_vote.judged_at > ?
          OR (excluded.voter = signal_vote.voter
            AND (excluded.differing <> 0 OR signal_vote.judged_at < ?))
        """,
        vote.deployment().text(),
        vote.slot(),
        vote.voter(),
        vote.at(),
        Signal.bits(vote.differing()),
        vote.differing().isEmpty() ? Instant.EPOCH : vote.at(),
        vote.at().minus(Limits.SIGNAL_WINDOW),
        vote.at().plus(Limits.CLOCK_SKEW),
        vote.at().minus(Limits.SIGNAL_VOTE_PRECISION));
  }

  @Override
  public SignalCounts counts(Sid.Deployment deployment, Instant now) {
    record Counted(Set<Signal> differing, long votes) {}
    Instant since = now.minus(Limits.SIGNAL_WINDOW);
    List<Counted> all = database.readOne(sql -> sql.list(
        """
        SELECT CASE WHEN differed_at >= ? THEN differing ELSE 0 END AS signals, count(*) AS votes
        FROM signal_vote WHERE deployment_key = ? AND judged_at >= ? AND judged_at <= ?
        GROUP BY 1
        """,
        row -> new Counted(Signal.ofBits(row.getLong("signals")), row.getLong("votes")),
        since,
        deployment.text(),
        since,
        now.plus(Limits.CLOCK_SKEW)));
    Map<Signal, Long> differing = new EnumMap<>(Signal.class);
    long votes = 0;
    for (Counted counted : all) {
      votes += counted.votes();
      counted.differing().forEach(signal -> differing.merge(signal, counted.votes(), Long::sum));
    }
    return new SignalCounts(votes, differing);
  }

  @Override
  public SignalState state(Sid.Deployment deployment) {
    return database
        .readOne(sql -> sql.first("""
            SELECT deployment_key, observing, since, always_observe, always_decide
            FROM signal_state WHERE deployment_key = ?
            """, SqlSignalVotes::state, deployment.text()))
        .orElseGet(() -> SignalState.initial(deployment));
  }

  @Override
  public List<SignalState> observing(int limit) {
    return database.readOne(sql -> sql.list("""
        SELECT deployment_key, observing, since, always_observe, always_decide
        FROM signal_state WHERE observing <> 0 OR always_observe <> 0
        ORDER BY deployment_key LIMIT ?
        """, SqlSignalVotes::state, limit));
  }

  private static SignalState state(ResultSet row) throws SQLException {
    return new SignalState(
        new Sid.Deployment(row.getString("deployment_key")),
        Signal.ofBits(row.getLong("observing")),
        Optional.ofNullable(Sql.instantOrNull(row, "since")),
        Signal.ofBits(row.getLong("always_observe")),
        Signal.ofBits(row.getLong("always_decide")));
  }

  @Override
  public boolean change(SignalState before, Set<Signal> observing, Optional<Instant> since) {
    return changed(
        """
        INSERT INTO signal_state (deployment_key, observing, since) VALUES (?, ?, ?)
        ON CONFLICT (deployment_key) DO UPDATE
        SET observing = excluded.observing, since = excluded.since
        WHERE signal_state.observing = ? AND signal_state.always_observe = ?
          AND signal_state.always_decide = ?
        """,
        before.deployment().text(),
        Signal.bits(observing),
        since.orElse(null),
        Signal.bits(before.byVotes()),
        Signal.bits(before.alwaysObserve()),
        Signal.bits(before.alwaysDecide()));
  }

  @Override
  public boolean rule(Sid.Deployment deployment, Signal signal, SignalRule rule) {
    long it = Signal.bits(Set.of(signal));
    long observe = rule == SignalRule.OBSERVE ? it : 0;
    long decide = rule == SignalRule.DECIDE ? it : 0;
    return changed(
        """
        INSERT INTO signal_state (deployment_key, always_observe, always_decide) VALUES (?, ?, ?)
        ON CONFLICT (deployment_key) DO UPDATE
        SET always_observe = signal_state.always_observe & ? | ?,
          always_decide = signal_state.always_decide & ? | ?,
          since = CASE WHEN signal_state.observing & ? = 0 THEN NULL ELSE signal_state.since END,
          observing = signal_state.observing & ?
        WHERE ? = 0 OR (signal_state.observing | signal_state.always_observe) & ? = 0
        """,
        deployment.text(),
        observe,
        decide,
        ~it,
        observe,
        ~it,
        decide,
        ~it,
        ~it,
        observe,
        ~Signal.bits(signal.ofSameHeader()));
  }

  @Override
  public void delete(Sid.Deployment deployment) {
    database.write(
        sql -> sql.update("DELETE FROM signal_vote WHERE deployment_key = ?", deployment.text())
            + sql.update("DELETE FROM signal_state WHERE deployment_key = ?", deployment.text()));
  }

  @Override
  public int sweep(Instant before, int limit) {
    return database.write(sql -> sql.update("""
        DELETE FROM signal_vote WHERE (deployment_key, slot) IN
          (SELECT deployment_key, slot FROM signal_vote
          WHERE judged_at < ? ORDER BY judged_at LIMIT ?)
        """, before, limit));
  }

  private boolean changed(String statement, @Nullable Object... arguments) {
    return database.write(sql -> sql.update(statement, arguments)) == 1;
  }
}
