package parlour.scopedauth;

import java.util.Optional;

/**
 * Seals the secrets of other roles, which have no key of their own, under a key that the master key
 * seals. Every method throws {@link parlour.Unavailable}.
 */
public interface SealedSecrets {
  /**
   * Seals a secret ({@code POST /v1/SealedSecrets/seal}).
   *
   * @param owner whose secret it is; only the same owner can open it
   */
  String seal(String owner, String secret);

  /**
   * Opens a secret ({@code POST /v1/SealedSecrets/open}); empty if it was sealed for somebody else, or
   * by a key that does not exist any more.
   */
  Optional<String> open(String owner, String sealed);
}
