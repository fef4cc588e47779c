package parlour.scopedauth;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;

/** The key that seals the token keys: 32 bytes in base64, stored outside of the database. */
public final class MasterKey {
  private static final int BYTES = 32;
  private static final byte[] PURPOSE = "parlour token key v1".getBytes(StandardCharsets.US_ASCII);

  private final Aead aead;

  @AccessesPartialKey
  private MasterKey(byte[] bytes) {
    TokenKeys.registerCiphers();
    try {
      AesGcmKey key = AesGcmKey.builder()
          .setParameters(TokenKeys.parameters(AesGcmParameters.Variant.NO_PREFIX))
          .setKeyBytes(SecretBytes.copyFrom(bytes, InsecureSecretKeyAccess.get()))
          .build();
      aead = KeysetHandle.newBuilder()
          .addEntry(KeysetHandle.importKey(key).withRandomId().makePrimary())
          .build()
          .getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot do AES-256-GCM", e);
    }
  }

  /**
   * @throws IllegalArgumentException with the remedy; the message does not contain the key
   */
  public static MasterKey parse(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the master key is not base64", e);
    }
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "the master key has %d bytes, not %d: make one with \"openssl rand -base64 32\""
              .formatted(bytes.length, BYTES));
    }
    return new MasterKey(bytes);
  }

  /** Makes a new key, in the form that {@link #parse} reads. */
  public static String random(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  byte[] seal(KeysetHandle key) {
    try {
      return TinkProtoKeysetFormat.serializeEncryptedKeyset(
          key, aead, PURPOSE, RegistryConfiguration.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("could not seal a token key", e);
    }
  }

  /**
   * @throws GeneralSecurityException if it was sealed under another master key, or damaged
   */
  KeysetHandle open(byte[] sealed) throws GeneralSecurityException {
    return TinkProtoKeysetFormat.parseEncryptedKeyset(
        sealed, aead, PURPOSE, RegistryConfiguration.get());
  }

  @Override
  public String toString() {
    return "MasterKey[…]";
  }
}
