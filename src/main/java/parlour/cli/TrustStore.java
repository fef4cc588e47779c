package parlour.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Makes Java's file of trusted CA certificates from the machine's PEM file. The Debian package runs
 * this class as root when it is installed, and whenever the machine's CA certificates change.
 */
public final class TrustStore {
  /** Base64 has no hyphen, so a certificate that is cut off does not take the next one with it. */
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[^-]*(?:-----END CERTIFICATE-----)?");

  private TrustStore() {}

  /**
   * @param arguments the PEM file with the CA certificates, and the file to make or to replace
   */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    Path file = Path.of(arguments[1]);
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    KeyStore store = certificates(Path.of(arguments[0]));
    // The folder may have belonged to another user, who must not choose the file that root writes.
    Files.deleteIfExists(unfinished);
    try (OutputStream out = Files.newOutputStream(
        unfinished,
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.WRITE,
        LinkOption.NOFOLLOW_LINKS)) {
      // Java reads its CA certificates without this password: they are not secret.
      store.store(out, "changeit".toCharArray());
    }
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static KeyStore certificates(Path pem) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("JKS");
    store.load(null, null);
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    int number = 0;
    for (MatchResult found :
        CERTIFICATE.matcher(Files.readString(pem, ISO_8859_1)).results().toList()) {
      number++;
      try (InputStream in = new ByteArrayInputStream(found.group().getBytes(ISO_8859_1))) {
        store.setCertificateEntry("authority-" + number, factory.generateCertificate(in));
      } catch (CertificateException e) {
        System.err.printf(
            "parlour: skipped certificate %d of %s, which Java cannot read: %s%n",
            number, pem, e.getMessage());
      }
    }
    if (store.size() == 0) {
      throw new IOException("there are no certificates in " + pem);
    }
    return store;
  }
}
