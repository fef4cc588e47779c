package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of a store of votes on signals, for every database. */
abstract class SignalVotesContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Set<Signal> NONE = Set.of();
  private static final Set<Signal> BROWSER = Set.of(Signal.BROWSER);
  private static final SecureRandom random = new SecureRandom();

  private final Sid.Deployment deployment = Sid.Deployment.random(random);
  private Database database;
  private SignalVotes votes;

  /** Opens the same database each time, even if it is open already. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    votes = new SqlSignalVotes(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void votes_are_counted_for_each_signal_and_deployment() {
    Sid.Deployment other = Sid.Deployment.random(random);
    votes.store(List.of(
        vote(0, 7, NONE, NOW),
        vote(1, 7, BROWSER, NOW),
        vote(2, 7, Set.of(Signal.BROWSER, Signal.SYSTEM), NOW),
        new SignalVotes.Vote(other, 0, 7, BROWSER, NOW)));
    assertThat(votes.counts(deployment, NOW))
        .isEqualTo(new SignalCounts(3, Map.of(Signal.BROWSER, 2L, Signal.SYSTEM, 1L)));
  }

  @Test
  void a_vote_that_is_stored_again_counts_once() {
    votes.store(List.of(vote(0, 7, BROWSER, NOW)));
    votes.store(List.of(vote(0, 7, BROWSER, NOW)));
    assertThat(votes.counts(deployment, NOW)).isEqualTo(browser(1));
  }

  @Test
  void a_right_call_after_it_does_not_take_a_difference_back() {
    votes.store(List.of(vote(0, 7, BROWSER, NOW)));
    Instant later = NOW.plus(Limits.SIGNAL_VOTE_PRECISION).plusSeconds(1);
    votes.store(List.of(vote(0, 7, NONE, later)));
    assertThat(votes.counts(deployment, later)).isEqualTo(browser(1));
  }

  @Test
  void the_smallest_voter_has_the_slot() {
    votes.store(List.of(vote(0, 7, NONE, NOW)));
    votes.store(List.of(vote(0, 8, BROWSER, NOW)));
    assertThat(votes.counts(deployment, NOW)).isEqualTo(browser(0));
    votes.store(List.of(vote(0, 6, BROWSER, NOW)));
    assertThat(votes.counts(deployment, NOW)).isEqualTo(browser(1));
    votes.store(List.of(vote(0, 5, NONE, NOW)));
    assertThat(votes.counts(deployment, NOW)).isEqualTo(browser(0));
  }

  @Test
  void a_vote_lasts_for_a_day_and_then_another_voter_has_its_slot() {
    votes.store(List.of(vote(0, 7, BROWSER, NOW), vote(1, 7, NONE, NOW)));
    Instant last = NOW.plus(Limits.SIGNAL_WINDOW);
    assertThat(votes.counts(deployment, last).votes()).isEqualTo(2);
    assertThat(votes.counts(deployment, last.plusMillis(1)).votes()).isZero();
    votes.store(List.of(vote(0, 9, NONE, last.plusMillis(1))));
    assertThat(votes.counts(deployment, last.plusMillis(1))).isEqualTo(browser(0));
    assertThat(votes.counts(deployment, last.plusMillis(1)).votes()).isEqualTo(1);
  }

  @Test
  void a_difference_lasts_for_a_day_even_if_its_voter_calls_on() {
    votes.store(List.of(vote(0, 7, BROWSER, NOW)));
    Instant later = NOW.plus(Limits.SIGNAL_WINDOW).minusSeconds(1);
    votes.store(List.of(vote(0, 7, NONE, later)));
    assertThat(votes.counts(deployment, later)).isEqualTo(browser(1));
    assertThat(votes.counts(deployment, later.plusSeconds(2))).isEqualTo(browser(0));
  }

  @Test
  void votes_from_the_future_do_not_count_and_are_replaced() {
    votes.store(List.of(vote(0, 7, BROWSER, NOW.plus(Duration.ofDays(1)))));
    assertThat(votes.counts(deployment, NOW).votes()).isZero();
    votes.store(List.of(vote(0, 9, NONE, NOW)));
    assertThat(votes.counts(deployment, NOW).votes()).isEqualTo(1);
  }

  @Test
  void old_votes_are_deleted_in_batches() {
    for (int slot = 0; slot < 5; slot++) {
      votes.store(List.of(vote(slot, 7, NONE, NOW.plusSeconds(slot))));
    }
    assertThat(votes.sweep(NOW.plusSeconds(4), 3)).isEqualTo(3);
    assertThat(votes.sweep(NOW.plusSeconds(4), 3)).isEqualTo(1);
    assertThat(votes.counts(deployment, NOW).votes()).isEqualTo(1);
  }

  @Test
  void every_signal_decides_at_first() {
    assertThat(votes.state(deployment)).isEqualTo(SignalState.initial(deployment));
    assertThat(votes.observing(10)).isEmpty();
  }

  @Test
  void a_state_is_found_as_it_was_changed() {
    Set<Signal> both = Set.of(Signal.BROWSER, Signal.SYSTEM);
    assertThat(votes.change(votes.state(deployment), both, Optional.of(NOW))).isTrue();
    SignalState state = new SignalState(deployment, both, Optional.of(NOW), Set.of(), Set.of());
    assertThat(votes.state(deployment)).isEqualTo(state);
    assertThat(votes.observing(10)).containsExactly(state);
    assertThat(votes.change(state, Set.of(), Optional.empty())).isTrue();
    assertThat(votes.state(deployment)).isEqualTo(SignalState.initial(deployment));
    assertThat(votes.observing(10)).isEmpty();
  }

  @Test
  void of_several_nodes_that_change_a_state_one_does() {
    SignalState before = votes.state(deployment);
    List<Boolean> changed = AtOnce.run(
        8,
        i ->
            votes.change(before, i % 2 == 0 ? BROWSER : Set.of(Signal.LANGUAGE), Optional.of(NOW)));
    assertThat(changed).containsOnlyOnce(true);
  }

  @Test
  void a_rule_of_an_operator_replaces_the_decision_by_votes() {
    votes.change(votes.state(deployment), BROWSER, Optional.of(NOW));
    assertThat(votes.rule(deployment, Signal.BROWSER, SignalRule.DECIDE)).isTrue();
    SignalState decided = votes.state(deployment);
    assertThat(decided.observing()).isEmpty();
    assertThat(decided.since()).isEmpty();
    assertThat(decided.rule(Signal.BROWSER)).isEqualTo(SignalRule.DECIDE);
    assertThat(votes.rule(deployment, Signal.BROWSER, SignalRule.OBSERVE)).isTrue();
    assertThat(votes.state(deployment).rule(Signal.BROWSER)).isEqualTo(SignalRule.OBSERVE);
    assertThat(votes.observing(10))
        .singleElement()
        .satisfies(state -> assertThat(state.observing()).isEqualTo(BROWSER));
    assertThat(votes.rule(deployment, Signal.BROWSER, SignalRule.AUTO)).isTrue();
    assertThat(votes.state(deployment)).isEqualTo(SignalState.initial(deployment));
  }

  @Test
  void an_operators_rule_ends_a_change_that_was_decided_before_it() {
    SignalState before = votes.state(deployment);
    votes.rule(deployment, Signal.BROWSER, SignalRule.DECIDE);
    assertThat(votes.change(before, BROWSER, Optional.of(NOW))).isFalse();
  }

  @Test
  void an_operator_lets_only_signals_of_one_header_observe() {
    votes.change(votes.state(deployment), BROWSER, Optional.of(NOW));
    assertThat(votes.rule(deployment, Signal.LANGUAGE, SignalRule.OBSERVE)).isFalse();
    assertThat(votes.rule(deployment, Signal.SYSTEM, SignalRule.OBSERVE)).isTrue();
    assertThat(votes.rule(deployment, Signal.LANGUAGE, SignalRule.DECIDE)).isTrue();
    assertThat(votes.state(deployment).observing())
        .containsExactlyInAnyOrder(Signal.BROWSER, Signal.SYSTEM);
    votes.rule(deployment, Signal.BROWSER, SignalRule.DECIDE);
    votes.rule(deployment, Signal.SYSTEM, SignalRule.AUTO);
    assertThat(votes.rule(deployment, Signal.LANGUAGE, SignalRule.OBSERVE)).isTrue();
  }

  @Test
  void nothing_is_left_of_a_deployment_that_is_forgotten() {
    votes.store(List.of(vote(0, 7, BROWSER, NOW)));
    votes.change(votes.state(deployment), BROWSER, Optional.of(NOW));
    votes.delete(deployment);
    assertThat(votes.counts(deployment, NOW).votes()).isZero();
    assertThat(votes.state(deployment)).isEqualTo(SignalState.initial(deployment));
  }

  private SignalVotes.Vote vote(long slot, long voter, Set<Signal> differing, Instant at) {
    return new SignalVotes.Vote(deployment, slot, voter, differing, at);
  }

  private static SignalCounts browser(long differing) {
    return new SignalCounts(1, differing == 0 ? Map.of() : Map.of(Signal.BROWSER, differing));
  }
}
