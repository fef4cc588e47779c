package parlour.push;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import parlour.Limits;
import parlour.proof.P256;

/**
 * Encrypts a message for one browser (RFC 8291), as a single record of {@code aes128gcm} (RFC
 * 8188), so that the push service cannot read it.
 */
final class PushEncryption {
  static final int SALT_BYTES = 16;
  static final int AUTH_BYTES = 16;

  private static final byte[] KEY_INFO = ascii("WebPush: info\0");
  private static final byte[] CONTENT_KEY_INFO = ascii("Content-Encoding: aes128gcm\0");
  private static final byte[] NONCE_INFO = ascii("Content-Encoding: nonce\0");

  /** The size that the head of the message names; RFC 8291 §4 wants a single record. */
  private static final int RECORD_BYTES = 4_096;

  private static final int TAG_BYTES = 16;
  /** The last record ends with this byte, and zeros after it. */
  private static final byte DELIMITER = 2;

  private PushEncryption() {}

  /**
   * Encrypts a message under a new key pair and a new salt. All messages have the same length, so
   * that the push service learns nothing from it.
   *
   * @param browser the public key of the subscription
   * @param auth the secret of the subscription
   */
  static byte[] encrypt(byte[] message, ECPublicKey browser, byte[] auth, SecureRandom random) {
    if (message.length > Limits.PUSH_MESSAGE_BYTES) {
      throw new IllegalArgumentException("a push message of " + message.length + " bytes");
    }
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(P256.PARAMETERS, random);
      byte[] salt = new byte[SALT_BYTES];
      random.nextBytes(salt);
      return encrypt(
          Arrays.copyOf(ended(message), Limits.PUSH_MESSAGE_BYTES + 1),
          browser,
          auth,
          generator.generateKeyPair(),
          salt);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ECDH, HKDF and AES-GCM", e);
    }
  }

  /** The message with the delimiter of the last record, to which zeros can be added. */
  static byte[] ended(byte[] message) {
    byte[] ended = Arrays.copyOf(message, message.length + 1);
    ended[message.length] = DELIMITER;
    return ended;
  }

  /**
   * @param record the message, its delimiter, and zeros
   * @param server the key pair of this message alone
   */
  static byte[] encrypt(
      byte[] record, ECPublicKey browser, byte[] auth, KeyPair server, byte[] salt)
      throws GeneralSecurityException {
    KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
    agreement.init(server.getPrivate());
    agreement.doPhase(browser, true);
    byte[] serverKey = P256.point((ECPublicKey) server.getPublic());
    byte[] keyInfo = joined(KEY_INFO, P256.point(browser), serverKey);
    byte[] secret = derive(agreement.generateSecret(), auth, keyInfo, 32);
    SecretKey key = new SecretKeySpec(derive(secret, salt, CONTENT_KEY_INFO, 16), "AES");
    byte[] nonce = derive(secret, salt, NONCE_INFO, 12);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
    byte[] sealed = cipher.doFinal(record);
    return ByteBuffer.allocate(salt.length + 4 + 1 + serverKey.length + sealed.length)
        .put(salt)
        .putInt(RECORD_BYTES)
        .put((byte) serverKey.length)
        .put(serverKey)
        .put(sealed)
        .array();
  }

  private static byte[] derive(byte[] input, byte[] salt, byte[] info, int bytes)
      throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256")
        .deriveData(
            HKDFParameterSpec.ofExtract().addIKM(input).addSalt(salt).thenExpand(info, bytes));
  }

  private static byte[] joined(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
