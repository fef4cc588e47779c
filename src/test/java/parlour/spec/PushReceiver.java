package parlour.spec;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;
import parlour.proof.P256;
import parlour.spec.WebhookReceiver.Answer;

/** A push service on a loopback address: keeps all requests, and answers as a test sets it. */
public final class PushReceiver implements AutoCloseable {
  private static final Pattern AUTHORIZATION =
      Pattern.compile("vapid t=([\\w-]+)\\.([\\w-]+)\\.([\\w-]+), k=([\\w-]+)");

  /** One push. */
  public record Received(String path, Headers headers, byte[] body) {

    public String header(String name) {
      return String.valueOf(headers.getFirst(name));
    }

    /** The claims of the sender (RFC 8292), whose signature is checked with the key beside them. */
    public Map<String, @Nullable Object> claims() {
      Matcher parts = parts();
      if (!verifies(header("Authorization"))) {
        throw new IllegalStateException("the signature is wrong");
      }
      return json(parts.group(2));
    }

    public String key() {
      return parts().group(4);
    }

    private Matcher parts() {
      Matcher parts = AUTHORIZATION.matcher(header("Authorization"));
      if (!parts.matches()) {
        throw new IllegalStateException("no authorization");
      }
      return parts;
    }
  }

  /** Whether the signature of an Authorization (RFC 8292 §3) is right. */
  public static boolean verifies(String authorization) {
    Matcher parts = AUTHORIZATION.matcher(authorization);
    if (!parts.matches()) {
      return false;
    }
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initVerify(P256.key(bytes(parts.group(4))).orElseThrow());
      signature.update((parts.group(1) + "." + parts.group(2)).getBytes(StandardCharsets.US_ASCII));
      return signature.verify(bytes(parts.group(3)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private final List<Received> all = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private volatile Function<Received, Answer> answers = _ -> Answer.of(201);

  public PushReceiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** As the setting {@code push.services} names it. */
  public String origin() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public PushReceiver answering(Function<Received, Answer> answers) {
    this.answers = answers;
    return this;
  }

  /** Accepts pushes, and does not answer them. */
  public PushReceiver hanging() {
    return answering(_ -> {
      Installation.pause(Duration.ofMinutes(1));
      return Answer.of(201);
    });
  }

  /** The pushes to one endpoint, by its path. */
  public List<Received> to(String path) {
    return all.stream().filter(one -> one.path().equals(path)).toList();
  }

  private static byte[] bytes(String base64) {
    return Base64.getUrlDecoder().decode(base64);
  }

  private static Map<String, @Nullable Object> json(String base64) {
    return Json.object(new String(bytes(base64), StandardCharsets.UTF_8)).orElseThrow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Received received = new Received(
          exchange.getRequestURI().getPath(),
          exchange.getRequestHeaders(),
          exchange.getRequestBody().readAllBytes());
      all.add(received);
      Answer answer = answers.apply(received);
      if (answer.retryAfter() != null) {
        exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
      }
      exchange.sendResponseHeaders(answer.status(), -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
