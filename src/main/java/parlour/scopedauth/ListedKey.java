package parlour.scopedauth;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Limits;

/**
 * A key of the store, as operators see it: without key material.
 *
 * @param id in eight hex digits
 * @param state {@code primary}: seals new tokens; {@code next}: seals them soon; {@code opens}: only opens older tokens; {@code
 *     secrets}: it seals the secrets of other roles, and no token
 * @param created empty for the key for secrets, which has no age
 * @param primaryFrom the instant from which it seals new tokens
 * @param opensUntil the instant from which it can be deleted, because its tokens have ended; empty for a key that seals or
 *     will seal tokens
 */
public record ListedKey(
    String id,
    String state,
    Optional<Instant> created,
    Optional<Instant> primaryFrom,
    Optional<Instant> opensUntil) {

  /** The keys with their states: the newest key whose time has come is primary. */
  public static List<ListedKey> of(List<Keys.SealedKey> oldestFirst, Instant now) {
    List<Keys.SealedKey> ofTokens =
        oldestFirst.stream().filter(key -> !key.isForSecrets()).toList();
    int primary =
        (int) ofTokens.stream().filter(key -> !key.primaryFrom().isAfter(now)).count() - 1;
    List<ListedKey> listed = new ArrayList<>();
    for (int i = 0; i < ofTokens.size(); i++) {
      Keys.SealedKey key = ofTokens.get(i);
      listed.add(new ListedKey(
          hex(key.id()),
          i == primary ? "primary" : i < primary ? "opens" : "next",
          Optional.of(key.created()),
          Optional.of(key.primaryFrom()),
          i < primary
              ? Optional.of(ofTokens.get(i + 1).primaryFrom().plus(Limits.KEY_RETIREMENT))
              : Optional.empty()));
    }
    oldestFirst.stream()
        .filter(Keys.SealedKey::isForSecrets)
        .map(key -> new ListedKey(
            hex(key.id()), "secrets", Optional.empty(), Optional.empty(), Optional.empty()))
        .forEach(listed::add);
    return List.copyOf(listed);
  }

  private static String hex(int id) {
    return "%08x".formatted(id);
  }

  /** Whether it seals or opens tokens. */
  public boolean isOfTokens() {
    return created.isPresent();
  }
}
