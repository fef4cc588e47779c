package parlour.scopedauth;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * The store of token keys, each sealed under the master key. Every method throws {@link
 * parlour.store.StoreUnavailable}.
 */
public interface Keys {

  /**
   * @param primaryFrom the instant from which it seals new tokens, late enough that every node has
   *     it
   * @param sealed a Tink keyset with this one key, encrypted under the master key
   */
  record SealedKey(int id, Instant created, Instant primaryFrom, byte[] sealed) {
    /** The time from which the key for secrets seals tokens. */
    static final Instant NEVER = Instant.ofEpochMilli(Long.MAX_VALUE);

    /**
     * Whether it is the key for the secrets of other roles, which never seals a token. It is kept among
     * the token keys, so that a new master key seals it in the same step.
     */
    public boolean isForSecrets() {
      return primaryFrom.equals(NEVER);
    }

    SealedKey resealed(byte[] other) {
      return new SealedKey(id, created, primaryFrom, other);
    }

    boolean isSealedLike(SealedKey other) {
      return id == other.id && Arrays.equals(sealed, other.sealed);
    }
  }

  /** All keys, oldest first. */
  List<SealedKey> all();

  /** The result of an attempt to add a key. */
  enum Addition {
    ADDED,
    /** Another key was made after the given instant. */
    NEWER_EXISTS,
    /** The keys are not those that the process had read: they may have another master key. */
    CHANGED_MEANWHILE
  }

  /**
   * Adds the key unless one was made after {@code unlessMadeAfter}.
   *
   * @param seen all keys as the process read them; the new one is sealed under their master key
   */
  Addition add(SealedKey key, Instant unlessMadeAfter, List<SealedKey> seen);

  /**
   * Replaces the sealed form of all keys in one step.
   *
   * @param seen all keys as the process read them
   * @return whether the store still had them, and not others
   */
  boolean reseal(List<SealedKey> seen, List<SealedKey> resealed);

  /** Deletes a key that is not the primary any more and whose tokens have all expired. */
  boolean delete(int id);
}
