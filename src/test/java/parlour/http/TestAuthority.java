package parlour.http;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for tests, which no other program trusts. */
public final class TestAuthority {
  private static final X500Name NAME = new X500Name("CN=an authority of a test");
  private static final Duration DAYS = Duration.ofDays(20);

  private final Path folder;
  private final KeyPair keys = pair("EC");
  private final X509CertificateHolder own;
  private int made;

  /** The files of one certificate. */
  public record Pair(Path certificate, Path key) {}

  public TestAuthority(Path folder) {
    this.folder = folder;
    Instant now = Instant.now();
    own = signed(
        NAME,
        keys.getPublic(),
        now.minusSeconds(60),
        now.plus(DAYS),
        new Extra(Extension.basicConstraints, new BasicConstraints(true)));
  }

  /** Its own certificate. */
  public Path certificate() {
    return write("ca.pem", pem("CERTIFICATE", encoded(own)));
  }

  /** A certificate for these names, such as {@code dns:localhost,ip:127.0.0.1}. */
  public Pair signs(String names) {
    return signs(names, "EC");
  }

  /** Makes a certificate with a key of EC, RSA or Ed25519. */
  public Pair signs(String names, String algorithm) {
    Instant now = Instant.now();
    return signs(names, algorithm, now.minusSeconds(60), now.plus(DAYS));
  }

  /** Makes a certificate that is valid only in this time. */
  public Pair signs(String names, String algorithm, Instant from, Instant until) {
    String alias = "signed-" + ++made;
    KeyPair pair = pair(algorithm);
    X509CertificateHolder certificate = signed(
        new X500Name("CN=" + alias),
        pair.getPublic(),
        from,
        until,
        new Extra(Extension.subjectAlternativeName, alternatives(names)));
    return new Pair(
        write(
            alias + ".pem",
            "Subject: of a test\n"
                + pem("CERTIFICATE", encoded(certificate))
                + pem("CERTIFICATE", encoded(own))),
        write(alias + ".key", pem("PRIVATE KEY", pair.getPrivate().getEncoded())));
  }

  public static String pem(String label, byte[] bytes) {
    byte[] newline = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, newline).encodeToString(bytes));
  }

  private record Extra(ASN1ObjectIdentifier type, ASN1Encodable value) {}

  private X509CertificateHolder signed(
      X500Name subject, PublicKey key, Instant from, Instant until, Extra extra) {
    try {
      return new JcaX509v3CertificateBuilder(
              NAME,
              BigInteger.valueOf(System.nanoTime()),
              Date.from(from),
              Date.from(until),
              subject,
              key)
          .addExtension(extra.type(), false, extra.value())
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()));
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GeneralNames alternatives(String names) {
    return new GeneralNames(Stream.of(names.split(","))
        .map(name -> name.split(":", 2))
        .map(name -> new GeneralName(
            name[0].equals("ip") ? GeneralName.iPAddress : GeneralName.dNSName, name[1]))
        .toArray(GeneralName[]::new));
  }

  private static KeyPair pair(String algorithm) {
    try {
      KeyPairGenerator keys = KeyPairGenerator.getInstance(algorithm);
      switch (algorithm) {
        case "EC" -> keys.initialize(256);
        case "RSA" -> keys.initialize(2048);
        default -> {}
      }
      return keys.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] encoded(X509CertificateHolder certificate) {
    try {
      return certificate.getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
