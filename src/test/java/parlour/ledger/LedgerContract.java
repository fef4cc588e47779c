package parlour.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;
import parlour.ledger.LedgerQuery.Scope.Everything;
import parlour.ledger.LedgerQuery.Scope.OfDeployments;
import parlour.store.Database;
import parlour.store.QueryPlans;

/** The contract of the ledger's store, for every database. */
abstract class LedgerContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final SecureRandom random = new SecureRandom();

  private final Sid.Deployment deployment = Sid.Deployment.random(random);
  private final Sid.Session session = Sid.Session.random(random);
  private Database database;
  private SqlLedger ledger;

  /** Opens the same database each time, even if it is open already. */
  protected abstract Database open();

  /** A connection on which the ledger's tables have their bare names, and indexes are preferred. */
  protected abstract Connection connection() throws SQLException;

  /** How the database names the reading of a whole table in a plan. */
  protected abstract String wholeTable();

  /** How the database names the sorting of rows in a plan. */
  protected abstract String sorting();

  @BeforeEach
  void openStore() {
    database = open();
    ledger = new SqlLedger(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void an_entry_is_found_by_the_first_digits_of_its_trace_with_all_that_it_says() {
    LedgerEntry entry = new LedgerEntry(
        NOW,
        Long.MIN_VALUE,
        "4bf92f3577b34da6a3ce929d0e0e4736",
        LedgerNote.of(LedgerNote.GUEST_REFUSED, "from another browser")
            .refusedBy(45779)
            .ofGuest(Optional.of(session), Optional.of(deployment))
            .from(Optional.of("https://shop.example.com"))
            .differingIn(List.of("browser", "time-zone")),
        0);
    LedgerEntry other = entry(NOW, "4bf92f3577c0", "expired");
    ledger.store(List.of(entry, other));
    assertThat(ledger.ofTrace("4bf92f3577b3")).containsExactly(entry);
    assertThat(ledger.ofTrace("4bf92f35")).containsExactly(entry, other);
    assertThat(ledger.ofTrace("4bf92f3577b34da6a3ce929d0e0e4737")).isEmpty();
  }

  @Test
  void an_entry_that_is_stored_again_is_kept_and_counted_once() {
    List<LedgerEntry> entries = List.of(entry(NOW, "", "expired"), entry(NOW, "", "expired"));
    ledger.store(entries);
    ledger.store(entries);
    assertThat(ledger.newest(all(10))).hasSize(2);
    assertThat(ledger.size()).isEqualTo(2);
    assertThatThrownBy(() ->
            ledger.store(Collections.nCopies(Limits.LEDGER_GROUP + 1, entry(NOW, "", "expired"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void the_list_has_the_newest_first_and_only_what_was_asked_for() {
    LedgerEntry mine = new LedgerEntry(
        NOW.plusSeconds(1),
        1,
        "",
        LedgerNote.of(LedgerNote.GUEST_REFUSED, "expired")
            .refusedBy(45775)
            .ofGuest(Optional.empty(), Optional.of(deployment)),
        0);
    LedgerEntry revoked = new LedgerEntry(
        NOW.plusSeconds(2), 2, "", LedgerNote.of(LedgerNote.SESSION_REVOKED, "by hand"), 0);
    LedgerEntry old = entry(NOW, "", "forged");
    ledger.store(List.of(old, mine, revoked));
    assertThat(ledger.newest(all(10))).containsExactly(revoked, mine, old);
    assertThat(ledger.newest(all(2))).containsExactly(revoked, mine);
    assertThat(ledger.newest(refusals(NOW, Optional.empty(), Optional.empty())))
        .containsExactly(mine, old);
    assertThat(ledger.newest(refusals(NOW.plusMillis(1), Optional.empty(), Optional.empty())))
        .containsExactly(mine);
    assertThat(ledger.newest(refusals(NOW, Optional.of(deployment), Optional.empty())))
        .containsExactly(mine);
    assertThat(ledger.newest(refusals(NOW, Optional.empty(), Optional.of("forged"))))
        .containsExactly(old);
    LedgerQuery ofTwo = new LedgerQuery(
        NOW,
        new OfDeployments(List.of(Sid.Deployment.random(random), deployment)),
        Optional.empty(),
        false,
        10,
        Optional.empty());
    assertThat(ledger.newest(ofTwo)).containsExactly(mine);
    LedgerQuery ofNone = new LedgerQuery(
        NOW, new OfDeployments(List.of()), Optional.empty(), false, 10, Optional.empty());
    assertThat(ledger.newest(ofNone)).isEmpty();
  }

  @Test
  void old_entries_and_those_above_the_bound_are_deleted_in_batches() {
    List<LedgerEntry> entries = IntStream.range(0, 40)
        .mapToObj(hour -> entry(NOW.plus(Duration.ofHours(hour)), "", "expired"))
        .toList();
    ledger.store(entries);
    Instant before = NOW.plus(Duration.ofHours(5));
    assertThat(ledger.prune(before, 40, 3)).isEqualTo(3);
    assertThat(ledger.prune(before, 40, 3)).isEqualTo(2);
    assertThat(ledger.prune(before, 40, 3)).isZero();
    assertThat(ledger.size()).isEqualTo(35);
    assertThat(ledger.prune(before, 30, 3)).as("five too many").isEqualTo(3);
    assertThat(ledger.prune(before, 30, 3)).isEqualTo(2);
    assertThat(ledger.prune(before, 30, 3)).isZero();
    assertThat(ledger.size()).isEqualTo(30);
    assertThat(ledger.newest(all(100)))
        .containsExactlyElementsOf(entries.subList(10, 40).reversed());
  }

  @Test
  void no_query_and_no_deletion_reads_the_whole_ledger() throws SQLException {
    for (String statement : List.of(
        SqlLedger.OF_TRACE,
        SqlLedger.DELETE_OLDEST,
        SqlLedger.DELETE_OLDEST_OF_STRANGERS,
        SqlLedger.statement(all(10)),
        SqlLedger.statement(refusals(NOW, Optional.of(deployment), Optional.empty())),
        SqlLedger.statement(refusals(NOW, Optional.empty(), Optional.of("forged"))))) {
      assertThat(plan(statement))
          .as(statement)
          .isNotEmpty()
          .noneMatch(line -> line.contains(wholeTable()));
    }
  }

  @Test
  void a_list_reads_the_entries_that_it_shows_and_no_others() throws SQLException {
    LedgerQuery ofCause = refusals(NOW, Optional.of(deployment), Optional.of("forged"));
    assertThat(plan(SqlLedger.statement(ofCause)))
        .as("the deployment, the cause and the time are found in order in one index")
        .anyMatch(line -> line.contains("ledger_entry_by_deployment_and_cause"))
        .noneMatch(line -> line.contains(sorting()));
    assertThat(plan(SqlLedger.statement(refusals(NOW, Optional.of(deployment), Optional.empty()))))
        .as("its refusals alone, because guests can end very many chats")
        .anyMatch(line -> line.contains("ledger_entry_refusals_by_deployment"))
        .noneMatch(line -> line.contains(sorting()));
    LedgerQuery ofTwo = new LedgerQuery(
        NOW,
        new OfDeployments(List.of(deployment, Sid.Deployment.random(random))),
        Optional.of("forged"),
        true,
        10,
        Optional.empty());
    assertThat(plan(SqlLedger.statement(ofTwo)).stream()
            .filter(line -> line.contains("ledger_entry_by_deployment_and_cause")))
        .as("the newest of each deployment")
        .hasSize(Limits.LEDGER_DEPLOYMENTS_AT_ONCE);
  }

  @Test
  void a_list_passes_over_no_entries_of_others_however_many_the_database_expects_to_fit()
      throws SQLException {
    // One of ten entries is of the deployment, nine of ten are refusals, and none is both.
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.execute("""
          INSERT INTO ledger_entry (at, id, trace_id, event, code, cause, signals, session_sid,
            deployment_key, page, actor, object, left_out)
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
          SELECT i, i, NULL, CASE WHEN i % 10 = 0 THEN 'guest-ended' ELSE 'guest-refused' END,
            CASE WHEN i % 10 = 0 THEN 0 ELSE 45779 END,
            CASE WHEN i % 10 = 0 THEN 'forget' ELSE 'a' END,
            'browser,language,time-zone,platform,screen', 'GS00000000000000000000000000000000',
            CASE WHEN i % 10 = 0 THEN 'a' ELSE 'CV' || (i % 1000) END,
            'https://a-shop-with-a-long-name.example.com', '', '', 0 FROM n
          """);
      statement.execute("ANALYZE");
    }
    assertThat(plan(SqlLedger.statement(refusals(NOW, Optional.of(deployment), Optional.empty()))))
        .anyMatch(line -> line.contains("ledger_entry_refusals_by_deployment"))
        .noneMatch(line -> line.contains(sorting()));
    assertThat(plan(SqlLedger.statement(refusals(NOW, Optional.of(deployment), Optional.of("a")))))
        .anyMatch(line -> line.contains("ledger_entry_by_deployment_and_cause"))
        .noneMatch(line -> line.contains(sorting()));
  }

  @Test
  void the_newest_of_many_deployments_are_found_in_all_of_them() {
    List<Sid.Deployment> many = Stream.generate(() -> Sid.Deployment.random(random))
        .limit(2 * Limits.LEDGER_DEPLOYMENTS_AT_ONCE + 1)
        .toList();
    List<LedgerEntry> entries = new ArrayList<>();
    for (int i = 0; i < 3 * many.size(); i++) {
      entries.add(new LedgerEntry(
          NOW.plusMillis(i / 2), // two at a time
          i % 2 == 0 ? i : -i,
          "",
          LedgerNote.of(LedgerNote.GUEST_REFUSED, "expired")
              .refusedBy(45775)
              .ofGuest(Optional.empty(), Optional.of(many.get(i * 7 % many.size()))),
          0));
    }
    for (List<LedgerEntry> group : groups(entries)) {
      ledger.store(group);
    }
    ledger.store(List.of(entry(NOW.plusSeconds(9), "", "expired"))); // of no deployment
    List<LedgerEntry> newest = entries.stream()
        .sorted(Comparator.comparing(LedgerEntry::at)
            .thenComparingLong(LedgerEntry::id)
            .reversed())
        .toList();
    for (int limit : List.of(1, 2, 7, 50)) {
      LedgerQuery query = new LedgerQuery(
          NOW, new OfDeployments(many), Optional.of("expired"), true, limit, Optional.empty());
      assertThat(ledger.newest(query)).containsExactlyElementsOf(newest.subList(0, limit));
    }
  }

  private static List<List<LedgerEntry>> groups(List<LedgerEntry> entries) {
    return IntStream.iterate(0, from -> from < entries.size(), from -> from + Limits.LEDGER_GROUP)
        .mapToObj(
            from -> entries.subList(from, Math.min(from + Limits.LEDGER_GROUP, entries.size())))
        .toList();
  }

  @Test
  void the_list_of_refusals_reads_nothing_else() throws SQLException {
    for (String statement : List.of(
        SqlLedger.DELETE_OLDEST_OF_STRANGERS,
        SqlLedger.statement(refusals(NOW, Optional.empty(), Optional.empty())))) {
      assertThat(plan(statement))
          .as(statement)
          .anyMatch(line -> line.contains("ledger_entry_of_strangers"));
    }
  }

  @Test
  void above_the_bound_the_events_of_strangers_are_deleted_first() {
    LedgerEntry command =
        new LedgerEntry(NOW, 1, "", LedgerNote.of(LedgerNote.COMMAND, "keys rotate"), 0);
    LedgerEntry revoked =
        new LedgerEntry(NOW, 2, "", LedgerNote.of(LedgerNote.SESSION_REVOKED, "by hand"), 0);
    LedgerEntry observed = new LedgerEntry(
        NOW.plusSeconds(1), 3, "", LedgerNote.of(LedgerNote.DIFFERENCE_OBSERVED, "low"), 0);
    LedgerEntry refused = entry(NOW.plusSeconds(2), "", "forged");
    LedgerEntry ended =
        new LedgerEntry(NOW, 4, "", LedgerNote.of(LedgerNote.GUEST_ENDED, "forget"), 0);
    ledger.store(List.of(command, revoked, observed, refused, ended));
    assertThat(ledger.newest(refusals(NOW, Optional.empty(), Optional.empty())))
        .as("a guest who ends a chat was not refused")
        .doesNotContain(ended);
    assertThat(ledger.prune(NOW, 3, 10)).isEqualTo(2);
    assertThat(ledger.newest(all(10))).containsExactly(refused, revoked, command);
    assertThat(ledger.prune(NOW, 1, 10)).isEqualTo(2);
    assertThat(ledger.newest(all(10))).containsExactly(revoked);
    assertThat(ledger.size()).isEqualTo(1);
  }

  private List<String> plan(String statement) throws SQLException {
    String explained = statement
        .replaceAll("(trace_id|cause|deployment_key) (=|>=|<=|<) \\?", "$1 $2 'a'")
        .replace(", at) >= (?, ?)", ", at) >= ('a', 1)")
        .replace("?", "1");
    try (Connection connection = connection()) {
      return QueryPlans.explain(connection, explained);
    }
  }

  private static LedgerQuery all(int limit) {
    return new LedgerQuery(NOW, new Everything(), Optional.empty(), false, limit, Optional.empty());
  }

  private static LedgerQuery refusals(
      Instant since, Optional<Sid.Deployment> ofDeployment, Optional<String> cause) {
    return new LedgerQuery(
        since, LedgerQuery.Scope.of(ofDeployment.map(List::of)), cause, true, 10, Optional.empty());
  }

  private static LedgerEntry entry(Instant at, String trace, String cause) {
    return new LedgerEntry(
        at,
        random.nextLong(),
        trace.isEmpty() ? RandomHex.next(random, 16) : trace,
        LedgerNote.of(LedgerNote.GUEST_REFUSED, cause).refusedBy(45775),
        0);
  }
}
