package parlour.scopedauth;

import java.time.Instant;
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
  record SealedKey(int id, Instant created, Instant primaryFrom, byte[] sealed) {}

  /** All keys, oldest first. */
  List<SealedKey> all();

  /** Adds the key unless one was made after {@code unlessMadeAfter}; returns whether it did. */
  boolean add(SealedKey key, Instant unlessMadeAfter);

  /** Deletes a key that is not the primary any more and whose tokens have all expired. */
  boolean delete(int id);
}
