package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.store.InMemoryDatabase;

/**
 * A signal that differs in calls from too many networks only observes. Each guest of these
 * tests has a network of their own, unless the test says otherwise.
 */
class SignalBudgetTest extends WithScopedAuth {
  /** As after the release of a browser that calls itself by another name. */
  private static final Fingerprint RENAMED =
      TestScopedAuth.fingerprint(Sensitivity.MEDIUM, Signal.BROWSER, Signal.USER_AGENT);

  private static final Fingerprint WITHOUT_SETTINGS = TestScopedAuth.fingerprint(
      Sensitivity.MEDIUM, Signal.LANGUAGE, Signal.COOKIES, Signal.TIME_ZONE);

  private int guests;

  /** Tens of thousands of votes would wait for a disk. */
  @Override
  @BeforeEach
  void open() {
    sas = new TestScopedAuth(new InMemoryDatabase(SqlSessions.SCHEMA));
  }

  @Test
  void a_signal_that_differs_for_twenty_guests_only_observes() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES - 1, RENAMED);
    assertThat(observing()).isEmpty();
    guestsReturn(1, RENAMED);
    assertThat(observing()).containsExactly(Signal.BROWSER);
    assertThat(sas.validate(sas.start(), RENAMED)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void the_ledger_the_log_and_a_number_say_that_a_signal_observes_and_that_it_decides_again() {
    List<ILoggingEvent> lines = TestScopedAuth.logged(() -> {
      guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
      assertThat(sas.budget.deploymentsObserving()).isEqualTo(1);
      sas.clock.pass(Limits.MIN_SIGNAL_OBSERVING.plus(Limits.SIGNAL_RETURNS_CHECK));
      sas.budget.update();
      assertThat(sas.budget.deploymentsObserving()).isZero();
    });
    assertThat(ofSignals(sas.notes))
        .containsExactly(
            ofSignal(LedgerNote.SIGNAL_OBSERVES, "differed in too many networks"),
            ofSignal(LedgerNote.SIGNAL_DECIDES, "differs in few networks again"));
    assertThat(lines)
        .filteredOn(line -> line.getLevel() == Level.WARN)
        .extracting(line -> line.getKeyValuePairs().getFirst().value)
        .containsExactly("signal-observes", "signal-decides");
  }

  private static List<LedgerNote> ofSignals(List<LedgerNote> notes) {
    return notes.stream().filter(note -> note.event().startsWith("signal-")).toList();
  }

  private LedgerNote ofSignal(String event, String cause) {
    return LedgerNote.of(event, cause)
        .ofGuest(Optional.empty(), Optional.of(sas.audience.deployment()))
        .differingIn(List.of("browser"));
  }

  @Test
  void a_call_that_is_right_is_a_vote_against() {
    returns(sas.start(), TestScopedAuth.HOME, network(0));
    sas.budget.update();
    assertThat(counts()).isEqualTo(new SignalCounts(1, Map.of()));
  }

  @Test
  void a_guest_who_was_thrown_out_and_begins_anew_does_not_take_the_vote_back() {
    returns(sas.start(), RENAMED, network(0));
    sas.budget.update();
    returns(sas.start(RENAMED), RENAMED, network(0));
    sas.budget.update();
    assertThat(counts()).isEqualTo(new SignalCounts(1, Map.of(Signal.BROWSER, 1L)));
  }

  @Test
  void all_signals_of_a_header_that_a_proxy_removes_observe() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, WITHOUT_SETTINGS);
    assertThat(observing())
        .containsExactlyInAnyOrder(Signal.LANGUAGE, Signal.COOKIES, Signal.TIME_ZONE);
    assertThat(sas.validate(sas.start(), WITHOUT_SETTINGS)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_signal_that_differs_for_less_than_one_guest_in_fifty_decides() {
    unchangedGuests(Limits.SIGNAL_DIFFERENCES * Limits.SIGNAL_SHARE);
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    assertThat(observing()).isEmpty();
    guestsReturn(1, RENAMED);
    assertThat(observing()).containsExactly(Signal.BROWSER);
  }

  @Test
  void a_thief_with_ten_thousand_sessions_in_one_network_changes_nothing() {
    NetworkDigest network = network(1);
    for (int i = 0; i < 10_000; i++) {
      vote(network, Set.of(Signal.BROWSER, Signal.SYSTEM));
      if (i % 1_000 == 0) {
        sas.budget.update();
      }
    }
    sas.budget.update();
    assertThat(counts()).isEqualTo(new SignalCounts(1, counts().differing()));
    assertThat(observing()).isEmpty();
  }

  /** ADR 0044 says this honestly. */
  @Test
  void a_thief_with_a_hundred_networks_switches_a_signal_off_if_there_are_few_guests() {
    unchangedGuests(1_000);
    for (int i = 0; i < 100; i++) {
      vote(network(10_000 + i), Set.of(Signal.BROWSER));
    }
    sas.budget.update();
    assertThat(observing()).containsExactly(Signal.BROWSER);
  }

  @Test
  void the_votes_are_a_sample_in_which_a_share_stays_what_it_is() {
    for (int i = 0; i < 40_000; i++) {
      vote(network(i), i % 100 == 0 ? Set.of(Signal.SYSTEM) : Set.of());
      if (i % 1_000 == 999) {
        sas.budget.update();
      }
    }
    assertThat(counts().votes()).isEqualTo(Limits.SIGNAL_VOTES);
    assertThat(counts().differing(Signal.SYSTEM)).isBetween(1L, 39L);
    assertThat(observing()).isEmpty();
  }

  @Test
  void everything_else_must_agree_while_a_signal_observes() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    for (Signal other : Signal.values()) {
      if (other != Signal.BROWSER && other != Signal.USER_AGENT) {
        Fingerprint more = TestScopedAuth.fingerprint(
            Sensitivity.MEDIUM, Signal.BROWSER, Signal.USER_AGENT, other);
        assertThat(sas.validate(sas.start(), more)).as(other.name()).isEqualTo(FINGERPRINT_REFUSED);
      }
    }
  }

  @Test
  void a_difference_of_several_headers_does_not_vote() {
    Fingerprint guessed = TestScopedAuth.fingerprint(
        Sensitivity.MEDIUM, Signal.BROWSER, Signal.USER_AGENT, Signal.ACCEPT_LANGUAGE);
    guestsReturn(2 * Limits.SIGNAL_DIFFERENCES, guessed);
    assertThat(counts().votes()).isZero();
    assertThat(observing()).isEmpty();
  }

  @Test
  void never_do_signals_of_two_headers_observe() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    guestsReturn(2 * Limits.SIGNAL_DIFFERENCES, WITHOUT_SETTINGS);
    assertThat(observing()).containsExactly(Signal.BROWSER);
    assertThat(sas.validate(sas.start(), WITHOUT_SETTINGS)).isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void a_second_signal_of_the_same_header_joins_the_first() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    guestsReturn(
        Limits.SIGNAL_DIFFERENCES,
        TestScopedAuth.fingerprint(Sensitivity.MEDIUM, Signal.SYSTEM, Signal.USER_AGENT));
    assertThat(observing()).containsExactlyInAnyOrder(Signal.BROWSER, Signal.SYSTEM);
  }

  @Test
  void only_low_and_medium_have_a_budget() {
    for (Sensitivity level :
        new Sensitivity[] {Sensitivity.OFF, Sensitivity.OBSERVE, Sensitivity.HIGH}) {
      Fingerprint home = TestScopedAuth.fingerprint(level);
      Fingerprint renamed = TestScopedAuth.fingerprint(level, Signal.BROWSER, Signal.USER_AGENT);
      for (int i = 0; i < Limits.SIGNAL_DIFFERENCES; i++) {
        returns(sas.start(home), renamed, network(i));
      }
      sas.budget.update();
      assertThat(counts().votes()).as(level.word()).isZero();
    }
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    Fingerprint high =
        TestScopedAuth.fingerprint(Sensitivity.HIGH, Signal.BROWSER, Signal.USER_AGENT);
    assertThat(sas.validate(sas.start(TestScopedAuth.fingerprint(Sensitivity.HIGH)), high))
        .isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void a_session_that_somebody_has_guessed_at_neither_votes_nor_profits() {
    GuestToken token = sas.start();
    guess(token);
    guestsReturn(Limits.SIGNAL_DIFFERENCES - 1, RENAMED);
    returns(token, RENAMED, network(77_777));
    sas.budget.update();
    assertThat(observing()).isEmpty();
    guestsReturn(1, RENAMED);
    assertThat(observing()).isNotEmpty();
    assertThat(sas.validate(token, RENAMED)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.validate(token)).isInstanceOf(Verdict.Authorized.class);
  }

  /** Its first use is confirmed without reading the session first. */
  @Test
  void a_new_token_that_somebody_has_guessed_at_does_not_profit_either() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    GuestToken next = sas.refresh(sas.start());
    guess(next);
    assertThat(sas.validate(next, RENAMED)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.session(next).generation()).isEqualTo(Generation.FIRST);
  }

  @Test
  void a_wrong_guess_is_counted_while_a_signal_observes() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    GuestToken token = sas.start();
    guess(token);
    assertThat(sas.session(token).incidents().refusals()).isEqualTo(Limits.GUESSES_BEFORE_HIGH);
  }

  @Test
  void a_client_that_does_not_send_every_signal_neither_votes_nor_profits() {
    byte[] another = new byte[Fingerprint.DIGEST_BYTES];
    another[0] = 1;
    Fingerprint little = Fingerprint.ofSaid(Sensitivity.MEDIUM, Map.of(Signal.BROWSER, another));
    guestsReturn(Limits.SIGNAL_DIFFERENCES, little);
    assertThat(counts().votes()).isZero();
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    assertThat(sas.validate(sas.start(), little)).isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void a_bound_session_does_not_vote() {
    for (int i = 0; i < Limits.SIGNAL_DIFFERENCES; i++) {
      TestScopedAuth.BoundGuest guest = sas.startBound();
      assertThat(sas.service.validate(
              new Presented(
                  guest.token(),
                  RENAMED,
                  Optional.of(guest.key().proof(guest.token())),
                  Optional.of(network(i)),
                  Optional.empty(),
                  Optional.empty()),
              sas.audience,
              Purpose.CALL))
          .isInstanceOf(Verdict.Authorized.class);
    }
    sas.budget.update();
    assertThat(counts().votes()).isZero();
  }

  @Test
  void a_guest_who_was_let_in_is_not_refused_when_the_signal_decides_again() {
    for (Fingerprint changed : List.of(RENAMED, WITHOUT_SETTINGS)) {
      sas.votes.delete(sas.audience.deployment());
      guestsReturn(Limits.SIGNAL_DIFFERENCES, changed);
      GuestToken next = sas.refresh(sas.start(), changed);
      decideAll();
      assertThat(observing()).isEmpty();
      assertThat(sas.validate(next, changed)).isInstanceOf(Verdict.Authorized.class);
    }
  }

  @Test
  void the_signal_decides_again_after_a_day_if_it_differs_for_few_guests() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    sas.clock.pass(Limits.MIN_SIGNAL_OBSERVING.minusSeconds(1));
    sas.budget.update();
    assertThat(observing()).isNotEmpty();
    sas.clock.pass(Limits.SIGNAL_RETURNS_CHECK.plusSeconds(1));
    sas.budget.update();
    assertThat(observing()).isEmpty();
    assertThat(sas.votes.state(sas.audience.deployment()).since()).isEmpty();
    assertThat(sas.validate(sas.start(), RENAMED)).isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void the_signal_goes_on_observing_while_it_differs_for_half_as_many_guests() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    sas.clock.pass(Limits.MIN_SIGNAL_OBSERVING);
    guestsReturn(Limits.SIGNAL_DIFFERENCES / 2, RENAMED); // they are let in, and vote
    sas.clock.pass(Limits.SIGNAL_RETURNS_CHECK);
    sas.budget.update();
    assertThat(observing()).containsExactly(Signal.BROWSER);
  }

  @Test
  void no_state_changes_while_the_clock_is_in_doubt() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    sas.clock.jump(Limits.MIN_SIGNAL_OBSERVING.multipliedBy(2));
    sas.budget.update();
    assertThat(observing()).containsExactly(Signal.BROWSER);
    decideAll();
    sas.votes.rule(sas.audience.deployment(), Signal.BROWSER, SignalRule.AUTO);
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    assertThat(observing()).isEmpty();
    sas.clock.pass(Limits.CLOCK_STEADY);
    guestsReturn(1, RENAMED);
    assertThat(observing()).containsExactly(Signal.BROWSER);
  }

  @Test
  void votes_of_a_clock_that_was_ahead_do_not_count_and_are_replaced() {
    sas.clock.jump(Duration.ofDays(365));
    guestsReturn(Limits.SIGNAL_DIFFERENCES - 1, RENAMED);
    sas.clock.jump(Duration.ofDays(-365));
    sas.clock.pass(Limits.CLOCK_STEADY);
    assertThat(counts().votes()).isZero();
    guests = 0; // the same networks
    guestsReturn(Limits.SIGNAL_DIFFERENCES - 1, RENAMED);
    assertThat(counts().votes()).isEqualTo(Limits.SIGNAL_DIFFERENCES - 1);
  }

  @Test
  void a_node_that_starts_knows_all_votes_and_states() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES - 1, RENAMED);
    Sid.Deployment deployment = sas.audience.deployment();
    SignalBudget second = new SignalBudget(sas.votes, Ledger.NONE, sas.clock);
    second.vote(deployment, network(guests), Set.of(Signal.BROWSER));
    second.update();
    SignalBudget third = new SignalBudget(sas.votes, Ledger.NONE, sas.clock);
    assertThat(third.observing(deployment)).isEmpty();
    third.update();
    assertThat(third.observing(deployment)).containsExactly(Signal.BROWSER);
  }

  @Test
  void two_nodes_count_together_and_follow_one_decision() {
    SignalBudget other = new SignalBudget(sas.votes, Ledger.NONE, sas.clock);
    for (int i = 0; i < Limits.SIGNAL_DIFFERENCES; i++) {
      SignalBudget node = i % 2 == 0 ? sas.budget : other;
      node.vote(sas.audience.deployment(), network(i), Set.of(Signal.BROWSER));
    }
    sas.budget.update();
    other.update();
    assertThat(other.observing(sas.audience.deployment())).containsExactly(Signal.BROWSER);
    assertThat(observing()).isEmpty(); // it has not read the state yet
    sas.budget.update();
    assertThat(observing()).containsExactly(Signal.BROWSER);
  }

  @Test
  void an_operator_lets_a_signal_decide_or_observe_at_once() {
    Sid.Deployment deployment = sas.audience.deployment();
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    sas.votes.rule(deployment, Signal.BROWSER, SignalRule.DECIDE);
    guestsReturn(1, RENAMED); // which is one more than enough
    assertThat(observing()).isEmpty();
    assertThat(sas.validate(sas.start(), RENAMED)).isEqualTo(FINGERPRINT_REFUSED);
    sas.votes.rule(deployment, Signal.BROWSER, SignalRule.OBSERVE);
    sas.budget.update();
    assertThat(sas.budget.deploymentsObserving()).as("not by votes").isZero();
    sas.clock.pass(Limits.MIN_SIGNAL_OBSERVING.multipliedBy(2));
    sas.budget.update();
    assertThat(sas.validate(sas.start(), RENAMED)).isInstanceOf(Verdict.Authorized.class);
    sas.votes.rule(deployment, Signal.BROWSER, SignalRule.AUTO);
    sas.budget.update();
    assertThat(sas.validate(sas.start(), RENAMED)).isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void while_the_store_fails_the_last_known_state_applies_and_no_vote_is_lost() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    FailingVotes failing = new FailingVotes(sas.votes);
    SignalBudget node = new SignalBudget(failing, Ledger.NONE, sas.clock);
    node.update();
    failing.isDown = true;
    sas.votes.rule(sas.audience.deployment(), Signal.BROWSER, SignalRule.DECIDE);
    Sid.Deployment other = Sid.Deployment.random(sas.random);
    node.vote(other, network(1), Set.of());
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(node::update).isInstanceOf(Unavailable.class);
      assertThat(node.observing(sas.audience.deployment())).containsExactly(Signal.BROWSER);
    }
    failing.isDown = false;
    node.update();
    assertThat(node.observing(sas.audience.deployment())).isEmpty();
    assertThat(sas.votes.counts(other, sas.clock.instant()).votes()).isEqualTo(1);
  }

  @Test
  void a_node_keeps_a_bounded_number_of_votes() {
    FailingVotes counting = new FailingVotes(sas.votes);
    SignalBudget node = new SignalBudget(counting, Ledger.NONE, sas.clock);
    for (int i = 0; i < 2 * Limits.SIGNAL_VOTES_PENDING; i++) {
      node.vote(Sid.Deployment.random(sas.random), network(i), Set.of());
    }
    node.update();
    assertThat(counting.stored).isEqualTo(Limits.SIGNAL_VOTES_PENDING);
  }

  @Test
  void a_session_shows_in_which_signals_it_differed() {
    guestsReturn(Limits.SIGNAL_DIFFERENCES, RENAMED);
    GuestToken token = sas.start();
    assertThat(sas.seen(token, RENAMED).detail())
        .contains("browser family", "which only observes: browser family");
    assertThat(sas.session(token).incidents().lastObserved().orElse(null))
        .contains("browser family", "which only observes: browser family");
    assertThat(sas.session(token).incidents().observed()).isEqualTo(1);
  }

  private void guestsReturn(int number, Fingerprint changed) {
    for (int i = 0; i < number; i++) {
      returns(sas.start(), changed, network(guests++));
    }
    sas.budget.update();
  }

  private void unchangedGuests(int number) {
    for (int i = 0; i < number; i++) {
      vote(network(guests++), Set.of());
    }
    sas.budget.update();
  }

  private void returns(GuestToken token, Fingerprint changed, NetworkDigest network) {
    var _ = sas.service.validate(
        new Presented(
            token,
            changed,
            Optional.empty(),
            Optional.of(network),
            Optional.empty(),
            Optional.empty()),
        sas.audience,
        Purpose.CALL);
  }

  private void vote(NetworkDigest network, Set<Signal> differing) {
    sas.budget.vote(sas.audience.deployment(), network, differing);
  }

  /** The digest of a network, of which each of the first ones has a slot of its own. */
  private static NetworkDigest network(int number) {
    long mixed = (number + 1) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 29) * 0xBF58476D1CE4E5B9L;
    return new NetworkDigest(
        mixed - Long.remainderUnsigned(mixed, Limits.SIGNAL_VOTES) + number % Limits.SIGNAL_VOTES);
  }

  /** Another browser presents the token ten times, so that every signal must agree. */
  private void guess(GuestToken token) {
    for (int i = 0; i < Limits.GUESSES_BEFORE_HIGH; i++) {
      assertThat(sas.validate(token, TestScopedAuth.STRANGER)).isEqualTo(FINGERPRINT_REFUSED);
    }
  }

  private void decideAll() {
    for (Signal signal : Signal.DECISIVE) {
      sas.votes.rule(sas.audience.deployment(), signal, SignalRule.DECIDE);
    }
    sas.budget.update();
  }

  private Set<Signal> observing() {
    return sas.budget.observing(sas.audience.deployment());
  }

  private SignalCounts counts() {
    return sas.votes.counts(sas.audience.deployment(), sas.clock.instant());
  }

  /** A store that can fail, and that counts the votes it stores. */
  private static final class FailingVotes implements SignalVotes {
    private final SignalVotes votes;
    private boolean isDown;
    private int stored;

    FailingVotes(SignalVotes votes) {
      this.votes = votes;
    }

    private SignalVotes votes() {
      if (isDown) {
        throw new Unavailable("a store", "down", null);
      }
      return votes;
    }

    @Override
    public void store(List<Vote> some) {
      votes().store(some);
      stored += some.size();
    }

    @Override
    public SignalCounts counts(Sid.Deployment deployment, Instant now) {
      return votes().counts(deployment, now);
    }

    @Override
    public SignalState state(Sid.Deployment deployment) {
      return votes().state(deployment);
    }

    @Override
    public List<SignalState> observing(int limit) {
      return votes().observing(limit);
    }

    @Override
    public boolean change(SignalState before, Set<Signal> observing, Optional<Instant> since) {
      return votes().change(before, observing, since);
    }

    @Override
    public boolean rule(Sid.Deployment deployment, Signal signal, SignalRule rule) {
      return votes().rule(deployment, signal, rule);
    }

    @Override
    public void delete(Sid.Deployment deployment) {
      votes().delete(deployment);
    }

    @Override
    public int sweep(Instant before, int limit) {
      return votes().sweep(before, limit);
    }
  }
}
