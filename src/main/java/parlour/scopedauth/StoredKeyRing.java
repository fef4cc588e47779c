package parlour.scopedauth;

import java.time.InstantSource;
import java.util.List;

/** The keys in the store of this process. */
public final class StoredKeyRing implements KeyRing {
  private final Keys store;
  private final TokenKeys keys;
  private final InstantSource clock;

  public StoredKeyRing(Keys store, TokenKeys keys, InstantSource clock) {
    this.store = store;
    this.keys = keys;
    this.clock = clock;
  }

  @Override
  public List<ListedKey> list() {
    return ListedKey.of(store.all(), clock.instant());
  }

  @Override
  public boolean rotate(String newest) {
    return keys.rotateAfter(Integer.parseUnsignedInt(newest, 16));
  }
}
