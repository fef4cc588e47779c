package parlour.accounts;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import parlour.Durations;
import parlour.Limits;
import parlour.Sid;

/**
 * The store of the keys with which an account's programs call the server-side API. Nothing caches
 * them, so a removed key is refused from the next call on, by every node. Every method throws {@link
 * parlour.store.StoreUnavailable}.
 */
public interface ApiKeys {

  /** The calls that a key permits. */
  enum Scope {
    /** Reads conversations, messages, participants and files. */
    READ,
    /** Sends, edits, uploads, closes, reopens, and changes participants. */
    WRITE,
    /** Erases conversations, and removes messages. */
    ERASE;

    /** The word for it in the store, the commands and the answers. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Empty for a scope of a later version, which this one does not grant. */
    static Optional<Scope> of(String word) {
      return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
    }
  }

  /**
   * A key of one program. Its secret is kept as a digest only.
   *
   * @param name for operators
   * @param expires from this instant on, it is refused
   * @param lastUsed the day of its last call, in UTC; empty before the first one
   */
  record ApiKey(
      Sid.ApiKey sid,
      Sid.Account account,
      String name,
      Set<Scope> scopes,
      Instant created,
      Instant expires,
      Optional<LocalDate> lastUsed) {

    public ApiKey {
      scopes = Set.copyOf(scopes);
    }

    /**
     * A key that nobody has used.
     *
     * @throws IllegalArgumentException about the name, the scopes or the time, with the remedy
     */
    public static ApiKey next(
        Sid.ApiKey sid,
        Sid.Account account,
        String name,
        Set<Scope> scopes,
        Instant now,
        Duration ttl) {
      if (name.isBlank()
          || name.length() > Limits.API_KEY_NAME_CHARACTERS
          || name.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "the name of an API key is one line of 1 to %d characters"
                .formatted(Limits.API_KEY_NAME_CHARACTERS));
      }
      if (scopes.isEmpty()) {
        throw new IllegalArgumentException("an API key without a scope permits nothing");
      }
      if (ttl.compareTo(Limits.MIN_API_KEY_TTL) < 0 || ttl.compareTo(Limits.MAX_API_KEY_TTL) > 0) {
        throw new IllegalArgumentException("an API key lives from %s to %s, not %s"
            .formatted(
                Durations.text(Limits.MIN_API_KEY_TTL),
                Durations.text(Limits.MAX_API_KEY_TTL),
                Durations.text(ttl)));
      }
      return new ApiKey(sid, account, name, scopes, now, now.plus(ttl), Optional.empty());
    }

    public boolean hasExpired(Instant now) {
      return !now.isBefore(expires);
    }
  }

  /**
   * A key with the digest of its secret.
   *
   * @param secretDigest SHA-256
   */
  record Stored(ApiKey key, byte[] secretDigest) {}

  /** False if the account does not exist, or has {@link Limits#API_KEYS} already. */
  boolean create(ApiKey key, byte[] secretDigest);

  Optional<Stored> find(Sid.ApiKey sid);

  /** The keys of all accounts, the oldest first. */
  List<ApiKey> apiKeys();

  /** False if there is no such key. */
  boolean remove(Sid.ApiKey sid);

  /** Records the day on which a key was used last, unless a later one is recorded. */
  void recordUse(Sid.ApiKey sid, LocalDate day);
}
