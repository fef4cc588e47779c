package parlour.scopedauth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;

/** {@link SealedSecrets} by the key for secrets in the store of token keys. */
public final class StoredKeySecrets implements SealedSecrets {
  private final TokenKeys keys;

  public StoredKeySecrets(TokenKeys keys) {
    this.keys = keys;
  }

  @Override
  public String seal(String owner, String secret) {
    return Base64.getEncoder()
        .encodeToString(
            keys.sealSecret(secret.getBytes(StandardCharsets.UTF_8), associated(owner)));
  }

  @Override
  public Optional<String> open(String owner, String sealed) {
    try {
      return Optional.of(new String(
          keys.openSecret(Base64.getDecoder().decode(sealed), associated(owner)),
          StandardCharsets.UTF_8));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] associated(String owner) {
    return ("parlour secret 1\n" + owner).getBytes(StandardCharsets.UTF_8);
  }
}
