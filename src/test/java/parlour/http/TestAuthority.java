package parlour.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A certificate authority for tests, made by the JDK's keytool, which no other program trusts. */
public final class TestAuthority {
  private static final String PASSWORD = "only for a test";

  private final Path folder;
  private final Path store;
  private int made;

  /** The files of one certificate. */
  public record Pair(Path certificate, Path key) {}

  public TestAuthority(Path folder) {
    this.folder = folder;
    store = folder.resolve("authority.p12");
    keytool(
        "-genkeypair",
        "-alias",
        "ca",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=an authority of a test",
        "-ext",
        "bc:c",
        "-validity",
        "30");
  }

  /** Its own certificate. */
  public Path certificate() {
    return write("ca.pem", pem("CERTIFICATE", encoded("ca", 0)));
  }

  /** A certificate for these names, such as {@code dns:localhost,ip:127.0.0.1}. */
  public Pair signs(String names) {
    return signs(names, "EC", "-validity", "20");
  }

  public Pair signs(String names, String algorithm, String... more) {
    String alias = "leaf" + made++;
    List<String> arguments = new ArrayList<>(List.of(
        "-genkeypair",
        "-alias",
        alias,
        "-keyalg",
        algorithm,
        "-dname",
        "CN=" + alias,
        "-ext",
        "san=" + names,
        "-signer",
        "ca"));
    arguments.addAll(List.of(more));
    keytool(arguments.toArray(new String[0]));
    return new Pair(
        write(
            alias + ".pem",
            "Subject: of a test\n"
                + pem("CERTIFICATE", encoded(alias, 0))
                + pem("CERTIFICATE", encoded(alias, 1))),
        write(alias + ".key", pem("PRIVATE KEY", key(alias).getEncoded())));
  }

  public static String pem(String label, byte[] bytes) {
    byte[] newline = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, newline).encodeToString(bytes));
  }

  private byte[] encoded(String alias, int place) {
    try {
      Certificate[] chain = open().getCertificateChain(alias);
      return chain[place].getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Key key(String alias) {
    try {
      return open().getKey(alias, PASSWORD.toCharArray());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private KeyStore open() {
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      return keys;
    } catch (IOException | GeneralSecurityException e) {
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

  private void keytool(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    // It ends before Java's optimizing compiler would pay off.
    command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", PASSWORD));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new ByteArrayOutputStream();
      process.getInputStream().transferTo(output);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(
            command + " output " + output.toString(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
