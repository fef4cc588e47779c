package parlour.bench;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import parlour.Limits;
import parlour.errors.Errors;
import parlour.http.json.Json;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.http.websocket.Socket;

/**
 * The least costs of a refresh: a bare handler of the same HTTP server that parses the same JSON,
 * does one HMAC and two passes of AES-GCM, and answers bytes of the same form and length. No store,
 * no roles, no rules. The proof of a guest with a key is received, and not read.
 */
final class Floor {
  private static final byte[] PURPOSE = "floor".getBytes(StandardCharsets.US_ASCII);
  private static final String REST =
      "\",\"expiration\":\"2026-01-01T06:00:00.000Z\",\"identity\":\"guest_"
          + "0123456789abcdef".repeat(4)
          + "_\",\"conversation_sid\":\"CH0123456789abcdef0123456789abcdef\"}";

  /** As many bytes inside as the claims of a real token have. */
  private static final int CLAIMS_BYTES = 620;

  /** As many as the sealed key of a bound session adds to them. */
  private static final int BINDING_BYTES = 96;

  private static final String SID = "0123456789abcdef0123456789abcdef";

  private final Aead aead;

  /** The open sockets, by the token of their hello. */
  private final Map<String, Listening> sockets = new ConcurrentHashMap<>();

  private record Listening(Socket socket, AtomicLong said) {}

  private Floor(Aead aead) {
    this.aead = aead;
  }

  /** Listens on the port given as argument until it is killed. */
  public static void main(String[] arguments) throws Exception {
    AeadConfig.register();
    Aead aead = KeysetHandle.newBuilder()
        .addEntry(KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
            .withRandomId()
            .makePrimary())
        .build()
        .getPrimitive(RegistryConfiguration.get(), Aead.class);
    Floor floor = new Floor(aead);
    Routes routes = new Routes(Errors.PLAIN)
        .post("/v2/Webchat/Init", floor::init)
        .post("/v2/Webchat/Token/Refresh", floor::refresh)
        .post("/v2/Webchat/Messages", floor::send)
        .socket("/v2/Webchat/Stream", _ -> floor::listen);
    Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", Integer.parseInt(arguments[0]), Errors.PLAIN),
        routes);
    Thread.currentThread().join();
  }

  /**
   * The tokens of a guest with a key are as long as those of a bound session. The guest gets its
   * own public key back, because nobody checks what it signs.
   */
  private ApiResponse init(ApiRequest call) {
    Optional<String> key = call.fields(128 * 1024).optional("proofKey");
    String answer = answer(sealed(new byte[CLAIMS_BYTES + (key.isPresent() ? BINDING_BYTES : 0)]));
    return ApiResponse.text(
        201,
        key.map(own -> answer.replace("{\"valid\"", "{\"proof_key\":\"" + own + "\",\"valid\""))
            .orElse(answer));
  }

  private ApiResponse refresh(ApiRequest call) {
    var fields = call.fields(128 * 1024);
    fields.required("deploymentKey");
    byte[] claims = opened(fields.required("token"));
    digest(claims);
    return ApiResponse.text(200, answer(sealed(claims))).with("Content-Type", "application/json");
  }

  private void listen(Socket socket) {
    String token = String.valueOf(
        Json.object(socket.receive(Limits.SOCKET_HELLO)).orElseThrow().get("token"));
    opened(token);
    Listening listening = new Listening(socket, new AtomicLong());
    sockets.put(token, listening);
    try {
      socket.send("{\"type\":\"welcome\"}");
      var _ = socket.receive(Limits.SOCKET_SILENCE); // the bench says no more
    } finally {
      sockets.remove(token, listening);
    }
  }

  private ApiResponse send(ApiRequest call) {
    String token = String.valueOf(call.header("Authorization")).substring("Bearer ".length());
    opened(token);
    var fields = call.fields(128 * 1024);
    Listening listening = Objects.requireNonNull(sockets.get(token));
    String message =
        message(fields.required("body"), fields.required("clientId"), listening.said());
    String change = "{\"type\":\"message\",\"revision\":1000,\"change\":\"added\",\"message\":";
    listening.socket().send(change + message + "}");
    return ApiResponse.text(201, message).with("Content-Type", "application/json");
  }

  private static String message(String body, String clientId, AtomicLong said) {
    return "{\"sid\":\"IM" + SID + "\",\"conversation_sid\":\"CH" + SID + "\",\"index\":"
        + said.getAndIncrement() + ",\"author\":\"guest_" + SID + SID
        + "_\",\"author_kind\":\"guest\",\"author_name\":\"Guest\",\"body\":\"" + body
        + "\",\"attributes\":\"{}\",\"media\":[],\"client_id\":\"" + clientId
        + "\",\"date_created\":\"2026-01-01T06:00:00.000Z\""
        + ",\"date_updated\":\"2026-01-01T06:00:00.000Z\""
        + ",\"added_revision\":1000,\"revision\":1000,\"removed\":false}";
  }

  private static String answer(String token) {
    return "{\"valid\":true,\"token\":\"" + token + REST;
  }

  private String sealed(byte[] claims) {
    try {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(aead.encrypt(claims, PURPOSE));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] opened(String token) {
    try {
      return aead.decrypt(Base64.getUrlDecoder().decode(token), PURPOSE);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void digest(byte[] claims) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(PURPOSE, "HmacSHA256"));
      mac.doFinal(claims);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
