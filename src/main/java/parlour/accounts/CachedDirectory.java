package parlour.accounts;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.Supplier;
import parlour.Limits;
import parlour.Sid;

/**
 * The directory, cached for seconds.
 *
 * <p>{@link #poll} drops all entries if this process or another has changed the store. Each entry
 * also ends after {@link Limits#DIRECTORY_CACHE_TTL}. Unknown keys are cached, too, so that a flood
 * of them costs no reads.
 */
public final class CachedDirectory implements Directory {
  private final Accounts accounts;
  private volatile Held held = new Held(0);

  /** The entries of one version. An entry that is read late is dropped with its version. */
  private record Held(
      long version,
      Cache<Sid.Deployment, Optional<Sid.Account>> accountOf,
      Cache<Sid.Deployment, Optional<Configuration>> configurationOf) {

    Held(long version) {
      this(version, cache(), cache());
    }
  }

  public CachedDirectory(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public Optional<Sid.Account> accountOf(Sid.Deployment deployment) {
    return get(held.accountOf(), deployment, () -> accounts.accountOf(deployment));
  }

  @Override
  public Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment deployment) {
    return get(
            held.configurationOf(), deployment, () -> accounts.configurationOf(account, deployment))
        .filter(configuration -> configuration.account().equals(account));
  }

  /** Polls the store's version, and drops the cache if it has changed since the last poll. */
  public void poll() {
    long now = accounts.version();
    if (held.version() != now) {
      held = new Held(now);
    }
  }

  /** A number that is different after each change that this process has noticed. */
  public long version() {
    return held.version();
  }

  /** Reads outside of the cache's locks: while the store hangs, callers wait side by side. */
  private static <K, V> V get(Cache<K, V> cache, K key, Supplier<V> read) {
    V known = cache.getIfPresent(key);
    if (known != null) {
      return known;
    }
    V value = read.get();
    cache.put(key, value);
    return value;
  }

  private static <K, V> Cache<K, V> cache() {
    return Caffeine.newBuilder()
        .maximumSize(Limits.DIRECTORY_CACHE_ENTRIES)
        .expireAfterWrite(Limits.DIRECTORY_CACHE_TTL)
        .build();
  }
}
