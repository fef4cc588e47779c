package parlour.http.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.StartupError;

/**
 * The certificates and keys of one side of TLS 1.2 and 1.3 (RFC 5246, RFC 8446), from PEM files.
 * When a file changes, new connections use its new content; open connections are not changed.
 */
public final class Tls<F extends SslContextFactory> {
  private static final Logger log = LoggerFactory.getLogger(Tls.class);

  private final OutageLog outage = new OutageLog(log, "the certificates are not replaced");

  private static final char[] IN_MEMORY_ONLY = "in memory only".toCharArray();

  private final F factory;
  private final Optional<Own> own;
  private final Optional<Source> authorities;
  private final InstantSource clock;
  private Map<Source, String> contents;
  private volatile @Nullable End end;

  /**
   * When the certificate of this side is valid no longer.
   *
   * @param setting that names its file
   */
  public record End(String setting, Instant at) {}

  /** A PEM file, and the setting that names it. */
  public record Source(String setting, Path file) {}

  /**
   * The identity of this side.
   *
   * @param certificate the file with its own certificate, then those up to an authority
   */
  public record Own(Source certificate, Source key) {}

  /**
   * The side of a listener.
   *
   * @param callers the authorities that must have signed a caller's certificate; if empty, callers
   *     need no certificate
   * @throws StartupError with the remedy, if a file cannot be used
   */
  public static Tls<SslContextFactory.Server> ofListener(
      Own own, Optional<Source> callers, InstantSource clock) {
    var factory = new SslContextFactory.Server();
    factory.setNeedClientAuth(callers.isPresent());
    return new Tls<>(factory, Optional.of(own), callers, clock);
  }

  /**
   * The side of a caller, which always checks that the certificate contains the name that it calls.
   *
   * @param authorities the authorities that must have signed it; if empty, those of the JDK
   * @param own the identity for listeners that demand one
   */
  public static Tls<SslContextFactory.Client> ofCaller(
      Optional<Source> authorities, Optional<Own> own, InstantSource clock) {
    return new Tls<>(new SslContextFactory.Client(), own, authorities, clock);
  }

  /** The side of a caller without an identity, which trusts the JDK's authorities. */
  public static SslContextFactory.Client ofDefaultTrust() {
    var factory = new SslContextFactory.Client();
    restrict(factory);
    return factory;
  }

  private Tls(F factory, Optional<Own> own, Optional<Source> authorities, InstantSource clock) {
    this.factory = factory;
    this.own = own;
    this.authorities = authorities;
    this.clock = clock;
    restrict(factory);
    contents = read();
    factory.setSslContext(context(contents));
    try {
      factory.start();
    } catch (Exception e) {
      throw new IllegalStateException("TLS cannot be started", e);
    }
  }

  /**
   * Allows only versions and ciphers that are good practice since 2018 and that all browsers
   * support.
   */
  private static void restrict(SslContextFactory factory) {
    factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    factory.addExcludeCipherSuites("^.*_CBC_.*$", "^TLS_DHE_.*$");
    factory.setRenegotiationAllowed(false);
  }

  public F factory() {
    return factory;
  }

  /** The end of the certificate in use; empty if this side presents none. */
  public Optional<End> end() {
    return Optional.ofNullable(end);
  }

  /** The context with these certificates, for clients other than Jetty's. */
  public SSLContext context() {
    return factory.getSslContext();
  }

  /**
   * Reads the files. Uses their new contents, or logs why they cannot be used and keeps the old.
   */
  public void readAgain() {
    try {
      Map<Source, String> now = read();
      if (!now.equals(contents)) {
        SSLContext context = context(now);
        factory.reload(reloading -> reloading.setSslContext(context));
        contents = now;
        log.info("new certificates are in use: {}", now.keySet());
      }
      outage.worked();
    } catch (StartupError e) {
      outage.failed(String.valueOf(e.getMessage()));
    } catch (Exception e) {
      outage.failed(e);
    }
  }

  private Map<Source, String> read() {
    Map<Source, String> texts = new HashMap<>();
    for (Source source : sources()) {
      try {
        texts.put(source, Files.readString(source.file()));
      } catch (NoSuchFileException e) {
        throw wrong(source, "there is no such file", e);
      } catch (IOException e) {
        throw wrong(source, "cannot be read (" + e.getClass().getSimpleName() + ")", e);
      }
    }
    return texts;
  }

  private List<Source> sources() {
    List<Source> sources = new ArrayList<>();
    own.ifPresent(pair -> sources.addAll(List.of(pair.certificate(), pair.key())));
    authorities.ifPresent(sources::add);
    return sources;
  }

  private SSLContext context(Map<Source, String> texts) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers(texts), trustManagers(texts), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new StartupError("TLS cannot be used with %s: %s".formatted(sources(), e), e);
    }
  }

  private KeyManager @Nullable [] keyManagers(Map<Source, String> texts)
      throws GeneralSecurityException, IOException {
    if (own.isEmpty()) {
      return null;
    }
    Source certificateFile = own.get().certificate();
    Source keyFile = own.get().key();
    List<X509Certificate> chain = certificates(certificateFile, texts);
    PrivateKey key = privateKey(keyFile, texts);
    if (!Pem.belongTogether(key, chain.getFirst())) {
      throw wrong(
          keyFile,
          "it is not the key of the first certificate in %s (%s)"
              .formatted(certificateFile.file(), certificateFile.setting()),
          null);
    }
    warnOfExpiry(certificateFile, chain.getFirst());
    end = new End(certificateFile.setting(), chain.getFirst().getNotAfter().toInstant());
    KeyStore keys = empty();
    keys.setKeyEntry("own", key, IN_MEMORY_ONLY, chain.toArray(new X509Certificate[0]));
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, IN_MEMORY_ONLY);
    return factory.getKeyManagers();
  }

  private TrustManager @Nullable [] trustManagers(Map<Source, String> texts)
      throws GeneralSecurityException, IOException {
    if (authorities.isEmpty()) {
      return null;
    }
    KeyStore trusted = empty();
    for (X509Certificate authority : certificates(authorities.get(), texts)) {
      trusted.setCertificateEntry("authority " + trusted.size(), authority);
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    return factory.getTrustManagers();
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static List<X509Certificate> certificates(Source source, Map<Source, String> texts) {
    try {
      return Pem.certificates(texts.getOrDefault(source, ""));
    } catch (IllegalArgumentException e) {
      throw wrong(source, String.valueOf(e.getMessage()), e);
    }
  }

  private static PrivateKey privateKey(Source source, Map<Source, String> texts) {
    try {
      return Pem.privateKey(texts.getOrDefault(source, ""));
    } catch (IllegalArgumentException e) {
      throw wrong(source, String.valueOf(e.getMessage()), null);
    }
  }

  /** Logs a warning; the certificate is used nevertheless, and browsers decide about it. */
  private void warnOfExpiry(Source source, X509Certificate certificate) {
    Instant now = clock.instant();
    Instant end = certificate.getNotAfter().toInstant();
    if (end.isBefore(now)) {
      log.warn("{} ({}) expired at {}: renew it", source.file(), source.setting(), end);
    } else if (end.isBefore(now.plus(Limits.CERTIFICATE_WARNING))) {
      log.warn("{} ({}) expires at {}: renew it", source.file(), source.setting(), end);
    } else if (certificate.getNotBefore().toInstant().isAfter(now)) {
      log.warn(
          "{} ({}) is not valid before {}",
          source.file(),
          source.setting(),
          certificate.getNotBefore().toInstant());
    }
  }

  private static StartupError wrong(Source source, String why, @Nullable Exception cause) {
    String message = "%s = %s: %s".formatted(source.setting(), source.file(), why);
    return cause == null ? new StartupError(message) : new StartupError(message, cause);
  }
}
