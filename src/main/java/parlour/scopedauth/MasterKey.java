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
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import parlour.Limits;

/**
 * The key that seals the token keys and other secrets, stored outside of the database: 32 bytes in base64. While an
 * operator replaces it there are several: the first one is the new one, and each opens what it
 * sealed.
 */
public final class MasterKey {
  private static final Pattern BETWEEN = Pattern.compile("[\\s,]+");
  private static final int BYTES = 32;
  private static final byte[] PURPOSE = "parlour token key v1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SECRET = "parlour secret v1".getBytes(StandardCharsets.US_ASCII);

  /** The newest first. */
  private final List<Aead> keys;

  private MasterKey(List<Aead> keys) {
    this.keys = keys;
  }

  @AccessesPartialKey
  private static Aead aead(byte[] bytes) {
    TokenKeys.registerCiphers();
    try {
      AesGcmKey key = AesGcmKey.builder()
          .setParameters(TokenKeys.parameters(AesGcmParameters.Variant.NO_PREFIX))
          .setKeyBytes(SecretBytes.copyFrom(bytes, InsecureSecretKeyAccess.get()))
          .build();
      return KeysetHandle.newBuilder()
          .addEntry(KeysetHandle.importKey(key).withRandomId().makePrimary())
          .build()
          .getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot do AES-256-GCM", e);
    }
  }

  /**
   * Reads one key, or several with white space or commas between them, the newest first.
   *
   * @throws IllegalArgumentException with the remedy; the message does not contain the key
   */
  public static MasterKey parse(String text) {
    List<String> all = split(text);
    if (all.size() > Limits.MASTER_KEYS) {
      throw new IllegalArgumentException(
          "there are %d master keys, and %d at most are of use: keep the one that opens the token keys"
              .formatted(all.size(), Limits.MASTER_KEYS));
    }
    if (Set.copyOf(all).size() < all.size()) {
      throw new IllegalArgumentException("the same master key is there twice: remove one of them");
    }
    return new MasterKey(all.stream().map(key -> aead(bytes(key))).toList());
  }

  /** The keys of a text, which {@link #parse} reads, the newest first. */
  public static List<String> split(String text) {
    return List.of(BETWEEN.split(text.strip()));
  }

  private static byte[] bytes(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the master key is not base64", e);
    }
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "the master key has %d bytes, not %d: make one with \"openssl rand -base64 32\""
              .formatted(bytes.length, BYTES));
    }
    return bytes;
  }

  /** Makes a new key, in the form that {@link #parse} reads. */
  public static String random(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** Seals a token key under the newest master key. */
  byte[] seal(KeysetHandle key) {
    return seal(key, keys.getFirst());
  }

  /**
   * Seals a token key under the master key that sealed another one, because other processes may have
   * only that master key.
   *
   * @throws GeneralSecurityException if no master key opens the other one
   */
  byte[] sealLike(byte[] other, KeysetHandle key) throws GeneralSecurityException {
    return seal(key, keys.get(opened(other).by()));
  }

  private static byte[] seal(KeysetHandle key, Aead aead) {
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
    return opened(sealed).key();
  }

  /** Seals another secret than a token key under the newest master key. */
  byte[] sealSecret(byte[] secret) {
    return sealSecret(secret, keys.getFirst());
  }

  /**
   * The same under the master key that sealed a token key, because other processes may have only that
   * one.
   *
   * @throws GeneralSecurityException if no master key opens the token key
   */
  byte[] sealSecretLike(byte[] tokenKey, byte[] secret) throws GeneralSecurityException {
    return sealSecret(secret, keys.get(opened(tokenKey).by()));
  }

  private static byte[] sealSecret(byte[] secret, Aead aead) {
    try {
      return aead.encrypt(secret, SECRET);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("could not seal a secret", e);
    }
  }

  /**
   * @throws GeneralSecurityException if it was sealed under another master key, or damaged
   */
  byte[] openSecret(byte[] sealed) throws GeneralSecurityException {
    GeneralSecurityException last = new GeneralSecurityException("no master key");
    for (Aead key : keys) {
      try {
        return key.decrypt(sealed, SECRET);
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Whether a secret is sealed under the newest master key. */
  boolean isNewestOfSecret(byte[] sealed) {
    try {
      byte[] _ = keys.getFirst().decrypt(sealed, SECRET);
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Whether a token key is sealed under the newest master key. */
  boolean isNewest(byte[] sealed) {
    try {
      return opened(sealed).by() == 0;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * @param by the place of the master key that opened it
   */
  private record Opened(KeysetHandle key, int by) {}

  private Opened opened(byte[] sealed) throws GeneralSecurityException {
    GeneralSecurityException last = new GeneralSecurityException("no master key");
    for (int i = 0; i < keys.size(); i++) {
      try {
        return new Opened(
            TinkProtoKeysetFormat.parseEncryptedKeyset(
                sealed, keys.get(i), PURPOSE, RegistryConfiguration.get()),
            i);
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }

  @Override
  public String toString() {
    return "MasterKey[…]";
  }
}
