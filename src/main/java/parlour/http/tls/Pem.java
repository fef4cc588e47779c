package parlour.http.tls;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Reads certificates and private keys from PEM files (RFC 7468). */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  /** The supported kinds of keys, and how each signs. */
  private enum Kind {
    RSA("RSA", "SHA256withRSA"),
    EC("EC", "SHA256withECDSA"),
    EDDSA("EdDSA", "EdDSA");

    private final String algorithm;
    private final String signature;

    Kind(String algorithm, String signature) {
      this.algorithm = algorithm;
      this.signature = signature;
    }
  }

  private Pem() {}

  private record Block(String label, byte[] bytes) {}

  /**
   * Reads the certificates, in the order of the file.
   *
   * @throws IllegalArgumentException with the remedy, if there is none or one is broken
   */
  static List<X509Certificate> certificates(String text) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(text)) {
      if (block.label().equals("CERTIFICATE")) {
        try {
          certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(block.bytes())));
        } catch (CertificateException e) {
          throw new IllegalArgumentException(
              "certificate %d in it is broken".formatted(certificates.size() + 1), e);
        }
      }
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException(
          "there is no certificate in it: a PEM file with -----BEGIN CERTIFICATE----- is needed");
    }
    return certificates;
  }

  /**
   * Reads the private key.
   *
   * @throws IllegalArgumentException with the remedy, never with a part of the key
   */
  static PrivateKey privateKey(String text) {
    for (Block block : blocks(text)) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return privateKey(block.bytes());
        }
        case "RSA PRIVATE KEY", "EC PRIVATE KEY" ->
          throw new IllegalArgumentException(
              "the key is in an older form (%s); convert it:".formatted(block.label())
                  + " openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW");
        case "ENCRYPTED PRIVATE KEY" ->
          throw new IllegalArgumentException("the key has a passphrase, which nobody can type when"
              + " a server starts; convert it: openssl pkcs8 -in KEY -out NEW, and make the file"
              + " readable only by the server");
        default -> {} // certificates or parameters in the same file
      }
    }
    throw new IllegalArgumentException(
        "there is no private key in it: a PEM file with -----BEGIN PRIVATE KEY----- is needed");
  }

  private static PrivateKey privateKey(byte[] pkcs8) {
    for (Kind kind : Kind.values()) {
      try {
        return KeyFactory.getInstance(kind.algorithm)
            .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException e) {
        // not a key of this kind
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK knows " + kind.algorithm, e);
      }
    }
    throw new IllegalArgumentException("the key is broken, or neither RSA nor EC nor EdDSA");
  }

  /** Whether the certificate verifies what the key signs. */
  static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
    byte[] data = new byte[32];
    for (Kind kind : Kind.values()) {
      if (kind.algorithm.equals(key.getAlgorithm())) {
        try {
          Signature signature = Signature.getInstance(kind.signature);
          signature.initSign(key);
          signature.update(data);
          byte[] signed = signature.sign();
          signature.initVerify(certificate.getPublicKey());
          signature.update(data);
          return signature.verify(signed);
        } catch (GeneralSecurityException e) {
          return false; // keys of different kinds or sizes
        }
      }
    }
    return false;
  }

  private static List<Block> blocks(String text) {
    List<Block> blocks = new ArrayList<>();
    BLOCK.matcher(text).results().forEach(found -> {
      try {
        blocks.add(new Block(found.group(1), Base64.getMimeDecoder().decode(found.group(2))));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "the text between BEGIN and END %s is not base64".formatted(found.group(1)));
      }
    });
    return blocks;
  }
}
