package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.spec.AtOnce;
import parlour.store.Database;

/** The contract of a store of token keys, for every database. */
abstract class KeysContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /** Later than the instant at which any key was made. */
  private static final Instant LATE = Instant.ofEpochMilli(Long.MAX_VALUE);

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
      assertThat(keys.add(key(id, NOW), NOW)).isTrue();
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
  void keys_are_listed_from_the_first_primary_to_the_last() {
    keys.add(key(3, NOW.plusSeconds(3)), LATE);
    keys.add(key(1, NOW.plusSeconds(1)), LATE);
    keys.add(key(2, NOW.plusSeconds(2)), LATE);
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(1, 2, 3);
  }

  @Test
  void a_key_is_not_added_if_another_was_made_after_the_given_instant() {
    assertThat(keys.add(key(1, NOW), LATE)).isTrue();
    assertThat(keys.add(key(2, NOW.plusSeconds(1)), NOW.minusMillis(1))).isFalse();
    assertThat(keys.add(key(3, NOW.plusSeconds(1)), NOW)).isTrue();
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(1, 3);
  }

  @Test
  void two_keys_cannot_have_the_same_id() {
    keys.add(key(1, NOW), LATE);
    assertThatThrownBy(() -> keys.add(key(1, NOW.plusSeconds(1)), LATE))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_key_is_deleted_once() {
    keys.add(key(1, NOW), LATE);
    keys.add(key(2, NOW), LATE);
    assertThat(keys.delete(1)).isTrue();
    assertThat(keys.delete(1)).isFalse();
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(2);
  }

  @Test
  void two_nodes_that_make_the_first_key_at_once_make_one() {
    List<Boolean> added = AtOnce.run(20, i -> keys.add(key(i, NOW), Instant.EPOCH));
    assertThat(added).containsOnlyOnce(true);
    assertThat(keys.all()).extracting(Keys.SealedKey::id).containsExactly(added.indexOf(true));
  }

  @Test
  void two_nodes_over_one_store_that_rotate_by_age_at_once_add_one_key() {
    keys.add(key(100, NOW), LATE);
    Instant later = NOW.plusSeconds(86_400);
    try (Database other = open()) {
      Keys elsewhere = new SqlKeys(other);
      List<Boolean> added = AtOnce.run(
          10, i -> (i % 2 == 0 ? keys : elsewhere).add(key(i, later), later.minusSeconds(3_600)));
      assertThat(added).containsOnlyOnce(true);
      assertThat(elsewhere.all()).hasSize(2);
    }
  }

  @Test
  void an_acknowledged_key_survives_a_crash() {
    keys.add(key(1, NOW), LATE);
    // A crash closes nothing.
    try (Database afterwards = open()) {
      assertThat(new SqlKeys(afterwards).all()).extracting(Keys.SealedKey::id).containsExactly(1);
    }
  }

  @Test
  void a_rotation_that_fails_half_way_leaves_nothing() {
    keys.add(key(1, NOW), LATE);
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

  private static Keys.SealedKey key(int id, Instant created) {
    byte[] sealed = {0, (byte) id, -1, 127, -128};
    return new Keys.SealedKey(id, created, created.plusSeconds(5), sealed);
  }
}
