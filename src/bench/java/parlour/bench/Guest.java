package parlour.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.spec.GuestKey;

/**
 * A guest on a connection of their own, always with the newest token. A guest with a key has a
 * bound session, and signs every call.
 */
public final class Guest implements AutoCloseable {
  static final String HEADERS = """
      Origin: https://shop.example.com
      User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36
      Accept-Language: en-GB,en;q=0.9
      """;

  static final String SIGNALS = """
      x-twilio-sec-usersettings: {"language":"en-GB","cookieEnabled":true,"userTimezone":-60}
      x-twilio-sec-webchatinfo: {"loginTimestamp":1763800000000}
      x-twilio-sec-decoders: {"audio":["audio/mp4"],"video":["video/webm"]}
      """;

  static final String JSON = "Content-Type: application/json\r\n";

  private static final String ELSEWHERE = """
      Origin: https://shop.example.com
      User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0
      Accept-Language: en-GB,en;q=0.9
      """;

  private static final NavigableMap<String, String> SENT =
      new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  static {
    (HEADERS + SIGNALS)
        .lines()
        .map(header -> header.split(": ", 2))
        .forEach(part -> SENT.put(part[0], part[1]));
  }

  private static final int CHECKSUM_CHARACTERS = 6;

  private final int port;
  private final Sid.Deployment deployment;
  private final Proofs proofs;
  private final GuestKey key;
  private final String more;
  private Line line;
  private String conversation;
  private String token;

  /** The ways in which a guest uses a key. */
  enum Proofs {
    NONE,
    /** The guest has no bound session, but signs for as long as one who has. */
    NOT_SENT,
    /** The session is bound to the key. */
    SENT
  }

  /** Starts a chat without a key. */
  Guest(int port, Sid.Deployment deployment) throws IOException {
    this(port, deployment, Proofs.NONE);
  }

  /** Starts a chat. */
  Guest(int port, Sid.Deployment deployment, Proofs proofs) throws IOException {
    this(port, deployment, proofs, "");
  }

  /** Starts a chat from this address, as a proxy says it. */
  static Guest from(String address, int port, Sid.Deployment deployment) throws IOException {
    return new Guest(port, deployment, Proofs.NONE, "X-Forwarded-For: " + address + "\n");
  }

  private Guest(int port, Sid.Deployment deployment, Proofs proofs, String more)
      throws IOException {
    this.more = more;
    this.port = port;
    this.deployment = deployment;
    this.proofs = proofs;
    this.key = GuestKey.withSecret(new byte[32]); // until another secret is agreed on
    line = new Line(port, HEADERS + SIGNALS + more);
    startOver();
  }

  /** Returns a header that every guest sends; null if it is absent. */
  public static @Nullable String header(String name) {
    return SENT.get(name);
  }

  String conversation() {
    return conversation;
  }

  String token() {
    return token;
  }

  /** This guest's token with another seal, and the checksum that belongs to it. */
  String forged() {
    int end = token.length() - CHECKSUM_CHARACTERS;
    int middle = end / 2;
    String body = token.substring(0, middle)
        + (token.charAt(middle) == 'A' ? 'B' : 'A')
        + token.substring(middle + 1, end);
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    byte[] sum = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return body + Base64.getUrlEncoder().withoutPadding().encodeToString(sum);
  }

  /** Starts another chat in place of the one before. */
  void startOver() throws IOException {
    String proofKey = proofs == Proofs.SENT ? ",\"proofKey\":\"" + key.publicKey() + "\"" : "";
    Line.Answer begun = line.post(
        "/v2/Webchat/Init",
        JSON,
        "{\"deploymentKey\":\"" + deployment.text() + "\"" + proofKey + "}",
        201);
    token = begun.text("token");
    conversation = begun.text("conversation_sid");
    if (proofs == Proofs.SENT) {
      key.agree(begun.text("proof_key"), conversation);
    }
  }

  /** Continues over a new connection. */
  void reconnect() throws IOException {
    line.close();
    line = new Line(port, HEADERS + SIGNALS + more);
  }

  /** Continues in another browser, with the same token. */
  void moveElsewhere() throws IOException {
    line.close();
    line = new Line(port, ELSEWHERE + SIGNALS);
  }

  void reload() throws IOException {
    token = refresh(token, 200).text("token");
  }

  /** Tries to refresh this token, and expects a refusal. */
  void reloadInVain(String token, int status, int code) throws IOException {
    Line.Answer answer = refresh(token, status);
    if (!answer.body().contains("\"code\":" + code)) {
      throw new IllegalStateException(code + " was expected: " + answer.body());
    }
  }

  private Line.Answer refresh(String token, int status) throws IOException {
    String path = "/v2/Webchat/Token/Refresh";
    String body = "{\"deploymentKey\":\"" + deployment.text() + "\",\"token\":\"" + token + "\"}";
    return line.post(path, JSON + signature("POST", path, body, Map.of()), body, status);
  }

  /** Sends a message; returns it as it was stored. */
  String say(String body, String clientId) throws IOException {
    String path = "/v2/Webchat/Messages";
    String message = "{\"body\":\"" + body + "\",\"client_id\":\"" + clientId + "\"}";
    return line.post(path, JSON + authorized("POST", path, message), message, 201)
        .body();
  }

  /** The newest page of messages. */
  String history(int limit) throws IOException {
    String path = "/v2/Webchat/Messages?limit=" + limit;
    return line.get(path, authorized("GET", path, "")).body();
  }

  /** The headers of a call about the conversation. */
  private String authorized(String method, String path, String body) {
    Map<String, String> headers =
        Map.of("Authorization", "Bearer " + token, "Webchat-Deployment-Key", deployment.text());
    return lines(headers) + signature(method, path, body, headers);
  }

  private String signature(String method, String path, String body, Map<String, String> headers) {
    if (proofs == Proofs.NONE) {
      return "";
    }
    String signature =
        lines(key.sign(GuestKey.Call.of(method, path, body, headers, Instant.now())));
    return proofs == Proofs.SENT ? signature : "";
  }

  private static String lines(Map<String, String> headers) {
    StringBuilder lines = new StringBuilder();
    headers.forEach(
        (name, value) -> lines.append(name).append(": ").append(value).append("\r\n"));
    return lines.toString();
  }

  /** A socket after its welcome, which receives all messages. */
  Line stream() throws IOException {
    return stream(-1);
  }

  /** A socket after its welcome, which receives the messages after this index. */
  Line stream(long after) throws IOException {
    Line stream = new Line(port, HEADERS + more).upgrade("/v2/Webchat/Stream");
    stream.say(("{\"type\":\"hello\",\"deploymentKey\":\"%s\",\"token\":\"%s\",\"after\":%d%s,"
            + "\"signals\":{\"x-twilio-sec-usersettings\":"
            + "\"{\\\"language\\\":\\\"en-GB\\\",\\\"cookieEnabled\\\":true,\\\"userTimezone\\\":-60}\"}}")
        .formatted(deployment.text(), token, after, proof(stream)));
    String welcome = stream.hear();
    if (welcome.contains("\"challenge\"")) { // servers of before 2026-11-27 send none
      welcome = stream.hear();
    }
    if (!welcome.contains("\"welcome\"")) {
      throw new IllegalStateException(welcome);
    }
    return stream;
  }

  /** A socket of the published client, which follows the conversation from now on. */
  SdkLine sdkStream() throws IOException {
    return SdkLine.open(new Line(port, HEADERS).upgrade("/v3/wsconnect"), token, conversation);
  }

  /** The answer to the challenge, as a member of hello; a guest without a key ignores it. */
  private String proof(Line stream) throws IOException {
    if (proofs != Proofs.SENT) {
      return "";
    }
    String nonce = new Line.Answer(0, "", stream.hear()).text("nonce");
    return ",\"proof\":\"" + key.answer(nonce, token, deployment.text()) + "\"";
  }

  @Override
  public void close() {
    line.close();
  }
}
