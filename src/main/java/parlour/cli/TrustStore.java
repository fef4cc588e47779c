package parlour.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/**
 * Makes Java's file of trusted authorities from the machine's PEM file. The package of Debian runs
 * this class when it is installed, and whenever the machine's authorities change.
 */
public final class TrustStore {
  private TrustStore() {}

  /**
   * @param arguments the PEM file with the authorities, and the file to make or to replace
   */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    Path file = Path.of(arguments[1]);
    Path unfinished = file.resolveSibling(file.getFileName() + ".new");
    KeyStore store = authorities(Path.of(arguments[0]));
    try (OutputStream out = Files.newOutputStream(unfinished)) {
      // Java reads its authorities without this password: they are not secret.
      store.store(out, "changeit".toCharArray());
    }
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static KeyStore authorities(Path pem) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("JKS");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(pem)) {
      for (Certificate authority :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + store.size(), authority);
      }
    }
    if (store.size() == 0) {
      throw new IOException("there are no certificates in " + pem);
    }
    return store;
  }
}
