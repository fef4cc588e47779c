package parlour.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import parlour.InternalSecrets;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.errors.Errors;
import parlour.http.TestAuthority;
import parlour.http.TestAuthority.Pair;
import parlour.http.json.JsonTest.Account;
import parlour.http.server.ApiResponse;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.http.tls.Tls;
import parlour.http.websocket.SocketLimits;
import parlour.trace.Traces;

@Timeout(120)
class TlsTest {
  private static final String SECRET = "s3cret";
  private static final String HERE = "dns:localhost,ip:127.0.0.1";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private static Path folder;

  @SuppressWarnings("NullAway.Init")
  private static TestAuthority authority;

  @SuppressWarnings("NullAway.Init")
  private static Path trusted;

  @SuppressWarnings("NullAway.Init")
  private static Pair here;

  @SuppressWarnings("NullAway.Init")
  private static Pair elsewhere;

  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void certificates() throws IOException {
    authority = new TestAuthority(Files.createDirectory(folder.resolve("ca")));
    trusted = authority.certificate();
    here = authority.signs(HERE);
    elsewhere = authority.signs("dns:elsewhere.example");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  // ---- certificates of both sides

  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA", "Ed25519"})
  void a_call_is_made_over_a_certificate_of_an_authority_that_is_trusted(String algorithm)
      throws Exception {
    Pair own = authority.signs(HERE, algorithm);
    int port = listen(own, Optional.empty()).port();
    assertThat(ask("https://localhost:" + port, Optional.of(trusted), Optional.empty()))
        .isEqualTo(new Account("AC1", 2));
    assertThat(ask("https://127.0.0.1:" + port, Optional.of(trusted), Optional.empty()))
        .isEqualTo(new Account("AC1", 2));
  }

  @Test
  void a_certificate_of_an_unknown_authority_is_an_outage() throws Exception {
    int port = listen(here, Optional.empty()).port();
    unavailable("https://localhost:" + port, Optional.empty(), Optional.empty());
    Path other = new TestAuthority(Files.createDirectory(folder.resolve("other"))).certificate();
    unavailable("https://localhost:" + port, Optional.of(other), Optional.empty());
  }

  @Test
  void a_certificate_for_another_name_is_an_outage() throws Exception {
    int port = listen(elsewhere, Optional.empty()).port();
    unavailable("https://localhost:" + port, Optional.of(trusted), Optional.empty());
  }

  @Test
  void an_expired_certificate_is_logged_and_refused_by_callers() throws Exception {
    Pair own = authority.signs(HERE, "EC", daysFromNow(-20), daysFromNow(-10));
    List<String> lines = logged(() -> open.add(listen(own, Optional.empty())));
    assertThat(lines).anyMatch(line -> line.contains("expired at") && line.contains("renew it"));
    int port = ((Listener) open.getLast()).port();
    unavailable("https://localhost:" + port, Optional.of(trusted), Optional.empty());
  }

  @Test
  void a_certificate_that_expires_soon_is_logged() throws Exception {
    Pair own = authority.signs(HERE, "EC", daysFromNow(-1), daysFromNow(5));
    assertThat(logged(() -> open.add(listen(own, Optional.empty()))))
        .anyMatch(line -> line.contains("expires at"));
    assertThat(logged(() -> open.add(listen(here, Optional.empty()))))
        .noneMatch(line -> line.contains("expires at"));
  }

  @Test
  void a_caller_without_the_required_certificate_is_refused() throws Exception {
    int port = listen(here, Optional.of(trusted)).port();
    String address = "https://localhost:" + port;
    assertThat(ask(address, Optional.of(trusted), Optional.of(here)))
        .isEqualTo(new Account("AC1", 2));
    unavailable(address, Optional.of(trusted), Optional.empty());
    var stranger = new TestAuthority(Files.createDirectory(folder.resolve("stranger")));
    unavailable(address, Optional.of(trusted), Optional.of(stranger.signs(HERE)));
  }

  @Test
  void a_certificate_does_not_replace_the_secret() throws Exception {
    int port = listen(here, Optional.of(trusted)).port();
    assertThatThrownBy(() -> client(Optional.of(trusted), Optional.of(here), "another")
            .apply(URI.create("https://localhost:" + port)))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("404");
  }

  @Test
  void plain_HTTP_to_an_encrypted_port_gets_no_answer() throws Exception {
    int port = listen(here, Optional.empty()).port();
    assertThat(Wire.exchange(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .doesNotContain("HTTP/1.1");
    unavailable("http://localhost:" + port, Optional.of(trusted), Optional.empty());
  }

  @Test
  void only_new_versions_and_forward_secret_ciphers_are_accepted() throws Exception {
    int port = listen(here, Optional.empty()).port();
    var caller = caller(Optional.of(trusted), Optional.empty()).context();
    for (String old : List.of("TLSv1.1", "TLSv1", "SSLv3")) {
      assertThatThrownBy(() -> shake(caller.getSocketFactory(), port, List.of(old), null))
          .isInstanceOf(IOException.class);
    }
    assertThat(shake(caller.getSocketFactory(), port, List.of("TLSv1.2"), null)).contains("GCM");
    assertThat(shake(caller.getSocketFactory(), port, List.of("TLSv1.3"), null))
        .startsWith("TLS_AES");
    assertThatThrownBy(() -> shake(
            caller.getSocketFactory(),
            port,
            List.of("TLSv1.2"),
            "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void a_handshake_that_arrives_too_slowly_ends_the_connection() throws Exception {
    Listener listener = Listener.start(
        new Listener.Settings(
            "127.0.0.1",
            0,
            Errors.PLAIN,
            true,
            16 * 1024,
            4,
            Duration.ofSeconds(5),
            Duration.ofMillis(600),
            SocketLimits.DEFAULT),
        front(here, Optional.empty()),
        new Routes(Errors.PLAIN));
    open.add(listener);
    long began = System.nanoTime();
    try (var wire = new Wire(listener.port())) {
      wire.send("\u0016\u0003\u0001\u0002\u0000");
      IOException cut = null;
      while (cut == null && System.nanoTime() - began < 30_000_000_000L) {
        try {
          wire.send("\u0001");
          Thread.sleep(50);
        } catch (IOException e) {
          cut = e;
        }
      }
      assertThat(cut).isNotNull();
    }
  }

  private static String shake(
      SSLSocketFactory sockets, int port, List<String> versions, @Nullable String cipher)
      throws IOException {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket socket = (SSLSocket) sockets.createSocket(plain, "localhost", port, true)) {
      socket.setSoTimeout(60_000);
      socket.setEnabledProtocols(versions.toArray(new String[0]));
      if (cipher != null) {
        socket.setEnabledCipherSuites(new String[] {cipher});
      }
      socket.startHandshake();
      return socket.getSession().getCipherSuite();
    }
  }

  // ---- new files

  @Test
  void a_renewed_certificate_is_used_for_new_connections() throws Exception {
    Path certificate = folder.resolve("renewed.pem");
    Path key = folder.resolve("renewed.key");
    put(elsewhere, certificate, key);
    var tls =
        Tls.ofListener(own(new Pair(certificate, key)), Optional.empty(), InstantSource.system());
    int port = listen(new Listener.Front(
            Optional.of(tls.factory()), Proxies.NONE, OptionalInt.empty(), List.of()))
        .port();
    String address = "https://localhost:" + port;
    unavailable(address, Optional.of(trusted), Optional.empty());

    put(here, certificate, key);
    tls.readAgain();
    assertThat(ask(address, Optional.of(trusted), Optional.empty()))
        .isEqualTo(new Account("AC1", 2));

    Files.writeString(key, "half wri");
    assertThat(logged(tls::readAgain)).anyMatch(line -> line.contains("not replaced"));
    Files.delete(key);
    assertThat(logged(tls::readAgain)).anyMatch(line -> line.contains("no such file"));
    put(elsewhere, certificate, folder.resolve("another.key"));
    Files.copy(here.key(), key, StandardCopyOption.REPLACE_EXISTING);
    assertThat(logged(tls::readAgain)).anyMatch(line -> line.contains("is not the key of"));
    assertThat(ask(address, Optional.of(trusted), Optional.empty()))
        .as("the old one is kept")
        .isEqualTo(new Account("AC1", 2));
  }

  private static void put(Pair pair, Path certificate, Path key) throws IOException {
    Files.copy(pair.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(pair.key(), key, StandardCopyOption.REPLACE_EXISTING);
  }

  // ---- wrong files

  @Test
  void the_message_for_a_wrong_file_names_the_mistake_and_the_remedy() throws Exception {
    Path none = folder.resolve("none.pem");
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    Path broken = Files.writeString(
        folder.resolve("broken.pem"), TestAuthority.pem("CERTIFICATE", new byte[] {1, 2}));
    Path noBase64 = Files.writeString(
        folder.resolve("no-base64.pem"),
        "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----");
    assertRefused(
        new Pair(none, here.key()), "public.tls.certificate = " + none + ": there is no such");
    assertRefused(new Pair(folder, here.key()), "cannot be read");
    assertRefused(new Pair(empty, here.key()), "there is no certificate in it");
    assertRefused(new Pair(here.key(), here.key()), "there is no certificate in it");
    assertRefused(new Pair(broken, here.key()), "certificate 1 in it is broken");
    assertRefused(new Pair(noBase64, here.key()), "is not base64");
    assertRefused(
        new Pair(here.certificate(), none), "public.tls.key = " + none + ": there is no such");
    assertRefused(new Pair(here.certificate(), empty), "there is no private key in it");
    for (String older : List.of("RSA PRIVATE KEY", "EC PRIVATE KEY")) {
      assertRefused(new Pair(here.certificate(), key(older)), "openssl pkcs8 -topk8 -nocrypt");
    }
    assertRefused(new Pair(here.certificate(), key("ENCRYPTED PRIVATE KEY")), "passphrase");
    assertRefused(new Pair(here.certificate(), key("PRIVATE KEY")), "neither RSA nor EC");
    for (Pair other : List.of(elsewhere, authority.signs(HERE, "Ed25519"))) {
      assertRefused(
          new Pair(here.certificate(), other.key()),
          "is not the key of the first certificate in " + here.certificate());
    }
  }

  private static Instant daysFromNow(int days) {
    return Instant.now().plus(Duration.ofDays(days));
  }

  private static Path key(String label) throws IOException {
    return Files.writeString(
        folder.resolve("some.key"), TestAuthority.pem(label, new byte[] {1, 2, 3}));
  }

  private static void assertRefused(Pair pair, String message) {
    assertThatThrownBy(() -> Tls.ofListener(own(pair), Optional.empty(), InstantSource.system()))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining(message);
  }

  // ---- helpers

  private static Tls.Own own(Pair pair) {
    return new Tls.Own(
        new Tls.Source("public.tls.certificate", pair.certificate()),
        new Tls.Source("public.tls.key", pair.key()));
  }

  private static Listener.Front front(Pair own, Optional<Path> callers) {
    var tls = Tls.ofListener(
        own(own),
        callers.map(file -> new Tls.Source("internal.tls.client-ca", file)),
        InstantSource.system());
    return new Listener.Front(
        Optional.of(tls.factory()), Proxies.NONE, OptionalInt.empty(), List.of());
  }

  private Listener listen(Pair own, Optional<Path> callers) {
    return listen(front(own, callers));
  }

  private Listener listen(Listener.Front front) {
    var routes = new Routes(Errors.PLAIN)
        .post("/v1/ask", call -> ApiResponse.json(200, new Account("AC1", 2)));
    var listener = Listener.start(
        Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN),
        front,
        new InternalOnly(
            Errors.PLAIN, InternalSecrets.of(SECRET), new Traces(), () -> Instant.EPOCH, routes));
    open.add(listener);
    return listener;
  }

  private static Tls<SslContextFactory.Client> caller(
      Optional<Path> authorities, Optional<Pair> own) {
    return Tls.ofCaller(
        authorities.map(file -> new Tls.Source("internal.tls.ca", file)),
        own.map(TlsTest::own),
        InstantSource.system());
  }

  private Function<URI, Account> client(
      Optional<Path> authorities, Optional<Pair> own, String secret) {
    HttpClient http = HttpClients.start(caller(authorities, own).factory());
    open.add(http::stop);
    return address -> new InternalClient(
            http, Nodes.of("FAS", address), secret, Duration.ofSeconds(5), 1_000)
        .post("/v1/ask", new Account("AC1", 1), Account.class);
  }

  private Account ask(String address, Optional<Path> authorities, Optional<Pair> own) {
    return client(authorities, own, SECRET).apply(URI.create(address));
  }

  private void unavailable(String address, Optional<Path> authorities, Optional<Pair> own) {
    assertThatThrownBy(() -> ask(address, authorities, own)).isInstanceOf(Unavailable.class);
  }

  private static List<String> logged(Runnable work) {
    var logger = (Logger) LoggerFactory.getLogger(Tls.class);
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    Level before = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
    try {
      work.run();
    } finally {
      logger.detachAppender(lines);
      logger.setAdditive(true);
      logger.setLevel(before);
    }
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
