package parlour.scopedauth;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.HKDFParameterSpec;
import parlour.Sha256;
import parlour.Sid;
import parlour.proof.Proof;

/** The browser's side of a bound session: its key pair, and the key that it derives. */
final class TestBrowserKey {
  private static final Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
  private static final SecureRandom random = new SecureRandom();

  private final KeyPair pair;
  private byte[] secret = new byte[0];

  TestBrowserKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      pair = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The field {@code proofKey}. */
  String text() {
    byte[] point = new byte[65];
    point[0] = 4;
    ECPoint w = ((ECPublicKey) pair.getPublic()).getW();
    write(w.getAffineX(), point, 33);
    write(w.getAffineY(), point, 65);
    return url.encodeToString(point);
  }

  private static void write(BigInteger number, byte[] point, int end) {
    byte[] bytes = number.toByteArray();
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, point, end - length, length);
  }

  /**
   * Derives the key.
   *
   * @param serverKey the field {@code proof_key}
   */
  TestBrowserKey agree(String serverKey, Sid.Conversation conversation) {
    byte[] point = Base64.getUrlDecoder().decode(serverKey);
    try {
      ECPoint w = new ECPoint(new BigInteger(1, point, 1, 32), new BigInteger(1, point, 33, 32));
      KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
      agreement.init(pair.getPrivate());
      agreement.doPhase(
          KeyFactory.getInstance("EC")
              .generatePublic(new ECPublicKeySpec(w, ((ECPublicKey) pair.getPublic()).getParams())),
          true);
      secret = KDF.getInstance("HKDF-SHA256")
          .deriveData(HKDFParameterSpec.ofExtract()
              .addIKM(agreement.generateSecret())
              .addSalt(conversation.text().getBytes(StandardCharsets.US_ASCII))
              .thenExpand("parlour proof 1".getBytes(StandardCharsets.US_ASCII), 32));
      return this;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Proves a call with this token. */
  Proof proof(GuestToken token) {
    String signed = signed(token);
    return new Proof(signed, url.encodeToString(Sha256.keyed(secret, signed)), Optional.empty());
  }

  /** Proves a reading call with this token. */
  Proof proof(GuestToken token, String nonce, Instant created) {
    String signed = signed(token) + nonce;
    return new Proof(
        signed,
        url.encodeToString(Sha256.keyed(secret, signed)),
        Optional.of(new Proof.Nonce(nonce, created, true)));
  }

  /** The text that the server makes from a call with this token. */
  static String signed(GuestToken token) {
    return "\"authorization\": Bearer " + token.text() + "\n";
  }
}
