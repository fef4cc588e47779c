package parlour.spec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import parlour.proof.P256;

/**
 * The browser's side of a push subscription: it makes the keys, and opens a message as RFC 8291 says,
 * with its own HKDF.
 */
public final class PushBrowser {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair keys;
  private final byte[] auth = new byte[16];

  public PushBrowser() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      keys = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    new SecureRandom().nextBytes(auth);
  }

  public String p256dh() {
    return BASE64.encodeToString(point());
  }

  public String auth() {
    return BASE64.encodeToString(auth);
  }

  /** The body with which the widget subscribes. */
  public String subscription(String endpoint, String title, String text) {
    return """
        {"endpoint":"%s","p256dh":"%s","auth":"%s","title":"%s","text":"%s"}""".formatted(endpoint, p256dh(), auth(), title, text);
  }

  /** Opens a message, and returns its text. */
  public String opens(byte[] message) {
    try {
      ByteBuffer parts = ByteBuffer.wrap(message);
      byte[] salt = bytes(parts, 16);
      int recordBytes = parts.getInt();
      byte[] server = bytes(parts, parts.get());
      byte[] sealed = bytes(parts, parts.remaining());
      if (sealed.length > recordBytes) {
        throw new IllegalStateException("more than one record");
      }
      KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
      agreement.init(keys.getPrivate());
      agreement.doPhase(P256.key(server).orElseThrow(), true);
      byte[] first = hmac(auth, agreement.generateSecret());
      byte[] secret = hmac(first, ascii("WebPush: info\0"), point(), server, new byte[] {1});
      byte[] second = hmac(salt, secret);
      byte[] key = hmac(second, ascii("Content-Encoding: aes128gcm\0"), new byte[] {1});
      byte[] nonce = hmac(second, ascii("Content-Encoding: nonce\0"), new byte[] {1});
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(Arrays.copyOf(key, 16), "AES"),
          new GCMParameterSpec(128, Arrays.copyOf(nonce, 12)));
      byte[] record = cipher.doFinal(sealed);
      int end = record.length - 1;
      while (record[end] == 0) {
        end--;
      }
      if (record[end] != 2) {
        throw new IllegalStateException("not the delimiter of the last record: " + record[end]);
      }
      return new String(record, 0, end, StandardCharsets.UTF_8);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] point() {
    return P256.point((ECPublicKey) keys.getPublic());
  }

  private static byte[] bytes(ByteBuffer from, int length) {
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }

  private static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    for (byte[] part : parts) {
      mac.update(part);
    }
    return mac.doFinal();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
