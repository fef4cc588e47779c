package parlour.orchestrator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import parlour.Limits;
import parlour.Sid;

/**
 * The directory, held for seconds.
 *
 * <p>{@link #notice} drops everything when the store says that something changed, by this process or
 * another; an entry never outlives {@link Limits#DIRECTORY_CACHE_TTL} anyway. Unknown keys are held
 * too: a flood of them costs no reads.
 */
public final class CachedDirectory implements Directory {
  private final Accounts accounts;
  private final AtomicLong version = new AtomicLong();
  private final Cache<Sid.Deployment, Optional<Sid.Account>> accountOf = cache();
  private final Cache<Sid.Deployment, Optional<Configuration>> configurationOf = cache();

  public CachedDirectory(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public Optional<Sid.Account> accountOf(Sid.Deployment deployment) {
    return accountOf.get(deployment, accounts::accountOf);
  }

  @Override
  public Optional<Configuration> configurationOf(Sid.Account account, Sid.Deployment deployment) {
    return configurationOf
        .get(deployment, key -> accounts.configurationOf(account, key))
        .filter(configuration -> configuration.account().equals(account));
  }

  /** Looks whether anything changed since the last look, and forgets what is held if so. */
  public void notice() {
    long now = accounts.version();
    if (version.getAndSet(now) != now) {
      accountOf.invalidateAll();
      configurationOf.invalidateAll();
    }
  }

  private static <K, V> Cache<K, V> cache() {
    return Caffeine.newBuilder()
        .maximumSize(Limits.DIRECTORY_CACHE_ENTRIES)
        .expireAfterWrite(Limits.DIRECTORY_CACHE_TTL)
        .build();
  }
}
