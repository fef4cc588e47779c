package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.scopedauth.Keys.Addition.ADDED;

import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Unavailable;
import parlour.spec.AtOnce;
import parlour.spec.PushReceiver;
import parlour.store.Database;

/** The contract of a store of token keys, for every database. */
abstract class KeysContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /** Later than the instant at which any key was made. */
  private static final Instant LATE = Instant.ofEpochMilli(Long.MAX_VALUE);

  private final SecureRandom random = new SecureRandom();
  private Database database;
  private Keys keys;

  /** Opens the same database each time, even if it is open already. */
  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    keys = new SqlKeys(database);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void a_new_store_has_no_keys() {
    assertThat(keys.all()).isEmpty();
  }

  @Test
  void a_key_is_read_as_it_was_added_also_with_a_negative_id() {
    for (int id : new int[] {1, -1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertThat(add(key(id, NOW), NOW)).isEqualTo(ADDED);
    }
    assertThat(keys.all())
        .extracting(Keys.SealedKey::id)
        .containsExactlyInAnyOrder(1, -1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE);
    assertThat(keys.all()).allSatisfy(found -> {
      assertThat(found.created()).isEqualTo(NOW);
      assertThat(found.primaryFrom()).isEqualTo(NOW.plusSeconds(5));
      assertThat(found.sealed()).containsExactly(key(found.id(), NOW).sealed());
    });
  }

  @Test
  void the_key_for_push_services_is_made_once_and_signs_as_the_standard_says() {
    AtomicReference<String> master = masterKey();
    PushKeys node = pushKeys(master);
    PushKeys another = pushKeys(master);
    assertThat(another.publicKey()).isEqualTo(node.publicKey());
    String header = node.sign(
            "https://push.example.net",
            "mailto:push@example.com",
            Instant.ofEpochSecond(1453523768))
        .header();
    // the example of RFC 8292 §2.4, whose signature has another key
    assertThat(header)
        .startsWith("vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhh"
            + "bXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.")
        .endsWith(", k=" + node.publicKey());
    assertThat(PushReceiver.verifies(header)).isTrue();
    assertThat(PushReceiver.verifies(header.replace("vapid t=ey", "vapid t=ez")))
        .isFalse();
    assertThat(PushReceiver.verifies(
            "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczov"
                + "L3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1w"
                + "bGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNj"
                + "jvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRu"
                + "U_RCPCfA5aq9ojSwk5Y2EmClBPs"))
        .as("the example itself")
        .isTrue();
  }

  @Test
  void the_key_for_push_services_stays_the_same_under_a_new_master_key() {
    AtomicReference<String> master = masterKey();
    String before = pushKeys(master).publicKey();
    String old = master.get();
    String made = MasterKey.random(random);
    SqlPushKey store = new SqlPushKey(database);
    assertThat(StoredPushKeys.reseal(store, MasterKey.parse(old)))
        .as("nothing to do")
        .isFalse();
    assertThat(StoredPushKeys.reseal(store, MasterKey.parse(made + "\n" + old))).isTrue();
    master.set(made);
    assertThat(pushKeys(master).publicKey()).isEqualTo(before);
    master.set(old);
    assertThatThrownBy(() -> pushKeys(master).publicKey()).isInstanceOf(Unavailable.class);
    assertThatThrownBy(() -> StoredPushKeys.reseal(store, MasterKey.parse(old)))
        .isInstanceOf(WrongMasterKey.class);
  }

  @Test
  void a_key_for_push_services_is_sealed_by_the_master_key_that_all_nodes_have() {
    AtomicReference<String> master = masterKey();
    String old = master.get();
    master.set(MasterKey.random(random) + "\n" + old);
    String made = pushKeys(master).publicKey();
    master.set(old);
    assertThat(pushKeys(master).publicKey()).isEqualTo(made);
  }

  @Test
  void a_key_for_push_services_made_during_a_reseal_is_under_the_new_master_key() {
    AtomicReference<String> master = masterKey();
    String made = MasterKey.random(random);
    String both = made + "\n" + master.get();
    AtomicBoolean isResealed = new AtomicBoolean();
    SqlPushKey store = new SqlPushKey(database);
    Keys resealedMeanwhile = (Keys) Proxy.newProxyInstance(
        Keys.class.getClassLoader(), new Class<?>[] {Keys.class}, (_, method, arguments) -> {
          Object seen = method.invoke(keys, arguments);
          if (!isResealed.getAndSet(true)) {
            new TokenKeys(keys, MasterKey.parse(both), () -> NOW, random).reseal();
            StoredPushKeys.reseal(store, MasterKey.parse(both));
          }
          return seen;
        });
    String publicKey = new StoredPushKeys(
            store, resealedMeanwhile, () -> MasterKey.parse(both), () -> NOW, random)
        .publicKey();
    master.set(made);
    assertThat(pushKeys(master).publicKey()).isEqualTo(publicKey);
  }

  @Test
  void nothing_is_signed_for_push_services_for_longer_than_a_day() {
    PushKeys node = pushKeys(masterKey());
    assertThat(node.sign("https://a.example", "mailto:a@example.com", NOW.plusSeconds(86_400))
            .header())
        .startsWith("vapid");
    assertThatThrownBy(
            () -> node.sign("https://a.example", "mailto:a@example.com", NOW.plusSeconds(86_401)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A master key, under which the store has a token key. */
  private AtomicReference<String> masterKey() {
    String text = MasterKey.random(random);
    var _ = new TokenKeys(keys, MasterKey.parse(text), () -> NOW, random);
    return new AtomicReference<>(text);
  }

  private PushKeys pushKeys(AtomicReference<String> master) {
    return new StoredPushKeys(
        new SqlPushKey(database), keys, () -> MasterKey.parse(master.get()), () -> NOW, random);
  }

  @Test
  void keys_are_listed_from_the_first_primary_to_the_last() {
    add(key(3, NOW.plusSeconds(3)), LATE);
    add(key(1, NOW.plusSeconds(1)), LATE);
    add(key(2, NOW.plusSeconds(2)), LATE);
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(1, 2, 3);
  }

  @Test
  void a_key_is_not_added_if_another_was_made_after_the_given_instant() {
    assertThat(add(key(1, NOW), LATE)).isEqualTo(ADDED);
    assertThat(add(key(2, NOW.plusSeconds(1)), NOW.minusMillis(1)))
        .isEqualTo(Keys.Addition.NEWER_EXISTS);
    assertThat(add(key(3, NOW.plusSeconds(1)), NOW)).isEqualTo(ADDED);
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(1, 3);
  }

  @Test
  void two_keys_cannot_have_the_same_id() {
    add(key(1, NOW), LATE);
    assertThatThrownBy(() -> add(key(1, NOW.plusSeconds(1)), LATE))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_key_is_deleted_once() {
    add(key(1, NOW), LATE);
    add(key(2, NOW), LATE);
    assertThat(keys.delete(1)).isTrue();
    assertThat(keys.delete(1)).isFalse();
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(2);
  }

  @Test
  void two_nodes_that_make_the_first_key_at_once_make_one() {
    List<Keys.Addition> added =
        AtOnce.run(20, i -> keys.add(key(i, NOW), Instant.EPOCH, List.of()));
    assertThat(added).containsOnlyOnce(ADDED);
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(added.indexOf(ADDED));
  }

  @Test
  void two_nodes_over_one_store_that_rotate_by_age_at_once_add_one_key() {
    add(key(100, NOW), LATE);
    Instant later = NOW.plusSeconds(86_400);
    try (Database other = open()) {
      Keys elsewhere = new SqlKeys(other);
      List<Keys.SealedKey> seen = keys.all();
      List<Keys.Addition> added = AtOnce.run(
          10,
          i -> (i % 2 == 0 ? keys : elsewhere).add(key(i, later), later.minusSeconds(3_600), seen));
      assertThat(added).containsOnlyOnce(ADDED);
      assertThat(elsewhere.all()).hasSize(2);
    }
  }

  @Test
  void a_key_is_not_added_if_the_keys_are_not_those_that_were_read() {
    add(key(1, NOW), LATE);
    List<Keys.SealedKey> seen = keys.all();
    assertThat(keys.reseal(seen, List.of(seen.getFirst().resealed(new byte[] {7}))))
        .isTrue();
    assertThat(keys.add(key(2, NOW), LATE, seen)).isEqualTo(Keys.Addition.CHANGED_MEANWHILE);
    assertThat(keys.add(key(2, NOW), LATE, List.of())).isEqualTo(Keys.Addition.CHANGED_MEANWHILE);
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(1);
    assertThat(add(key(2, NOW), LATE)).isEqualTo(ADDED);
  }

  @Test
  void keys_are_resealed_together_if_they_are_those_that_were_read() {
    add(key(1, NOW), LATE);
    add(key(2, NOW.plusSeconds(1)), LATE);
    List<Keys.SealedKey> seen = keys.all();
    List<Keys.SealedKey> resealed =
        seen.stream().map(key -> key.resealed(new byte[] {(byte) key.id(), 9})).toList();
    assertThat(keys.reseal(seen, resealed)).isTrue();
    assertThat(keys.reseal(seen, seen)).isFalse();
    assertThat(keys.all())
        .satisfiesExactly(
            one -> {
              assertThat(one.sealed()).containsExactly(1, 9);
              assertThat(one.created()).isEqualTo(NOW);
              assertThat(one.primaryFrom()).isEqualTo(NOW.plusSeconds(5));
            },
            two -> assertThat(two.sealed()).containsExactly(2, 9));
  }

  @Test
  void an_acknowledged_key_survives_a_crash() {
    add(key(1, NOW), LATE);
    // A crash closes nothing.
    try (Database afterwards = open()) {
      assertThat(new SqlKeys(afterwards).all()).extracting(Keys.SealedKey::id).containsExactly(1);
    }
  }

  @Test
  void a_rotation_that_fails_half_way_leaves_nothing() {
    add(key(1, NOW), LATE);
    assertThatThrownBy(() -> database.write(sql -> {
          sql.update("DELETE FROM token_key");
          throw new IllegalArgumentException("the crash");
        }))
        .hasMessage("the crash");
    database.close();
    database = open();
    keys = new SqlKeys(database);
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(1);
  }

  private Keys.Addition add(Keys.SealedKey key, Instant unlessMadeAfter) {
    return keys.add(key, unlessMadeAfter, keys.all());
  }

  private static Keys.SealedKey key(int id, Instant created) {
    byte[] sealed = {0, (byte) id, -1, 127, -128};
    return new Keys.SealedKey(id, created, created.plusSeconds(5), sealed);
  }
}
