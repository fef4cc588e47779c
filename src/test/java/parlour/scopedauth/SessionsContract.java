package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.spec.AtOnce;
import parlour.store.Database;
import parlour.store.QueryPlans;

/** The contract of a store of sessions, for every database. */
abstract class SessionsContract {
  private static final TokenLineage.Guesses NO_GUESSES =
      new TokenLineage.Guesses(new Generation(0), 0);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration TTL = Duration.ofHours(24);
  private static final Sessions.Scope ALL = new Sessions.Scope.All();
  private static final SecureRandom random = new SecureRandom();

  private Database database;
  private Sessions sessions;

  /** Opens the same database each time, even if it is open already. */
  protected abstract Database open();

  /** A connection on which the tables have their bare names, and indexes are preferred. */
  protected abstract Connection connection() throws SQLException;

  /** How the database names the reading of the whole table in a plan. */
  protected abstract String wholeTable();

  @BeforeEach
  void openStore() {
    database = open();
    sessions = new SqlSessions(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void a_session_is_found_as_it_was_created() {
    Session session = created();
    assertThat(sessions.find(session.sid())).contains(session);
  }

  @Test
  void the_lineage_is_the_part_that_decides() {
    Session created = created();
    assertThat(sessions.lineage(created.sid()))
        .contains(new TokenLineage(
            new Generation(1),
            created.confirmations(),
            true,
            NO_GUESSES,
            false,
            created.expires(),
            null));
    confirm(created, 2, NOW.plusSeconds(1));
    sessions.revoke(created.sid(), "why", NOW.plusSeconds(2));
    Session changed = found(created);
    assertThat(sessions.lineage(created.sid()))
        .contains(new TokenLineage(
            new Generation(2),
            changed.confirmations(),
            true,
            NO_GUESSES,
            false,
            changed.expires(),
            NOW.plusSeconds(2)));
  }

  @Test
  void a_session_that_was_never_created_is_not_found() {
    Sid.Session unknown = Sid.Session.random(random);
    assertThat(sessions.find(unknown)).isEmpty();
    assertThat(sessions.lineage(unknown)).isEmpty();
  }

  @Test
  void the_same_session_is_not_created_twice() {
    Session session = created();
    confirm(session, 2, NOW);
    Session before = found(session);
    assertThat(sessions.create(session)).isFalse();
    assertThat(found(session)).isEqualTo(before);
  }

  @Test
  void the_first_use_of_a_generation_is_confirmed_once() {
    Session session = created();
    Instant later = NOW.plusSeconds(10);
    assertThat(confirm(session, 2, later)).isPresent();
    assertThat(confirm(session, 2, later.plusSeconds(1))).isEmpty();
    Session found = found(session);
    assertThat(found.generation().number()).isEqualTo(2);
    assertThat(found.confirmations().text()).isEqualTo(entry(2, later) + entry(1, NOW));
    assertThat(found.lastSeen()).isEqualTo(later);
  }

  @Test
  void an_older_generation_is_never_confirmed() {
    Session session = created();
    assertThat(confirm(session, 5, NOW)).isPresent();
    for (long older = 1; older <= 5; older++) {
      assertThat(confirm(session, older, NOW)).isEmpty();
    }
    assertThat(found(session).generation().number()).isEqualTo(5);
  }

  @Test
  void refusals_of_other_browsers_are_counted_for_the_newest_generation_that_they_present() {
    Session session = created();
    assertThat(sessions.guessed(token(session, 1), "other", NOW)).isFalse();
    assertThat(sessions.guessed(token(session, 3), "other", NOW)).isFalse();
    assertThat(sessions.guessed(token(session, 2), "other", NOW)).isFalse();
    assertThat(sessions.lineage(session.sid()).orElseThrow().guesses())
        .isEqualTo(new TokenLineage.Guesses(new Generation(3), 2));
    assertThat(found(session).incidents().refusals()).isEqualTo(3);
    assertThat(found(session).incidents().lastRefusal().orElseThrow().why()).isEqualTo("other");
  }

  @Test
  void after_many_guesses_only_an_exact_use_confirms_that_generation_and_any_use_a_later_one() {
    Session session = created();
    for (int i = 0; i < Limits.GUESSES_BEFORE_HIGH - 1; i++) {
      sessions.guessed(token(session, 2), "other", NOW);
    }
    assertThat(confirm(session, 2, false, NOW)).isPresent();
    assertThat(sessions.lineage(session.sid()).orElseThrow().isConfirmedExactly())
        .isFalse();
    for (int i = 0; i < Limits.GUESSES_BEFORE_HIGH; i++) {
      sessions.guessed(token(session, 3), "other", NOW);
    }
    assertThat(confirm(session, 3, false, NOW)).isEmpty();
    assertThat(confirm(session, 3, true, NOW)).isPresent();
    assertThat(confirm(session, 4, false, NOW)).isPresent();
  }

  @Test
  void the_last_of_many_guesses_revokes_the_session_once() {
    Session session = created();
    for (int i = 1; i < Limits.GUESSES_BEFORE_REVOCATION; i++) {
      assertThat(sessions.guessed(token(session, 1), "other", NOW)).isFalse();
    }
    assertThat(sessions.guessed(token(session, 1), "other", NOW.plusSeconds(1))).isTrue();
    assertThat(sessions.guessed(token(session, 1), "other", NOW.plusSeconds(2))).isTrue();
    assertThat(found(session).revoked().orElseThrow().at()).isEqualTo(NOW.plusSeconds(1));
    assertThat(found(session).revoked().orElseThrow().why()).contains("50 times");
  }

  @Test
  void an_unknown_session_is_not_confirmed_revoked_or_counted() {
    Sid.Session unknown = Sid.Session.random(random);
    TokenGeneration token = new TokenGeneration(unknown, new Generation(2));
    assertThat(sessions.confirm(new FirstUse(token, NOW, false, true), NOW)).isEmpty();
    assertThat(sessions.guessed(token, "why", NOW)).isFalse();
    assertThat(sessions.revoke(unknown, "why", NOW)).isFalse();
    assertThat(sessions.refused(unknown, "why", NOW)).isFalse();
    assertThat(sessions.replayed(unknown, "why", NOW, true)).isFalse();
    assertThat(sessions.observed(unknown, "why", NOW)).isFalse();
    assertThat(sessions.newest(ALL, 10)).isEmpty();
  }

  @Test
  void nothing_is_confirmed_in_a_revoked_session() {
    Session session = created();
    assertThat(sessions.revoke(session.sid(), "the operator said so", NOW)).isTrue();
    assertThat(confirm(session, 2, NOW)).isEmpty();
    assertThat(found(session).generation().number()).isEqualTo(1);
  }

  @Test
  void nothing_is_confirmed_from_the_end_of_a_session_on() {
    Session session = created();
    assertThat(confirm(session, 2, session.expires())).isEmpty();
    assertThat(confirm(session, 2, session.expires().minusMillis(1))).isPresent();
  }

  @Test
  void a_session_is_revoked_once_and_keeps_the_first_reason() {
    Session session = created();
    assertThat(sessions.revoke(session.sid(), "first", NOW.plusSeconds(1))).isTrue();
    assertThat(sessions.revoke(session.sid(), "second", NOW.plusSeconds(2))).isFalse();
    assertThat(sessions.replayed(session.sid(), "third", NOW.plusSeconds(3), true))
        .isTrue();
    Session found = found(session);
    assertThat(found.revoked().orElseThrow().at()).isEqualTo(NOW.plusSeconds(1));
    assertThat(found.revoked().orElseThrow().why()).isEqualTo("first");
    assertThat(found.incidents().lastRefusal().orElseThrow().why()).isEqualTo("third");
  }

  @Test
  void refusals_replays_and_observed_differences_are_counted_separately() {
    Session session = created();
    sessions.refused(session.sid(), "expired", NOW.plusSeconds(1));
    sessions.replayed(session.sid(), "replayed", NOW.plusSeconds(2), false);
    sessions.observed(session.sid(), "why", NOW.plusSeconds(3));
    Session found = found(session);
    assertThat(found.incidents().refusals()).isEqualTo(2);
    assertThat(found.incidents().replays()).isEqualTo(1);
    assertThat(found.incidents().observed()).isEqualTo(1);
    assertThat(found.incidents().lastObserved()).contains("why");
    assertThat(found.incidents().lastRefusal().orElseThrow().at()).isEqualTo(NOW.plusSeconds(2));
    assertThat(found.incidents().lastRefusal().orElseThrow().why()).isEqualTo("replayed");
    assertThat(found.lastSeen()).isEqualTo(NOW.plusSeconds(3));
    assertThat(found.revoked()).isEmpty();
  }

  @Test
  void a_replay_revokes_the_session_if_asked_to() {
    Session session = created();
    sessions.replayed(session.sid(), "replayed", NOW.plusSeconds(2), true);
    Session found = found(session);
    assertThat(found.revoked().orElseThrow().at()).isEqualTo(NOW.plusSeconds(2));
    assertThat(found.revoked().orElseThrow().why()).isEqualTo("replayed");
    assertThat(confirm(session, 2, NOW.plusSeconds(3))).isEmpty();
  }

  @Test
  void a_change_of_one_session_affects_no_other() {
    Session mine = created();
    Session other = created();
    confirm(mine, 2, NOW);
    sessions.revoke(mine.sid(), "why", NOW);
    assertThat(found(other)).isEqualTo(other);
  }

  @Test
  void the_recorded_first_uses_are_bounded_and_stay_readable() {
    Session session = created();
    for (int generation = 2; generation <= 60; generation++) {
      assertThat(confirm(session, generation, NOW.plusSeconds(generation))).isPresent();
    }
    TokenLineage found = sessions.lineage(session.sid()).orElseThrow();
    assertThat(found.confirmations().text())
        .hasSizeLessThanOrEqualTo(Limits.CONFIRMATIONS_CHARACTERS);
    Instant now = NOW.plusSeconds(60);
    assertThat(found.status(new Generation(60), now)).isEqualTo(TokenLineage.Status.CURRENT);
    for (int generation = 40; generation < 60; generation++) {
      assertThat(found.status(new Generation(generation), now))
          .isEqualTo(TokenLineage.Status.GRACE);
    }
    assertThat(found.status(new Generation(1), now)).isEqualTo(TokenLineage.Status.REPLAYED);
  }

  @Test
  void the_newest_sessions_are_listed_first_up_to_the_limit() {
    List<Session> made = IntStream.range(0, 5)
        .mapToObj(i -> session(NOW.plusSeconds(i)))
        .peek(sessions::create)
        .toList();
    assertThat(sessions.newest(ALL, 3))
        .containsExactlyElementsOf(made.reversed().subList(0, 3));
    assertThat(sessions.newest(ALL, 100)).hasSize(5);
    assertThat(sessions.newest(
            new Sessions.Scope.OfConversation(made.get(2).owner().conversation()), 100))
        .containsExactly(made.get(2));
  }

  @Test
  void only_sessions_that_ended_before_are_deleted_up_to_the_limit() {
    List<Session> made = IntStream.range(0, 5)
        .mapToObj(i -> session(NOW.plusSeconds(i)))
        .peek(sessions::create)
        .toList();
    Instant before = made.get(3).expires();
    assertThat(sessions.sweep(before, 2)).isEqualTo(2);
    assertThat(sessions.find(made.get(0).sid())).isEmpty();
    assertThat(sessions.find(made.get(1).sid())).isEmpty();
    assertThat(sessions.sweep(before, 2)).isEqualTo(1);
    assertThat(sessions.sweep(before, 2)).isZero();
    assertThat(sessions.newest(ALL, 10)).containsExactly(made.get(4), made.get(3));
  }

  @Test
  void of_fifty_calls_that_confirm_one_generation_at_once_one_succeeds() {
    Session session = created();
    List<Boolean> confirmed = AtOnce.run(50, i -> confirm(session, 2, NOW).isPresent());
    assertThat(confirmed).containsOnlyOnce(true);
    assertThat(found(session).confirmations().text()).isEqualTo(entry(2, NOW) + entry(1, NOW));
  }

  @Test
  void two_concurrent_confirmations_of_different_generations_leave_the_newer_one() {
    for (int round = 0; round < 20; round++) {
      Session session = created();
      List<Boolean> confirmed = AtOnce.run(2, i -> confirm(session, 2 + i, NOW).isPresent());
      assertThat(confirmed.get(1)).isTrue();
      Session found = found(session);
      assertThat(found.generation().number()).isEqualTo(3);
      assertThat(found.confirmations().text())
          .isEqualTo(entry(3, NOW) + (confirmed.get(0) ? entry(2, NOW) : "") + entry(1, NOW));
    }
  }

  @Test
  void a_concurrent_revocation_is_never_undone_by_a_confirmation() {
    for (int round = 0; round < 20; round++) {
      Session session = created();
      List<Boolean> done = AtOnce.run(
          2,
          i -> i == 0
              ? sessions.revoke(session.sid(), "why", NOW)
              : confirm(session, 2, NOW).isPresent());
      assertThat(done.get(0)).isTrue();
      assertThat(found(session).revoked().orElseThrow().at()).isEqualTo(NOW);
      assertThat(found(session).generation().number()).isEqualTo(done.get(1) ? 2 : 1);
    }
  }

  @Test
  void of_two_concurrent_revocations_one_succeeds() {
    Session session = created();
    List<Boolean> done =
        AtOnce.run(20, i -> sessions.revoke(session.sid(), "author " + i, NOW.plusSeconds(i)));
    assertThat(done).containsOnlyOnce(true);
    int author = done.indexOf(true);
    assertThat(found(session).revoked().orElseThrow().why()).isEqualTo("author " + author);
    assertThat(found(session).revoked().orElseThrow().at()).isEqualTo(NOW.plusSeconds(author));
  }

  @Test
  void concurrent_counts_are_not_lost() {
    Session session = created();
    AtOnce.run(60, i -> switch (i % 3) {
      case 0 -> sessions.refused(session.sid(), "refused", NOW);
      case 1 -> sessions.replayed(session.sid(), "replayed", NOW, false);
      default -> sessions.observed(session.sid(), "why", NOW);
    });
    Session found = found(session);
    assertThat(found.incidents().refusals()).isEqualTo(40);
    assertThat(found.incidents().replays()).isEqualTo(20);
    assertThat(found.incidents().observed()).isEqualTo(20);
  }

  @Test
  void acknowledged_changes_survive_a_crash() {
    Session session = created();
    confirm(session, 2, NOW.plusSeconds(1));
    sessions.revoke(session.sid(), "why", NOW.plusSeconds(2));
    // A crash closes nothing.
    try (Database afterwards = open()) {
      Session found = new SqlSessions(afterwards).find(session.sid()).orElseThrow();
      assertThat(found.generation().number()).isEqualTo(2);
      assertThat(found.revoked().orElseThrow().at()).isEqualTo(NOW.plusSeconds(2));
    }
  }

  @Test
  void a_change_that_fails_half_way_leaves_nothing() {
    Session session = created();
    assertThatThrownBy(() -> database.write(sql -> {
          sql.update(
              "UPDATE guest_session SET generation = 9 WHERE sid = ?",
              session.sid().text());
          throw new IllegalArgumentException("the crash");
        }))
        .hasMessage("the crash");
    assertThat(found(session)).isEqualTo(session);
    database.close();
    database = open();
    sessions = new SqlSessions(database);
    assertThat(found(session)).isEqualTo(session);
    assertThat(confirm(session, 2, NOW)).isPresent();
  }

  @Test
  void two_nodes_over_one_store_confirm_a_generation_once() {
    Session session = created();
    try (Database other = open()) {
      Sessions elsewhere = new SqlSessions(other);
      List<Boolean> confirmed = AtOnce.run(
          10,
          i -> (i % 2 == 0 ? sessions : elsewhere)
              .confirm(new FirstUse(token(session, 2), NOW, false, true), NOW)
              .isPresent());
      assertThat(confirmed).containsOnlyOnce(true);
      assertThat(elsewhere.find(session.sid())).isEqualTo(sessions.find(session.sid()));
    }
  }

  @Test
  void refusals_of_an_account_are_listed_from_the_latest() {
    Session early = created();
    Session late = created();
    created();
    sessions.refused(early.sid(), "why", NOW.plusSeconds(1));
    sessions.replayed(late.sid(), "why", NOW.plusSeconds(2), false);
    RefusedToken first = new RefusedToken(early.owner().conversation(), NOW.plusSeconds(1));
    RefusedToken second = new RefusedToken(late.owner().conversation(), NOW.plusSeconds(2));
    assertThat(refusedSince(early, NOW, 10)).contains(first);
    assertThat(refusedSince(late, NOW, 10)).contains(second);
    assertThat(refusedSince(late, NOW.plusSeconds(2), 10)).isEmpty();
    assertThat(refusedSince(late, NOW, 1)).containsExactly(second);
    assertThat(sessions.refusedSince(Sid.Account.random(new SecureRandom()), NOW, 10))
        .isEmpty();
  }

  private List<RefusedToken> refusedSince(Session session, Instant since, int limit) {
    return sessions.refusedSince(session.owner().account(), since, limit);
  }

  @Test
  void the_revocations_after_one_are_listed_in_order() {
    Session early = created();
    Session late = created();
    created();
    sessions.revoke(early.sid(), "why", NOW.plusSeconds(1));
    sessions.replayed(late.sid(), "why", NOW.plusSeconds(2), true);
    Revocation first = new Revocation(NOW.plusSeconds(1), early.sid(), true);
    Revocation second = new Revocation(NOW.plusSeconds(2), late.sid(), true);
    assertThat(sessions.revokedAfter(Revocation.before(NOW), 10)).containsExactly(first, second);
    assertThat(sessions.revokedAfter(Revocation.before(NOW), 1)).containsExactly(first);
    assertThat(sessions.revokedAfter(Revocation.before(second.at()), 10)).containsExactly(second);
    assertThat(sessions.revokedAfter(first, 10)).containsExactly(second);
    assertThat(sessions.revokedAfter(second, 10)).isEmpty();
  }

  @Test
  void revocations_of_one_instant_are_listed_page_by_page_without_a_gap() {
    for (int i = 0; i < 5; i++) {
      sessions.revoke(created().sid(), "why", NOW);
    }
    List<Revocation> parts = new ArrayList<>();
    Revocation last = Revocation.before(NOW);
    List<Revocation> part = sessions.revokedAfter(last, 2);
    while (!part.isEmpty()) {
      parts.addAll(part);
      last = part.getLast();
      part = sessions.revokedAfter(last, 2);
    }
    assertThat(parts).hasSize(5).isEqualTo(sessions.revokedAfter(Revocation.before(NOW), 10));
  }

  @Test
  void the_sessions_of_conversations_are_found() {
    Session one = created();
    Session two = created();
    assertThat(sessions.of(List.of(
            two.owner().conversation(),
            Sid.Conversation.random(random),
            one.owner().conversation())))
        .containsExactly(two, one);
    assertThat(sessions.of(List.of())).isEmpty();
  }

  @Test
  void every_session_of_a_conversation_is_revoked_and_no_other() {
    Session one = created();
    Session two = session(NOW, one.owner().deployment(), one.owner().conversation());
    sessions.create(two);
    Session revoked = session(NOW, one.owner().deployment(), one.owner().conversation());
    sessions.create(revoked);
    sessions.revoke(revoked.sid(), "before", NOW);
    Session before = created();
    sessions.revoke(before.sid(), "before", NOW);
    Session other = created();
    assertThat(sessions.revokeAllOf(one.owner().conversation(), "erased", NOW.plusSeconds(1)))
        .isEqualTo(2);
    assertThat(sessions.revokeAllOf(one.owner().conversation(), "again", NOW.plusSeconds(2)))
        .isZero();
    assertThat(List.of(found(one), found(two)))
        .allSatisfy(
            session -> assertThat(session.revoked().orElseThrow().why()).isEqualTo("erased"));
    assertThat(found(revoked).revoked().orElseThrow().why()).isEqualTo("before");
    assertThat(found(before).revoked().orElseThrow().why()).isEqualTo("before");
    assertThat(found(before).expires()).isEqualTo(before.expires());
    assertThat(found(other)).isEqualTo(other);
    assertThat(List.of(found(one), found(two), found(revoked)))
        .as("their records are deleted soon")
        .allSatisfy(session -> assertThat(session.expires()).isEqualTo(NOW.plusSeconds(1)));
  }

  @Test
  void a_session_that_has_ended_does_not_end_later_when_its_conversation_is_erased() {
    Session session = created();
    Instant late = session.expires().plusSeconds(1);
    assertThat(sessions.revokeAllOf(session.owner().conversation(), "erased", late))
        .isEqualTo(1);
    assertThat(found(session).expires()).isEqualTo(session.expires());
  }

  @Test
  void the_live_sessions_of_a_deployment_or_an_account_are_revoked_in_batches() {
    Session first = created();
    for (int i = 0; i < 4; i++) {
      sessions.create(session(NOW, first.owner().deployment(), Sid.Conversation.random(random)));
    }
    sessions.revoke(first.sid(), "before", NOW);
    Session other = created();
    var deployment = new Sessions.Scope.OfDeployment(first.owner().deployment());
    var account = new Sessions.Scope.OfAccount(other.owner().account());
    assertThat(sessions.countLive(deployment, NOW)).isEqualTo(4);
    assertThat(sessions.countLive(deployment, NOW.plus(TTL))).isZero();
    assertThat(sessions.revokeLive(deployment, "ended", NOW.plus(TTL), 3)).isZero();
    assertThat(sessions.revokeLive(deployment, "ended", NOW, 3)).isEqualTo(3);
    assertThat(sessions.revokeLive(deployment, "ended", NOW, 3)).isEqualTo(1);
    assertThat(sessions.revokeLive(deployment, "ended", NOW, 3)).isZero();
    assertThat(found(first).revoked().orElseThrow().why()).isEqualTo("before");
    assertThat(found(other)).isEqualTo(other);
    assertThat(sessions.countLive(ALL, NOW)).isEqualTo(1);
    assertThat(sessions.revokeLive(account, "ended", NOW, 3)).isEqualTo(1);
    assertThat(sessions.countLive(ALL, NOW)).isZero();
  }

  @Test
  void the_live_sessions_of_a_deployment_are_found_by_an_index_of_them_alone() throws SQLException {
    for (String statement : List.of(
        SqlSessions.countLive(SqlSessions.OF_DEPLOYMENT),
        SqlSessions.revokeLive(SqlSessions.OF_DEPLOYMENT))) {
      assertThat(plan(statement))
          .as(statement)
          .anyMatch(line -> line.contains("guest_session_live_by_deployment"))
          .noneMatch(line -> line.contains(wholeTable()));
    }
  }

  @Test
  void a_page_reads_one_index_in_its_order_and_neither_the_whole_table_nor_all_live_sessions()
      throws SQLException {
    List<String> statements = new ArrayList<>(List.of(SqlSessionPages.END_OF_STRETCH));
    for (SessionQuery.State state : SessionQuery.State.values()) {
      for (SessionQuery.Binding binding : SessionQuery.Binding.values()) {
        statements.add(SqlSessionPages.statement(state, binding));
      }
    }
    for (String statement : statements) {
      assertThat(plan(statement))
          .as(statement)
          .anyMatch(line -> line.contains("guest_session_by_deployment"))
          .noneMatch(line -> line.contains("live_by_deployment"))
          .noneMatch(line -> line.toLowerCase(Locale.ROOT).contains("b-tree for order"))
          .noneMatch(line -> line.toLowerCase(Locale.ROOT).contains("sort"))
          .noneMatch(line -> line.contains(wholeTable()));
    }
  }

  @Test
  void pages_have_the_sessions_of_a_deployment_that_fit_newest_first() {
    Sid.Deployment deployment = Sid.Deployment.random(random);
    List<Session> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      Session one = session(NOW.plusSeconds(i / 2), deployment, Sid.Conversation.random(random));
      sessions.create(one);
      all.add(one);
    }
    created(); // of another deployment
    sessions.revoke(all.get(1).sid(), "ended", NOW);
    sessions.refused(all.get(4).sid(), "expired", NOW);
    assertThat(pages(deployment, SessionQuery.State.ALL, SessionQuery.Binding.ANY, NOW))
        .containsExactlyInAnyOrderElementsOf(sids(all))
        .isSortedAccordingTo(Comparator.comparing(
                (Sid.Session sid) -> sessions.find(sid).orElseThrow().created())
            .thenComparing(Sid::text)
            .reversed());
    assertThat(pages(deployment, SessionQuery.State.REVOKED, SessionQuery.Binding.ANY, NOW))
        .containsExactly(all.get(1).sid());
    assertThat(pages(deployment, SessionQuery.State.REFUSED, SessionQuery.Binding.ANY, NOW))
        .containsExactly(all.get(4).sid());
    assertThat(pages(deployment, SessionQuery.State.LIVE, SessionQuery.Binding.ANY, NOW))
        .hasSize(6)
        .doesNotContain(all.get(1).sid());
    assertThat(pages(
            deployment,
            SessionQuery.State.LIVE,
            SessionQuery.Binding.ANY,
            NOW.plus(TTL).plusSeconds(9)))
        .isEmpty();
    assertThat(pages(deployment, SessionQuery.State.ALL, SessionQuery.Binding.UNBOUND, NOW))
        .hasSize(7);
    assertThat(pages(deployment, SessionQuery.State.ALL, SessionQuery.Binding.BOUND, NOW))
        .isEmpty();
  }

  private static List<Sid.Session> sids(List<Session> all) {
    return all.stream().map(Session::sid).toList();
  }

  /** All pages of two sessions, one after the other. */
  private List<Sid.Session> pages(
      Sid.Deployment deployment,
      SessionQuery.State state,
      SessionQuery.Binding binding,
      Instant now) {
    SqlSessionPages pages = new SqlSessionPages(database);
    List<Sid.Session> found = new ArrayList<>();
    Optional<SessionQuery.Place> place = Optional.empty();
    do {
      SessionPage page = pages.page(
          new SessionQuery(deployment, state, binding, place, 2, Sid.Account.random(random)), now);
      found.addAll(sids(page.sessions()));
      place = page.next();
    } while (place.isPresent());
    return found;
  }

  @Test
  void a_page_looks_at_a_bounded_number_of_sessions_and_says_where_to_go_on() {
    Sid.Deployment deployment = Sid.Deployment.random(random);
    Session oldest = session(NOW.minusSeconds(9), deployment, Sid.Conversation.random(random));
    sessions.create(oldest);
    sessions.revoke(oldest.sid(), "ended", NOW);
    database.write(sql -> sql.update(
        """
        WITH RECURSIVE numbers (n) AS (
          SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
        INSERT INTO guest_session (sid, account_sid, deployment_key, identity, conversation_sid,
          generation, confirmations, created_at, expires_at, last_seen_at)
        SELECT 'GS' || substr('%s', 1, 32 - length(CAST(n AS TEXT))) || n, account_sid,
          deployment_key, identity, conversation_sid, generation, confirmations, created_at + n,
          expires_at, last_seen_at
        FROM guest_session, numbers WHERE sid = ?
        """.formatted("0".repeat(32)), Limits.SESSIONS_LOOKED_AT, oldest.sid().text()));
    SqlSessionPages pages = new SqlSessionPages(database);
    SessionPage first = pages.page(revoked(deployment, Optional.empty()), NOW);
    assertThat(first.sessions()).isEmpty();
    assertThat(first.next()).isPresent();
    SessionPage second = pages.page(revoked(deployment, first.next()), NOW);
    assertThat(sids(second.sessions())).containsExactly(oldest.sid());
    assertThat(second.next()).isEmpty();
  }

  private static SessionQuery revoked(
      Sid.Deployment deployment, Optional<SessionQuery.Place> before) {
    return new SessionQuery(
        deployment,
        SessionQuery.State.REVOKED,
        SessionQuery.Binding.ANY,
        before,
        2,
        Sid.Account.random(random));
  }

  private List<String> plan(String statement) throws SQLException {
    String explained = statement
        .replace("(?, ?)", "(1, 'a')")
        .replace("deployment_key = ?", "deployment_key = 'a'")
        .replace("revoked_why = ?", "revoked_why = 'a'")
        .replace("?", "1");
    try (Connection connection = connection()) {
      return QueryPlans.explain(connection, explained);
    }
  }

  @Test
  void the_sessions_of_a_deployment_are_listed_even_if_many_others_are_newer() {
    Session old = session(NOW.minusSeconds(60));
    sessions.create(old);
    for (int i = 0; i < 10; i++) {
      created();
    }
    assertThat(sessions.newest(new Sessions.Scope.OfDeployment(old.owner().deployment()), 5))
        .containsExactly(old);
  }

  @Test
  void a_replay_is_listed_among_the_revocations_until_its_session_is_revoked() {
    Session one = created();
    Session two = created();
    sessions.replayed(one.sid(), "replayed", NOW.plusSeconds(1), false);
    sessions.revoke(two.sid(), "why", NOW.plusSeconds(2));
    Revocation replay = new Revocation(NOW.plusSeconds(1), one.sid(), false);
    Revocation revocation = new Revocation(NOW.plusSeconds(2), two.sid(), true);
    assertThat(sessions.revokedAfter(Revocation.before(NOW), 10))
        .containsExactly(replay, revocation);
    assertThat(sessions.revokedAfter(replay, 10)).containsExactly(revocation);
    sessions.revoke(one.sid(), "why", NOW.plusSeconds(3));
    assertThat(sessions.revokedAfter(Revocation.before(NOW), 10))
        .containsExactly(revocation, new Revocation(NOW.plusSeconds(3), one.sid(), true));
  }

  @Test
  void the_lineages_of_several_sessions_are_read_at_once() {
    List<Session> made = IntStream.range(0, 250).mapToObj(_ -> created()).toList();
    List<Sid.Session> sids = new ArrayList<>(made.stream().map(Session::sid).toList());
    sids.add(Sid.Session.random(random));
    assertThat(sessions.lineages(sids)).hasSize(250);
    Session last = made.getLast();
    assertThat(sessions.lineages(List.of(last.sid())))
        .containsOnly(Map.entry(last.sid(), sessions.lineage(last.sid()).orElseThrow()));
    assertThat(sessions.lineages(List.of())).isEmpty();
  }

  // ---- sessions that are bound to a key

  private static final Duration IDLE = Duration.ofDays(14);
  private static final Duration MONTH = Duration.ofDays(30);

  @Test
  void a_bound_session_is_found_as_it_was_created() {
    Session session = bound(IDLE);
    assertThat(sessions.find(session.sid())).contains(session);
    assertThat(session.expires()).isEqualTo(idleEnd(NOW));
    assertThat(session.bound()).contains(new Session.Bound(IDLE, NOW.plus(MONTH)));
    assertThat(sessions.lineage(session.sid()).orElseThrow().isBound()).isTrue();
    assertThat(sessions.lineages(List.of(session.sid())))
        .containsEntry(session.sid(), sessions.lineage(session.sid()).orElseThrow());
    assertThat(found(bound(MONTH.plusDays(1))).expires()).isEqualTo(NOW.plus(MONTH));
  }

  @Test
  void each_new_token_that_is_used_moves_the_end_of_a_bound_session_up_to_its_absolute_end() {
    Session session = bound(IDLE);
    Instant later = NOW.plus(Duration.ofDays(10));
    assertThat(confirm(session, 2, later)).contains(idleEnd(later));
    assertThat(found(session).expires()).isEqualTo(idleEnd(later));
    Instant last = NOW.plus(Duration.ofDays(20));
    assertThat(confirm(session, 3, last)).contains(NOW.plus(MONTH));
    assertThat(found(session).expires()).isEqualTo(NOW.plus(MONTH));
    assertThat(found(session).bound()).isEqualTo(session.bound());
    assertThat(confirm(session, 4, NOW.plus(MONTH))).isEmpty();
  }

  /** Because two indexes have it. */
  @Test
  void the_end_of_a_bound_session_moves_in_steps_and_is_never_too_early() {
    Session session = bound(IDLE);
    Duration step = IDLE.dividedBy(Limits.IDLE_TTL_STEPS);
    assertThat(confirm(session, 2, NOW.plus(step))).contains(idleEnd(NOW));
    Instant later = NOW.plus(step).plusMillis(1);
    FirstUse use = new FirstUse(token(session, 3), later, true, true);
    assertThat(sessions.confirmUnlessEndMoves(use, later)).isEmpty();
    assertThat(confirm(session, 3, later)).contains(idleEnd(later));
    assertThat(confirm(session, 3, later)).isEmpty();
    assertThat(found(session).expires()).isEqualTo(later.plus(IDLE).plus(step));
  }

  @Test
  void a_clock_that_was_set_back_does_not_shorten_a_bound_session() {
    Session session = bound(IDLE);
    assertThat(confirm(session, 2, NOW.minus(Duration.ofDays(20)))).contains(idleEnd(NOW));
    assertThat(found(session).expires()).isEqualTo(idleEnd(NOW));
  }

  @Test
  void a_use_after_the_clock_was_set_back_supersedes_what_was_used_before() {
    for (Session session : List.of(created(), bound(IDLE))) {
      Instant back = NOW.minus(Duration.ofDays(365));
      assertThat(confirm(session, 2, NOW)).isPresent();
      assertThat(confirm(session, 3, back)).isPresent();
      TokenLineage lineage = sessions.lineage(session.sid()).orElseThrow();
      Instant late = back.plus(Limits.GENERATION_GRACE);
      assertThat(lineage.status(new Generation(3), back)).isEqualTo(TokenLineage.Status.CURRENT);
      assertThat(lineage.status(new Generation(2), back)).isEqualTo(TokenLineage.Status.GRACE);
      assertThat(lineage.status(new Generation(2), late)).isEqualTo(TokenLineage.Status.REPLAYED);
    }
  }

  /** The node at which it is used is ten minutes behind the one that issued it. */
  @Test
  void a_first_use_is_recorded_as_not_earlier_than_the_issue_and_moves_the_end_by_the_clock() {
    for (Session session : List.of(created(), bound(IDLE))) {
      Instant issued = NOW.plus(Duration.ofMinutes(10));
      assertThat(confirm(session, 2, issued, true, NOW)).contains(session.expires());
      TokenLineage lineage = sessions.lineage(session.sid()).orElseThrow();
      Instant late = issued.plus(Limits.GENERATION_GRACE);
      assertThat(lineage.status(Generation.FIRST, issued)).isEqualTo(TokenLineage.Status.GRACE);
      assertThat(lineage.status(Generation.FIRST, late.minusMillis(1)))
          .isEqualTo(TokenLineage.Status.GRACE);
      assertThat(lineage.status(Generation.FIRST, late)).isEqualTo(TokenLineage.Status.REPLAYED);
      assertThat(found(session).lastSeen()).isEqualTo(NOW);

      Instant used = issued.plusSeconds(30);
      assertThat(confirm(session, 3, issued, true, used)).isPresent();
      assertThat(found(session).confirmations().supersededAt(new Generation(2))).contains(used);
    }
  }

  @Test
  void a_new_token_does_not_move_the_end_of_a_session_without_a_key() {
    Session session = created();
    assertThat(confirm(session, 2, NOW.plusSeconds(10))).contains(session.expires());
    assertThat(found(session).expires()).isEqualTo(session.expires());
    assertThat(found(session).bound()).isEmpty();
  }

  @Test
  void a_token_without_a_key_is_not_confirmed_in_a_bound_session_nor_the_reverse() {
    Session bound = bound(IDLE);
    Session unbound = created();
    assertThat(confirmAs(false, bound, NOW)).isEmpty();
    assertThat(confirmAs(true, unbound, NOW)).isEmpty();
    assertThat(found(bound)).isEqualTo(bound);
    assertThat(found(unbound)).isEqualTo(unbound);
    assertThat(confirmAs(true, bound, NOW)).isPresent();
    assertThat(confirmAs(false, unbound, NOW)).isPresent();
  }

  @Test
  void a_bound_session_that_was_not_used_is_over_and_deleted_and_one_that_was_used_is_neither() {
    Session unused = bound(IDLE);
    Session used = bound(IDLE);
    confirm(used, 2, NOW.plus(Duration.ofDays(1)));
    Instant end = idleEnd(NOW);
    assertThat(sessions.countLive(ALL, end)).isEqualTo(1);
    assertThat(sessions.lineage(unused.sid()).orElseThrow().isLive(end)).isFalse();
    assertThat(sessions.lineage(used.sid()).orElseThrow().isLive(end)).isTrue();
    assertThat(sessions.sweep(end.plusMillis(1), 10)).isEqualTo(1);
    assertThat(sessions.find(unused.sid())).isEmpty();
    assertThat(sessions.find(used.sid())).isPresent();
  }

  @Test
  void a_replay_by_the_browser_that_holds_the_key_is_counted_and_not_as_a_refusal() {
    Session session = bound(IDLE);
    assertThat(sessions.provenReplay(session.sid(), NOW.plusSeconds(5))).isTrue();
    Session found = found(session);
    assertThat(found.incidents().replays()).isEqualTo(1);
    assertThat(found.incidents().refusals()).isZero();
    assertThat(found.incidents().lastRefusal()).isEmpty();
    assertThat(found.lastSeen()).isEqualTo(NOW.plusSeconds(5));
    assertThat(sessions.revokedAfter(Revocation.before(NOW), 10)).isEmpty();
  }

  private static Instant idleEnd(Instant used) {
    return used.plus(IDLE).plus(IDLE.dividedBy(Limits.IDLE_TTL_STEPS));
  }

  private Session bound(Duration idleTtl) {
    NewSession wanted = new NewSession(
        Sid.Session.random(random),
        new SessionOwner(
            Sid.Account.random(random),
            Sid.Deployment.random(random),
            new Identity("guest_1"),
            Sid.Conversation.random(random)),
        Guest.GRANTS,
        TestScopedAuth.HOME,
        Optional.of(new BindingRequest("unused", idleTtl)),
        TTL,
        MONTH);
    Session session = Session.opened(wanted, NOW);
    sessions.create(session);
    return session;
  }

  private Optional<Instant> confirm(Session session, long generation, Instant now) {
    return confirm(session, generation, true, now);
  }

  private Optional<Instant> confirm(
      Session session, long generation, boolean isExact, Instant now) {
    return confirm(session, generation, now, isExact, now);
  }

  private Optional<Instant> confirm(
      Session session, long generation, Instant issued, boolean isExact, Instant now) {
    TokenGeneration token = token(session, generation);
    return sessions.confirm(new FirstUse(token, issued, session.bound().isPresent(), isExact), now);
  }

  private static TokenGeneration token(Session session, long generation) {
    return new TokenGeneration(session.sid(), new Generation(generation));
  }

  private Optional<Instant> confirmAs(boolean bound, Session session, Instant now) {
    return sessions.confirm(new FirstUse(token(session, 2), now, bound, true), now);
  }

  private static String entry(long generation, Instant firstUse) {
    return Confirmations.of(new Generation(generation), firstUse).text();
  }

  private Session created() {
    Session session = session(NOW);
    sessions.create(session);
    return session;
  }

  private Session found(Session session) {
    return sessions.find(session.sid()).orElseThrow();
  }

  private static Session session(Instant created) {
    return session(created, Sid.Deployment.random(random), Sid.Conversation.random(random));
  }

  private static Session session(
      Instant created, Sid.Deployment deployment, Sid.Conversation conversation) {
    SessionOwner owner = new SessionOwner(
        Sid.Account.random(random), deployment, new Identity("guest_1"), conversation);
    return TestGuests.session(Sid.Session.random(random), owner, created);
  }
}
