package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Conversations;
import parlour.conversations.Message;
import parlour.conversations.ParticipantKind;
import parlour.http.json.JsonText;
import parlour.ledger.LedgerNote;
import parlour.orchestrator.TestOrchestrator;
import parlour.scopedauth.Sensitivity;
import parlour.store.Sqlite;
import parlour.store.SqliteDatabase;

class RetentionTest {
  private static final Duration KEPT = Duration.ofDays(90);

  @TempDir
  Path folder;

  private final SecureRandom random = new SecureRandom();
  private final Sid.Account account = Sid.Account.random(random);
  private SqliteDatabase database;
  private SqlAccounts accounts;
  private TestOrchestrator all;
  private Retention retention;
  private final List<LedgerNote> notes = new ArrayList<>();

  @BeforeEach
  void open() {
    all = new TestOrchestrator(folder, Sensitivity.MEDIUM);
    database = Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA);
    accounts = new SqlAccounts(database);
    accounts.create(
        new Accounts.Account(account, "Shop", all.clock.instant()),
        new byte[32],
        new AccountKey(new byte[AccountKey.BYTES]));
    retention = new Retention(accounts, all.conversations, notes::add, all.clock);
  }

  @AfterEach
  void close() {
    database.close();
    all.close();
  }

  @Test
  void conversations_without_a_change_for_the_retention_time_are_erased() {
    Sid.Deployment keeps = deployment(Optional.of(KEPT));
    Sid.Deployment keepsForEver = deployment(Optional.empty());
    Sid.Conversation quiet = begins(keeps);
    Sid.Conversation busy = begins(keeps);
    Sid.Conversation ofTheOther = begins(keepsForEver);
    all.clock.pass(KEPT.minusHours(1));
    says(busy, "still here");
    retention.sweep();
    assertThat(isThere(quiet)).isTrue();

    all.clock.pass(Duration.ofHours(2));
    retention.sweep();
    assertThat(isThere(quiet)).isFalse();
    assertThat(isThere(busy)).isTrue();
    assertThat(isThere(ofTheOther)).isTrue();
    assertThat(says(quiet, "late")).isFalse();

    all.clock.pass(KEPT);
    retention.sweep();
    assertThat(isThere(busy)).isFalse();
    assertThat(isThere(ofTheOther)).isTrue();
  }

  @Test
  void an_address_that_keeps_for_less_time_counts_also_for_deployments_that_are_gone() {
    Sid.Deployment keepsLonger = deployment(Optional.of(KEPT.multipliedBy(2)));
    Sid.Deployment keepsForEver = deployment(Optional.empty());
    Accounts.Address desk = address(Optional.of(KEPT));
    Sid.Conversation longer = begins(keepsLonger, desk.sid());
    Sid.Conversation forEver = begins(keepsForEver, desk.sid());
    Sid.Conversation ofNone = begins(Sid.Deployment.random(random), desk.sid());
    Sid.Conversation busy = begins(keepsForEver, desk.sid());
    Sid.Conversation elsewhere = begins(keepsForEver, address(Optional.empty()).sid());
    all.clock.pass(KEPT.minusHours(1));
    says(busy, "still here");
    retention.sweep();
    assertThat(List.of(longer, forEver, ofNone)).allMatch(this::isThere);

    all.clock.pass(Duration.ofHours(2));
    retention.sweep();
    assertThat(List.of(longer, forEver, ofNone)).noneMatch(this::isThere);
    assertThat(List.of(busy, elsewhere)).allMatch(this::isThere);

    assertThat(accounts.update(
            accounts.version(), desk.keeping(Optional.empty()), all.clock.instant()))
        .isTrue();
    all.clock.pass(KEPT);
    retention.sweep();
    assertThat(isThere(busy)).as("its address keeps it for ever again").isTrue();
  }

  @Test
  void a_deployment_that_keeps_for_less_time_than_its_address_counts() {
    Sid.Conversation quiet = begins(
        deployment(Optional.of(KEPT)),
        address(Optional.of(KEPT.multipliedBy(2))).sid());
    all.clock.pass(KEPT.plusHours(1));
    retention.sweep();
    assertThat(isThere(quiet)).isFalse();
  }

  @Test
  void a_clock_that_is_years_ahead_erases_no_more_than_the_bound_of_a_sweep() {
    AtomicInteger calls = new AtomicInteger();
    Conversations endless = (Conversations) Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, method, arguments) -> {
          assertThat(method.getName()).isEqualTo("eraseQuiet");
          calls.incrementAndGet();
          return arguments[3]; // there are always more
        });
    address(Optional.of(KEPT));
    all.clock.pass(Duration.ofDays(10_000));
    new Retention(accounts, endless, notes::add, all.clock).sweep();
    assertThat(calls).hasValue(Limits.RETENTION_BATCHES);
  }

  @Test
  void more_than_a_batch_are_erased_in_one_sweep() {
    Sid.Deployment keeps = deployment(Optional.of(KEPT));
    for (int i = 0; i <= Limits.RETENTION_BATCH; i++) {
      begins(keeps);
    }
    all.clock.pass(KEPT.plusHours(1));
    retention.sweep();
    assertThat(all.conversations
            .list(account, Optional.empty(), Optional.empty(), 1)
            .items())
        .isEmpty();
  }

  @Test
  void the_ledger_keeps_how_many_were_erased_of_each_desk_and_deployment() {
    Sid.Deployment one = deployment(Optional.of(KEPT));
    Sid.Deployment keepsForEver = deployment(Optional.empty());
    begins(one);
    begins(one);
    begins(keepsForEver);
    all.clock.pass(KEPT.plusHours(1));
    retention.sweep();
    retention.sweep();
    assertThat(notes).singleElement().satisfies(note -> {
      assertThat(note.event()).isEqualTo("erased-by-age");
      assertThat(note.code()).isZero();
      assertThat(note.deployment()).contains(one);
      assertThat(note.object())
          .isEqualTo("2 conversations of " + one.text() + ", kept for 90 days");
    });
  }

  @Test
  void of_a_sweep_that_fails_half_way_the_ledger_keeps_how_many_were_erased() {
    AtomicInteger calls = new AtomicInteger();
    Conversations breaking = (Conversations) Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, _, arguments) -> {
          if (calls.incrementAndGet() > 2) {
            throw new Unavailable("Conversations", "of a test", null);
          }
          return arguments[3];
        });
    address(Optional.of(KEPT));
    assertThatThrownBy(new Retention(accounts, breaking, notes::add, all.clock)::sweep)
        .isInstanceOf(Unavailable.class);
    assertThat(notes)
        .singleElement()
        .extracting(LedgerNote::object)
        .asString()
        .startsWith(2 * Limits.RETENTION_BATCH + " conversations of IG");
  }

  @Test
  void a_deployment_that_cannot_be_checked_keeps_no_other_one_from_being_checked() {
    Sid.Deployment one = deployment(Optional.of(KEPT));
    Sid.Deployment other = deployment(Optional.of(KEPT));
    Sid.Conversation ofOne = begins(one);
    Sid.Conversation ofOther = begins(other);
    all.clock.pass(KEPT.plusHours(1));
    for (Sid.Deployment broken : List.of(one, other)) {
      assertThatThrownBy(new Retention(accounts, failingFor(broken), notes::add, all.clock)::sweep)
          .isInstanceOf(Unavailable.class);
    }
    assertThat(isThere(ofOne)).isFalse();
    assertThat(isThere(ofOther)).isFalse();
  }

  /** The conversations as they are, except for the sweep of one deployment. */
  private Conversations failingFor(Sid.Deployment broken) {
    return (Conversations) Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, method, arguments) -> {
          if (method.getName().equals("eraseQuiet") && arguments[1].equals(broken)) {
            throw new Unavailable("Conversations", "of a test", null);
          }
          return method.invoke(all.conversations, arguments);
        });
  }

  @Test
  void while_ScopedAuth_cannot_end_sessions_no_conversation_is_erased() {
    Sid.Conversation quiet = begins(deployment(Optional.of(KEPT)));
    all.clock.pass(KEPT.plusHours(1));
    all.scopedAuthIsDown.set(true);
    assertThatThrownBy(retention::sweep).isInstanceOf(Unavailable.class);
    assertThat(isThere(quiet)).isTrue();
    all.scopedAuthIsDown.set(false);
    retention.sweep();
    assertThat(isThere(quiet)).isFalse();
  }

  @Test
  void another_account_s_conversations_of_the_same_deployment_key_are_not_there() {
    Sid.Deployment keeps = deployment(Optional.of(KEPT));
    Sid.Conversation mine = begins(keeps);
    all.clock.pass(KEPT.plusHours(1));
    assertThat(all.conversations.eraseQuiet(
            Sid.Account.random(random), keeps, all.clock.instant(), 10))
        .isZero();
    Sid.Address desk = Sid.Address.random(random);
    Sid.Conversation there = begins(keeps, desk);
    all.clock.pass(KEPT.plusHours(1));
    assertThat(
            all.conversations.eraseQuiet(Sid.Account.random(random), desk, all.clock.instant(), 10))
        .isZero();
    assertThat(isThere(there)).isTrue();
    assertThat(isThere(mine)).isTrue();
  }

  @Test
  void nothing_is_kept_for_less_than_a_day_or_more_than_ten_years() {
    for (Duration wrong :
        new Duration[] {Limits.MIN_RETENTION.minusSeconds(1), Limits.MAX_RETENTION.plusSeconds(1)
        }) {
      for (ThrowingCallable made : List.<ThrowingCallable>of(
          () -> deployment(Optional.of(wrong)), () -> address(Optional.of(wrong)))) {
        assertThatThrownBy(made)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("time that conversations are kept");
      }
    }
  }

  private Sid.Deployment deployment(Optional<Duration> keep) {
    Sid.Deployment key = Sid.Deployment.random(random);
    assertThat(accounts.create(new Accounts.Deployment(
            key,
            account,
            "Shop",
            new Accounts.Settings(
                Optional.empty(),
                AllowedOrigins.any(),
                TokenRules.DEFAULT,
                new Lifetimes(
                    Limits.TOKEN_TTL_DEFAULT,
                    Optional.empty(),
                    Optional.empty(),
                    keep,
                    Limits.REOPEN_DEFAULT)),
            all.clock.instant(),
            all.clock.instant())))
        .isTrue();
    return key;
  }

  private Accounts.Address address(Optional<Duration> keep) {
    Accounts.Address address = new Accounts.Address(
            Sid.Address.random(random), account, "Desk", all.clock.instant())
        .keeping(keep);
    accounts.create(address);
    return address;
  }

  private Sid.Conversation begins(Sid.Deployment deployment) {
    return begins(deployment, Sid.Address.random(random));
  }

  private Sid.Conversation begins(Sid.Deployment deployment, Sid.Address address) {
    Sid.Conversation sid = Sid.Conversation.random(random);
    all.conversations.create(new Conversations.NewConversation(
        sid,
        account,
        address,
        deployment,
        new Identity("guest_1"),
        "Ada",
        JsonText.EMPTY,
        Optional.empty(),
        Optional.empty()));
    return sid;
  }

  private boolean says(Sid.Conversation where, String body) {
    return all.conversations.send(
            account,
            new Conversations.NewMessage(
                where,
                new Message.Author(new Identity("bot"), ParticipantKind.SYSTEM, "bot"),
                Message.Content.of(body),
                Optional.empty()))
        instanceof parlour.conversations.Sent.Added;
  }

  private boolean isThere(Sid.Conversation sid) {
    return all.conversations.find(account, sid).isPresent();
  }
}
