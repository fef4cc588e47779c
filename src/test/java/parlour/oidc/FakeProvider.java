package parlour.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import parlour.Sha256;

/** An identity provider with keys of its own, which a test can make fail or lie. */
public final class FakeProvider implements AutoCloseable {
  public static final String CLIENT = "parlour";
  public static final String SECRET = "s3cret/of+parlour";

  /** How it answers. */
  public enum Behaviour {
    WELL,
    /** It closes each connection. */
    DOWN,
    /** It accepts calls, and never answers. */
    SILENT,
    /** Its answers have 10 MB. */
    HUGE,
    /** It answers 503. */
    BUSY,
    /** It sends its callers elsewhere. */
    REDIRECTS
  }

  /** A person who has an account there. */
  public record Human(String subject, String username, String name, List<String> groups) {}

  /** The fragment with which it sends the browser back. */
  public record Return(String code, String state) {}

  /** Makes the text of an ID token. */
  public interface Signer {
    String token(JWTClaimsSet claims) throws JOSEException;
  }

  private record Granted(Map<String, String> query, Human human) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<String, Granted> codes = new ConcurrentHashMap<>();
  private final AtomicInteger keyReads = new AtomicInteger();
  private final ECKey key = newKey("one");
  private volatile List<JWK> published = List.of(key.toPublicJWK());
  private volatile Signer signer = claims -> signed(key, claims);
  private volatile Human visitor = new Human("0", "nobody", "Nobody", List.of());
  private volatile Behaviour behaviour = Behaviour.WELL;
  private volatile Duration delay = Duration.ZERO;
  private volatile InstantSource clock = InstantSource.system();
  private volatile UnaryOperator<JWTClaimsSet.Builder> change = UnaryOperator.identity();
  private volatile UnaryOperator<String> discovery = UnaryOperator.identity();

  public FakeProvider() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/realms/team";
  }

  /** Behaves well again, with its own keys and true tokens. */
  public void restore(InstantSource time) {
    behaviour = Behaviour.WELL;
    delay = Duration.ZERO;
    published = List.of(key.toPublicJWK());
    signer = claims -> signed(key, claims);
    change = UnaryOperator.identity();
    discovery = UnaryOperator.identity();
    clock = time;
  }

  public void behaves(Behaviour next) {
    behaviour = next;
  }

  /** Takes this long for each answer. */
  void takes(Duration next) {
    delay = next;
  }

  /** Lies about the person in each token. */
  public void changes(UnaryOperator<JWTClaimsSet.Builder> claims) {
    change = claims;
  }

  /** Makes tokens in another way. */
  public void signs(Signer other) {
    signer = other;
  }

  public void publishes(JWK... keys) {
    published = List.of(keys);
  }

  /** Changes the discovery document. */
  public void describes(UnaryOperator<String> document) {
    discovery = document;
  }

  /** The person who is signed in here in each real browser. */
  public void receives(Human human) {
    visitor = human;
  }

  public ECKey key() {
    return key;
  }

  int keyReads() {
    return keyReads.get();
  }

  public static ECKey newKey(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String signed(ECKey key, JWTClaimsSet claims) throws JOSEException {
    SignedJWT token = new SignedJWT(
        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  /** A person signs in at the address to which Parlour sent the browser. */
  public Return signIn(URI address, Human human) {
    Map<String, String> query = parsed(address.getRawQuery());
    if (!address.toString().startsWith(issuer() + "/auth?")
        || !"code".equals(query.get("response_type"))
        || !"S256".equals(query.get("code_challenge_method"))
        || !CLIENT.equals(query.get("client_id"))
        || query.getOrDefault("nonce", "").length() < 43
        || query.getOrDefault("code_challenge", "").length() != 43) {
      throw new IllegalStateException("not a request of the code flow with PKCE: " + address);
    }
    String code = UUID.randomUUID().toString();
    codes.put(code, new Granted(query, human));
    return new Return(code, Objects.requireNonNull(query.get("state")));
  }

  private void answer(HttpExchange exchange) throws IOException {
    switch (behaviour) {
      case DOWN -> exchange.close();
      case SILENT -> {
        awaitClose();
        exchange.close();
      }
      case BUSY -> send(exchange, 503, "{}");
      case HUGE -> send(exchange, 200, "{\"a\":\"" + "a".repeat(10_000_000) + "\"}");
      case REDIRECTS -> {
        exchange.getResponseHeaders().set("Location", issuer() + "/elsewhere");
        send(exchange, 302, "");
      }
      case WELL -> {
        awaitClose(delay);
        String path = exchange.getRequestURI().getPath().replaceFirst("^/realms/team", "");
        switch (path) {
          case "/.well-known/openid-configuration" ->
            send(exchange, 200, discovery.apply(document()));
          case "/keys" -> {
            keyReads.incrementAndGet();
            send(exchange, 200, new JWKSet(published).toString());
          }
          case "/auth" -> sendBack(exchange);
          case "/token" -> exchangeCode(exchange);
          default -> send(exchange, 404, "{}");
        }
      }
    }
  }

  /** A browser whose person is signed in here already, so that no page is needed. */
  private void sendBack(HttpExchange exchange) throws IOException {
    URI address = URI.create(issuer() + "/auth?" + exchange.getRequestURI().getRawQuery());
    Return with = signIn(address, visitor);
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            "%s#state=%s&code=%s"
                .formatted(
                    parsed(address.getRawQuery()).get("redirect_uri"), with.state(), with.code()));
    send(exchange, 302, "");
  }

  private void awaitClose(Duration most) {
    try {
      boolean _ = closed.await(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitClose() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String document() {
    return """
        {"issuer":"%1$s","authorization_endpoint":"%1$s/auth","token_endpoint":"%1$s/token",
         "jwks_uri":"%1$s/keys","response_types_supported":["code"],
         "response_modes_supported":["query","fragment"],
         "id_token_signing_alg_values_supported":["ES256"]}
        """.formatted(issuer());
  }

  private void exchangeCode(HttpExchange exchange) throws IOException {
    Map<String, String> form =
        parsed(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    String basic = "Basic "
        + Base64.getEncoder()
            .encodeToString((CLIENT + ":s3cret%2Fof%2Bparlour").getBytes(StandardCharsets.UTF_8));
    if (!basic.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      send(exchange, 401, "{\"error\":\"invalid_client\"}");
      return;
    }
    Granted granted = codes.remove(form.getOrDefault("code", ""));
    String verifier = form.getOrDefault("code_verifier", "");
    String challenge = Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of(verifier));
    if (granted == null
        || !challenge.equals(granted.query().get("code_challenge"))
        || !"authorization_code".equals(form.get("grant_type"))
        || !Objects.equals(form.get("redirect_uri"), granted.query().get("redirect_uri"))) {
      send(exchange, 400, "{\"error\":\"invalid_grant\"}");
      return;
    }
    try {
      send(
          exchange,
          200,
          "{\"access_token\":\"unused\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}"
              .formatted(signer.token(change.apply(claims(granted)).build())));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private JWTClaimsSet.Builder claims(Granted granted) {
    Instant now = clock.instant();
    return new JWTClaimsSet.Builder()
        .issuer(issuer())
        .audience(CLIENT)
        .subject(granted.human().subject())
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plusSeconds(300)))
        .claim("nonce", granted.query().get("nonce"))
        .claim("preferred_username", granted.human().username())
        .claim("name", granted.human().name())
        .claim("email", granted.human().username() + "@example.com")
        .claim("groups", granted.human().groups());
  }

  private static Map<String, String> parsed(String form) {
    return Stream.of(form.split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(Collectors.toMap(pair -> decoded(pair[0]), pair -> decoded(pair[1])));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
