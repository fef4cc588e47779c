package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.Eventually.await;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.AesGcmKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Unavailable;
import parlour.spec.AtOnce;

/** The key ring: rotations interrupt nobody, and the keys are stored sealed. */
class TokenKeysTest {
  private static final byte[] PURPOSE = "test".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TEXT = "a text".getBytes(StandardCharsets.US_ASCII);

  @TempDir
  Path folder;

  private TestScopedAuth sas;

  @BeforeEach
  void open() {
    sas = new TestScopedAuth(folder);
  }

  @AfterEach
  void close() {
    sas.close();
  }

  @Test
  void a_new_store_gets_one_key_that_seals_at_once() {
    assertThat(sas.keyStore.all()).hasSize(1);
    assertThat(sas.keys.primary()).isEqualTo(sas.keyStore.all().getFirst().id());
  }

  @Test
  void a_second_start_does_not_make_a_second_key() {
    assertThat(sas.ring().primary()).isEqualTo(sas.keys.primary());
    assertThat(sas.keyStore.all()).hasSize(1);
  }

  @Test
  void a_rotation_interrupts_nobody() {
    GuestToken before = sas.start();
    sas.keys.rotate();
    assertValid(before);
    GuestToken during = sas.start();
    becomePrimary();
    assertValid(before);
    assertValid(during);
    GuestToken after = sas.start();
    assertValid(after);
    assertThat(keyOf(before)).isEqualTo(keyOf(during)).isNotEqualTo(keyOf(after));
    assertThat(keyOf(after)).isEqualTo(sas.keys.primary());
  }

  @Test
  void a_new_key_becomes_primary_only_when_every_node_has_had_time_to_read_it() {
    int old = sas.keys.primary();
    sas.keys.rotate();
    assertThat(sas.keys.primary()).isEqualTo(old);
    sas.clock.pass(Limits.KEY_DISTRIBUTION.minusMillis(1));
    sas.keys.reload();
    assertThat(sas.keys.primary()).isEqualTo(old);
    assertThat(keyOf(sas.start())).isEqualTo(old);
    sas.clock.pass(Duration.ofMillis(1));
    sas.keys.reload();
    assertThat(sas.keys.primary()).isNotEqualTo(old);
    assertThat(Limits.KEY_DISTRIBUTION).isGreaterThan(Limits.KEY_RING_AGE.multipliedBy(2));
  }

  @Test
  void only_one_of_two_operators_who_have_seen_the_same_newest_key_rotates() {
    int seen = sas.keys.primary();
    assertThat(sas.keys.rotateAfter(seen)).isTrue();
    assertThat(sas.keys.rotateAfter(seen)).isFalse();
    assertThat(sas.keyStore.all()).hasSize(2);
    assertThat(sas.keys.rotateAfter(sas.keyStore.all().getLast().id())).isTrue();
    assertThat(sas.keyStore.all()).hasSize(3);
  }

  @Test
  void the_list_of_the_keys_says_which_one_seals_and_how_long_an_older_one_opens() {
    sas.keys.sealSecret(TEXT, PURPOSE);
    sas.keys.rotate();
    List<Keys.SealedKey> stored = sas.keyStore.all();
    assertThat(ListedKey.of(stored, sas.clock.instant()))
        .extracting(ListedKey::state)
        .containsExactly("primary", "next", "secrets");
    becomePrimary();
    List<ListedKey> listed = ListedKey.of(stored, sas.clock.instant());
    assertThat(listed).extracting(ListedKey::state).containsExactly("opens", "primary", "secrets");
    assertThat(listed.getFirst().opensUntil())
        .contains(stored.get(1).primaryFrom().plus(Limits.KEY_RETIREMENT));
    assertThat(listed.get(1).opensUntil()).isEmpty();
    assertThat(listed.get(1).id()).isEqualTo("%08x".formatted(sas.keys.primary()));
    assertThat(listed.getLast().isOfTokens()).isFalse();
  }

  @Test
  void a_node_opens_tokens_of_a_key_that_it_has_not_read_yet() throws Exception {
    TokenKeys other = sas.ring();
    sas.keys.rotate();
    becomePrimary();
    byte[] sealed = sas.keys.seal(TEXT, PURPOSE);
    assertThat(other.open(sealed, PURPOSE)).containsExactly(TEXT);
    assertThat(other.primary()).isEqualTo(sas.keys.primary());
  }

  @Test
  void a_node_that_missed_a_rotation_seals_tokens_that_every_other_node_opens() throws Exception {
    TokenKeys other = sas.ring();
    sas.keys.rotate();
    becomePrimary();
    assertThat(sas.keys.open(other.seal(TEXT, PURPOSE), PURPOSE)).containsExactly(TEXT);
  }

  @Test
  void any_number_of_unknown_key_ids_causes_one_read_a_second() {
    AtomicInteger reads = new AtomicInteger();
    TokenKeys keys = new TokenKeys(
        new Watched(sas.keyStore, reads::incrementAndGet, () -> {}),
        MasterKey.parse(sas.masterKey),
        sas.clock,
        sas.random);
    int atStart = reads.get();
    sas.clock.pass(Limits.KEY_RING_AGE.plusMillis(1));
    for (int i = 0; i < 100; i++) {
      byte[] forged = new byte[64];
      new Random(i).nextBytes(forged);
      assertThatThrownBy(() -> keys.open(forged, PURPOSE))
          .isInstanceOf(GeneralSecurityException.class);
    }
    assertThat(reads.get() - atStart).isEqualTo(1);
  }

  @Test
  void calls_with_unknown_key_ids_do_not_wait_one_after_another_for_a_store_that_hangs() {
    AtomicBoolean hangs = new AtomicBoolean();
    TokenKeys keys = new TokenKeys(
        new Watched(
            sas.keyStore,
            () -> {
              if (hangs.get()) {
                sleep(Duration.ofSeconds(1));
                throw new Unavailable("the store", "it hangs", null);
              }
            },
            () -> {}),
        MasterKey.parse(sas.masterKey),
        sas.clock,
        sas.random);
    hangs.set(true);
    sas.clock.pass(Duration.ofMinutes(1));
    long began = System.nanoTime();
    List<Boolean> outages = AtOnce.run(60, i -> {
      try {
        keys.open(new byte[64], PURPOSE);
        return false;
      } catch (GeneralSecurityException refused) {
        return false;
      } catch (Unavailable outage) {
        return true;
      }
    });
    assertThat(outages).containsOnly(true);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("sixty calls, one after another, take sixty seconds")
        .isLessThan(Duration.ofSeconds(45));
  }

  /** A thread that read the keys, and then did not run for a while. */
  @Test
  void an_older_ring_never_replaces_a_newer_one() throws InterruptedException {
    AtomicBoolean isSlow = new AtomicBoolean();
    CountDownLatch hasRead = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    TokenKeys keys = new TokenKeys(
        new Watched(sas.keyStore, () -> {}, () -> {
          if (isSlow.getAndSet(false)) {
            hasRead.countDown();
            await(goesOn);
          }
        }),
        MasterKey.parse(sas.masterKey),
        sas.clock,
        sas.random);
    isSlow.set(true);
    Thread slow = Thread.ofPlatform().start(keys::reload);
    await(hasRead);
    sas.keys.rotate();
    becomePrimary();
    Thread next = Thread.ofPlatform().start(keys::reload);
    while (next.getState() != Thread.State.TERMINATED
        && next.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait(); // until it has finished, or waits for the slow one
    }
    goesOn.countDown();
    slow.join();
    next.join();
    assertThat(keys.primary()).isEqualTo(sas.keys.primary());
  }

  @Test
  void keys_are_rotated_by_age_once_among_many_nodes() {
    List<TokenKeys> nodes = Stream.generate(sas::ring).limit(5).toList();
    sas.clock.pass(Duration.ofHours(24).plusMillis(1));
    List<Boolean> rotated =
        AtOnce.run(5, i -> nodes.get(i).rotateIfOlderThan(Duration.ofHours(24)));
    assertThat(rotated).containsOnlyOnce(true);
    assertThat(sas.keyStore.all()).hasSize(2);
    assertThat(nodes.getFirst().rotateIfOlderThan(Duration.ofHours(24))).isFalse();
  }

  @Test
  void after_a_hundred_days_of_rotations_every_valid_token_opens_and_few_keys_are_left() {
    List<IssuedToken> issued = new ArrayList<>();
    int max = 0;
    for (int hour = 0; hour < 100 * 24; hour += 6) {
      issued.add(sas.start(TestScopedAuth.HOME, Limits.MAX_TOKEN_TTL, Limits.MAX_SESSION_TTL));
      sas.keys.rotateIfOlderThan(Duration.ofDays(10));
      sas.keys.retire();
      sas.clock.pass(Duration.ofHours(6));
      sas.keys.reload();
      issued.removeIf(old -> !sas.clock.instant().isBefore(old.expiration()));
      issued.forEach(alive -> assertValid(alive.token()));
      max = Math.max(max, sas.keyStore.all().size());
    }
    assertThat(issued).hasSize(3);
    assertThat(max).isBetween(4, 5);
  }

  @Test
  void the_key_of_a_bound_session_opens_until_its_end_however_often_the_ring_was_rotated() {
    TestScopedAuth.BoundGuest guest =
        sas.startBound(Duration.ofHours(24), Limits.MAX_SESSION_TTL, Limits.MAX_SESSION_TTL);
    Instant end = sas.clock.instant().plus(Limits.MAX_SESSION_TTL);
    GuestToken token = guest.token();
    for (int day = 1; day < 30; day++) {
      sas.clock.pass(Duration.ofDays(1));
      sas.keys.rotate();
      sas.clock.pass(Limits.KEY_DISTRIBUTION);
      sas.keys.reload();
      sas.keys.retire();
      token = sas.renew(token, guest.key());
    }
    assertThat(sas.keyStore.all()).hasSize(30);
    sas.clock.set(end.minusMillis(1));
    sas.keys.retire();
    assertThat(sas.validate(token, guest.key(), Purpose.RENEWAL))
        .isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_key_is_deleted_only_when_all_its_tokens_have_expired() {
    IssuedToken token =
        sas.start(TestScopedAuth.HOME, Limits.MAX_TOKEN_TTL, Limits.MAX_SESSION_TTL);
    sas.keys.rotate();
    sas.clock.pass(Limits.KEY_DISTRIBUTION);
    sas.keys.reload();
    sas.clock.set(token.expiration().minusMillis(1));
    sas.keys.retire();
    assertValid(token.token());
    sas.clock.pass(Limits.KEY_RETIREMENT.plusMinutes(1));
    sas.keys.retire();
    assertThat(sas.keyStore.all()).hasSize(1);
    assertThat(sas.keyStore.all().getFirst().id()).isEqualTo(sas.keys.primary());
  }

  @Test
  void the_last_key_is_never_deleted() {
    sas.clock.pass(Duration.ofDays(400));
    sas.keys.retire();
    assertThat(sas.keyStore.all()).hasSize(1);
    assertValid(sas.start());
  }

  @Test
  void after_many_rotations_in_a_row_every_token_still_opens() {
    List<GuestToken> tokens = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tokens.add(sas.start());
      sas.keys.rotate();
      sas.clock.pass(Duration.ofSeconds(2));
      sas.keys.retire();
    }
    tokens.forEach(this::assertValid);
  }

  @Test
  void a_key_ring_works_if_the_clock_is_set_back_before_the_first_key() {
    GuestToken before = sas.start();
    sas.clock.set(Instant.parse("2025-01-01T00:00:00Z"));
    sas.keys.reload();
    GuestToken after = sas.start();
    assertValid(after);
    sas.clock.set(Instant.parse("2026-01-01T00:00:01Z"));
    sas.keys.reload();
    assertValid(before);
  }

  @Test
  void two_nodes_that_start_on_an_empty_store_at_once_open_each_others_tokens(@TempDir Path empty) {
    try (TestScopedAuth first = new TestScopedAuth(empty)) {
      first.keyStore.all().forEach(key -> first.keyStore.delete(key.id()));
      List<TokenKeys> nodes = AtOnce.run(8, i -> first.ring());
      assertThat(first.keyStore.all()).hasSize(1);
      List<byte[]> sealed = nodes.stream().map(node -> node.seal(TEXT, PURPOSE)).toList();
      nodes.forEach(
          node -> sealed.forEach(each -> assertThat(opened(node, each)).isEqualTo(TEXT)));
    }
  }

  @Test
  void the_wrong_master_key_is_refused_with_a_remedy_and_changes_nothing() {
    GuestToken token = sas.start();
    MasterKey wrong = MasterKey.parse(MasterKey.random(sas.random));
    assertThatThrownBy(() -> new TokenKeys(sas.keyStore, wrong, sas.clock, sas.random))
        .isInstanceOf(WrongMasterKey.class)
        .hasMessageContaining("Put back the master key")
        .hasMessageNotContaining(sas.masterKey);
    assertThat(sas.keyStore.all()).hasSize(1);
    assertValid(token);
  }

  @Test
  void a_running_node_reads_the_new_master_key_and_no_token_becomes_invalid() throws Exception {
    AtomicReference<String> file = new AtomicReference<>(sas.masterKey);
    TokenKeys node = reading(file);
    byte[] before = node.seal(TEXT, PURPOSE);
    String made = MasterKey.random(sas.random);

    file.set(made + "\n" + sas.masterKey);
    assertThat(reading(file).reseal()).isEqualTo(1);
    file.set(made);

    node.reload();
    assertThat(node.open(before, PURPOSE)).containsExactly(TEXT);
    node.rotate();
    sas.clock.pass(Limits.KEY_DISTRIBUTION);
    node.reload();
    byte[] after = node.seal(TEXT, PURPOSE);
    TokenKeys restarted = reading(new AtomicReference<>(made));
    assertThat(restarted.open(before, PURPOSE)).containsExactly(TEXT);
    assertThat(restarted.open(after, PURPOSE)).containsExactly(TEXT);
    assertThatThrownBy(sas::ring).isInstanceOf(WrongMasterKey.class);
  }

  @Test
  void a_node_without_the_new_master_key_serves_the_tokens_that_it_knows_and_adds_no_key()
      throws Exception {
    TokenKeys node = sas.ring();
    byte[] known = node.seal(TEXT, PURPOSE);
    String made = MasterKey.random(sas.random);
    TokenKeys other = reading(new AtomicReference<>(made + "," + sas.masterKey));
    assertThat(other.reseal()).isEqualTo(1);

    assertThatThrownBy(node::reload)
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("the master key does not open");
    assertThatThrownBy(node::rotate).isInstanceOf(WrongMasterKey.class);
    assertThat(sas.keyStore.all()).hasSize(1);
    assertThat(node.open(known, PURPOSE)).containsExactly(TEXT);
    assertThat(other.open(node.seal(TEXT, PURPOSE), PURPOSE)).containsExactly(TEXT);

    other.rotate();
    sas.clock.pass(Limits.KEY_DISTRIBUTION);
    other.reload();
    byte[] unknown = other.seal(TEXT, PURPOSE);
    assertThatThrownBy(() -> node.open(unknown, PURPOSE)).isInstanceOf(Unavailable.class);
  }

  @Test
  void a_new_master_key_seals_the_key_for_secrets_with_the_others() {
    AtomicReference<String> file = new AtomicReference<>(sas.masterKey);
    SealedSecrets node = new StoredKeySecrets(reading(file));
    String sealed = node.seal("agent_1", "a secret");
    assertThat(sealed).doesNotContain("a secret");
    assertThat(node.open("agent_1", sealed)).contains("a secret");
    assertThat(node.open("agent_2", sealed)).as("of somebody else").isEmpty();
    assertThat(node.open("agent_1", "no secret")).isEmpty();

    String made = MasterKey.random(sas.random);
    file.set(made + "\n" + sas.masterKey);
    assertThat(reading(file).reseal()).isEqualTo(2);
    file.set(made);
    assertThat(new StoredKeySecrets(reading(file)).open("agent_1", sealed)).contains("a secret");
    assertThat(node.open("agent_1", sealed)).contains("a secret");
  }

  @Test
  void a_node_reads_the_key_for_secrets_that_another_node_has_made_instead_of_its_own() {
    SealedSecrets node = new StoredKeySecrets(sas.ring());
    var _ = node.seal("agent_1", "a secret");
    sas.keyStore.all().stream()
        .filter(Keys.SealedKey::isForSecrets)
        .forEach(key -> sas.keyStore.delete(key.id()));
    String sealed = new StoredKeySecrets(sas.ring()).seal("agent_1", "another secret");
    assertThat(node.open("agent_1", sealed)).contains("another secret");
  }

  @Test
  void a_store_with_only_the_key_for_secrets_gets_a_token_key_under_the_same_master_key()
      throws Exception {
    String sealed = new StoredKeySecrets(sas.ring()).seal("agent_1", "a secret");
    byte[] leaked = sas.keys.seal(TEXT, PURPOSE);
    deleteTokenKeys();
    String made = MasterKey.random(sas.random);

    TokenKeys started = reading(new AtomicReference<>(made + "\n" + sas.masterKey));
    assertThat(sas.keyStore.all()).hasSize(2);
    assertThat(new StoredKeySecrets(started).open("agent_1", sealed)).contains("a secret");
    assertThatThrownBy(() -> started.open(leaked, PURPOSE))
        .isInstanceOf(GeneralSecurityException.class);
    byte[] token = started.seal(TEXT, PURPOSE);
    assertThat(sas.ring().open(token, PURPOSE))
        .as("by a node that has only the old master key")
        .containsExactly(TEXT);
    assertThat(started.reseal()).isEqualTo(2);
  }

  @Test
  void nodes_that_start_over_only_the_key_for_secrets_make_one_token_key() throws Exception {
    String sealed = new StoredKeySecrets(sas.ring()).seal("agent_1", "a secret");
    deleteTokenKeys();
    List<TokenKeys> nodes = AtOnce.run(4, _ -> sas.ring());
    assertThat(sas.keyStore.all()).hasSize(2);
    byte[] token = nodes.getFirst().seal(TEXT, PURPOSE);
    for (TokenKeys node : nodes) {
      assertThat(node.open(token, PURPOSE)).containsExactly(TEXT);
      assertThat(new StoredKeySecrets(node).open("agent_1", sealed)).contains("a secret");
    }
  }

  @Test
  void a_first_token_key_that_is_made_while_another_node_reseals_can_be_opened_afterwards()
      throws Exception {
    var _ = new StoredKeySecrets(sas.ring()).seal("agent_1", "a secret");
    deleteTokenKeys();
    String made = MasterKey.random(sas.random);
    String both = made + "\n" + sas.masterKey;
    AtomicReference<String> file = new AtomicReference<>(both);
    AtomicBoolean isResealed = new AtomicBoolean();
    // After this node has read the keys, and before it adds one.
    Keys meanwhile = new Watched(sas.keyStore, () -> {}, () -> {
      if (!isResealed.getAndSet(true)) {
        resealWithoutTokenKey(MasterKey.parse(both));
        file.set(made);
      }
    });
    TokenKeys node = new TokenKeys(meanwhile, masterKeyIn(file), sas.clock, sas.random);
    assertThat(sas.keyStore.all()).hasSize(2);
    assertThat(reading(new AtomicReference<>(made)).open(node.seal(TEXT, PURPOSE), PURPOSE))
        .containsExactly(TEXT);
  }

  /** Seals the key for secrets again, as the command does when it also adds a token key. */
  private void resealWithoutTokenKey(MasterKey masterKey) {
    List<Keys.SealedKey> seen = sas.keyStore.all();
    List<Keys.SealedKey> resealed = seen.stream()
        .map(key -> {
          try {
            return key.resealed(masterKey.seal(masterKey.open(key.sealed())));
          } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
          }
        })
        .toList();
    assertThat(sas.keyStore.reseal(seen, resealed)).isTrue();
  }

  /** As docs/operating.md, "Leaked keys", does after a leak of token keys alone. */
  private void deleteTokenKeys() {
    sas.database.write(
        sql -> sql.update("DELETE FROM token_key WHERE primary_from < 9223372036854775807"));
  }

  @Test
  void a_running_node_whose_store_lost_its_token_keys_has_an_outage_and_refuses_nobody()
      throws Exception {
    TokenKeys node = sas.ring();
    byte[] known = node.seal(TEXT, PURPOSE);
    sas.keys.rotate();
    becomePrimary();
    byte[] ofAnotherNode = sas.keys.seal(TEXT, PURPOSE);
    deleteTokenKeys();
    assertThatThrownBy(() -> node.open(ofAnotherNode, PURPOSE))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("no token key");
    assertThatThrownBy(node::reload).isInstanceOf(Unavailable.class);
    assertThat(node.open(known, PURPOSE)).containsExactly(TEXT);
    node.rotate();
    assertThat(sas.ring().open(node.seal(TEXT, PURPOSE), PURPOSE)).containsExactly(TEXT);
  }

  @Test
  void nodes_make_one_key_for_secrets_which_seals_no_token_and_is_never_deleted() throws Exception {
    List<TokenKeys> nodes = List.of(sas.ring(), sas.ring(), sas.ring(), sas.ring());
    sas.clock.pass(Duration.ofHours(20));
    List<String> sealed = AtOnce.run(
        nodes.size(), i -> new StoredKeySecrets(nodes.get(i)).seal("agent_" + i, "secret " + i));
    assertThat(sas.keyStore.all().stream().filter(Keys.SealedKey::isForSecrets)).hasSize(1);
    TokenKeys node = nodes.getFirst();
    byte[] token = node.seal(TEXT, PURPOSE);
    assertThat(node.rotateIfOlderThan(Duration.ofDays(1)))
        .as("the token key is new")
        .isFalse();
    sas.clock.pass(Duration.ofHours(5));
    assertThat(node.rotateIfOlderThan(Duration.ofDays(1))).isTrue();
    sas.clock.pass(Limits.KEY_RETIREMENT.plus(Limits.KEY_DISTRIBUTION).plusSeconds(1));
    node.retire();
    assertThat(sas.keyStore.all()).hasSize(2);
    assertThatThrownBy(() -> node.open(token, PURPOSE)).as("deleted").isNotNull();
    byte[] newer = node.seal(TEXT, PURPOSE);
    assertThatThrownBy(() -> node.openSecret(newer, PURPOSE))
        .isInstanceOf(GeneralSecurityException.class);
    for (int i = 0; i < sealed.size(); i++) {
      assertThat(new StoredKeySecrets(sas.ring()).open("agent_" + i, sealed.get(i)))
          .contains("secret " + i);
    }
  }

  @Test
  void until_the_keys_are_resealed_a_new_one_is_under_the_old_master_key() throws Exception {
    String made = MasterKey.random(sas.random);
    TokenKeys node = reading(new AtomicReference<>(made + "\n" + sas.masterKey));
    node.rotate();
    assertThat(sas.keyStore.all()).hasSize(2);
    TokenKeys withTheOldOne = sas.ring();
    sas.clock.pass(Limits.KEY_DISTRIBUTION);
    withTheOldOne.reload();
    node.reload();
    assertThat(withTheOldOne.open(node.seal(TEXT, PURPOSE), PURPOSE)).containsExactly(TEXT);

    assertThat(node.reseal()).isEqualTo(2);
    assertThat(node.reseal()).isEqualTo(0);
    assertThatThrownBy(sas::ring).isInstanceOf(WrongMasterKey.class);
  }

  @Test
  void a_key_that_is_made_while_another_node_reseals_can_be_opened_afterwards() throws Exception {
    String made = MasterKey.random(sas.random);
    AtomicReference<String> file = new AtomicReference<>(made + "\n" + sas.masterKey);
    TokenKeys other = reading(file);
    AtomicBoolean resealed = new AtomicBoolean(true);
    // After this node has read the keys, and before it adds one.
    Keys meanwhile = new Watched(sas.keyStore, () -> {}, () -> {
      if (resealed.compareAndSet(false, true)) {
        assertThat(other.reseal()).isEqualTo(1);
        file.set(made);
      }
    });
    TokenKeys node = new TokenKeys(meanwhile, masterKeyIn(file), sas.clock, sas.random);
    resealed.set(false);
    node.rotate();
    assertThat(sas.keyStore.all()).hasSize(2);
    sas.clock.pass(Limits.KEY_DISTRIBUTION);
    node.reload();
    assertThat(reading(new AtomicReference<>(made)).open(node.seal(TEXT, PURPOSE), PURPOSE))
        .containsExactly(TEXT);
  }

  private TokenKeys reading(AtomicReference<String> file) {
    return new TokenKeys(sas.keyStore, masterKeyIn(file), sas.clock, sas.random);
  }

  private static Supplier<MasterKey> masterKeyIn(AtomicReference<String> file) {
    return () -> MasterKey.parse(file.get());
  }

  @Test
  void a_damaged_key_is_refused_like_a_wrong_master_key() {
    sas.database.write(sql -> sql.update("UPDATE token_key SET sealed = ?", new byte[40]));
    assertThatThrownBy(sas::ring).isInstanceOf(WrongMasterKey.class);
  }

  @Test
  void a_master_key_of_another_form_is_refused_without_repeating_it() {
    for (String odd : List.of(
        "",
        "x",
        "not base64!",
        Base64.getEncoder().encodeToString(new byte[31]),
        Base64.getEncoder().encodeToString(new byte[33]))) {
      assertThatThrownBy(() -> MasterKey.parse(odd))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .satisfies(text -> assertThat(odd.length() > 1 && text.contains(odd)).isFalse());
    }
    assertThat(MasterKey.parse("  " + sas.masterKey + "\n")).isNotNull();
    String twice = sas.masterKey + "\n" + sas.masterKey;
    assertThatThrownBy(() -> MasterKey.parse(twice)).hasMessageContaining("is there twice");
    String tooMany = Stream.generate(() -> MasterKey.random(sas.random))
        .limit(Limits.MASTER_KEYS + 1)
        .collect(Collectors.joining(", "));
    assertThatThrownBy(() -> MasterKey.parse(tooMany)).hasMessageContaining("opens the token keys");
  }

  @Test
  void a_sealed_text_can_be_opened_for_its_own_purpose_only() {
    byte[] sealed = sas.keys.seal(TEXT, PURPOSE);
    assertThatThrownBy(() -> sas.keys.open(sealed, new byte[0]))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void the_files_contain_no_token_no_fingerprint_and_no_key_in_clear_text() throws IOException {
    Fingerprint fingerprint = TestScopedAuth.fingerprint(Sensitivity.HIGH);
    GuestToken token = sas.start(fingerprint);
    token = sas.refresh(token, fingerprint);
    sas.guest(token, fingerprint);
    sas.validate(token, TestScopedAuth.STRANGER);
    sas.keys.rotate();
    byte[] keyBytes = keyBytes();
    sas.database.close();
    byte[] files = everything();
    assertThat(contains(files, "guest_session".getBytes(StandardCharsets.UTF_8)))
        .isTrue();
    assertThat(contains(files, keyBytes)).isFalse();
    assertThat(contains(files, Base64.getDecoder().decode(sas.masterKey))).isFalse();
    for (String secret : List.of(
        sas.masterKey,
        token.text(),
        token.text().substring(5, 45),
        token.text().substring(token.text().length() - 40),
        fingerprint.text(),
        fingerprint.text().substring(8),
        "f1.high",
        Guest.GRANTS.getFirst())) {
      assertThat(contains(files, secret.getBytes(StandardCharsets.UTF_8))).isFalse();
    }
  }

  /** The 32 bytes of the primary key. */
  private byte[] keyBytes() {
    try {
      var handle =
          MasterKey.parse(sas.masterKey).open(sas.keyStore.all().getFirst().sealed());
      var key = (AesGcmKey) handle.getPrimary().getKey();
      byte[] bytes = key.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get());
      assertThat(bytes).hasSize(32);
      return bytes;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] everything() throws IOException {
    var all = new ByteArrayOutputStream();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.writeBytes(Files.readAllBytes(file));
      }
    }
    return all.toByteArray();
  }

  private static boolean contains(byte[] where, byte[] what) {
    String haystack = new String(where, StandardCharsets.ISO_8859_1);
    return haystack.contains(new String(what, StandardCharsets.ISO_8859_1));
  }

  private void becomePrimary() {
    sas.clock.pass(Limits.KEY_DISTRIBUTION);
    sas.keys.reload();
  }

  private void assertValid(GuestToken token) {
    assertThat(sas.validate(token)).isInstanceOf(Verdict.Authorized.class);
  }

  private static byte[] opened(TokenKeys keys, byte[] sealed) {
    try {
      return keys.open(sealed, PURPOSE);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** The key id in the prefix of a sealed text. */
  private static int keyOf(GuestToken token) {
    byte[] sealed = Base64.getUrlDecoder()
        .decode(token.text().substring(Tokens.PREFIX.length(), token.text().length() - 6));
    return ByteBuffer.wrap(sealed, 1, Integer.BYTES).getInt();
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A store that runs an action before each read. */
  private record Watched(Keys keys, Runnable reading, Runnable hasRead) implements Keys {
    @Override
    public List<SealedKey> all() {
      reading.run();
      List<SealedKey> all = keys.all();
      hasRead.run();
      return all;
    }

    @Override
    public Addition add(SealedKey key, Instant unlessMadeAfter, List<SealedKey> seen) {
      return keys.add(key, unlessMadeAfter, seen);
    }

    @Override
    public boolean reseal(List<SealedKey> seen, List<SealedKey> resealed) {
      return keys.reseal(seen, resealed);
    }

    @Override
    public boolean delete(int id) {
      return keys.delete(id);
    }
  }
}
