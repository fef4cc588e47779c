package parlour.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import parlour.Sid;

/** A guest on a connection of their own, always with the newest token. */
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
  private Line line;
  private String conversation;
  private String token;

  /** Starts a chat. */
  Guest(int port, Sid.Deployment deployment) throws IOException {
    this.port = port;
    this.deployment = deployment;
    line = new Line(port, HEADERS + SIGNALS);
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
    Line.Answer begun = line.post(
        "/v2/Webchat/Init", JSON, "{\"deploymentKey\":\"" + deployment.text() + "\"}", 201);
    token = begun.text("token");
    conversation = begun.text("conversation_sid");
  }

  /** Continues over a new connection. */
  void reconnect() throws IOException {
    line.close();
    line = new Line(port, HEADERS + SIGNALS);
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
    return line.post(
        "/v2/Webchat/Token/Refresh",
        JSON,
        "{\"deploymentKey\":\"" + deployment.text() + "\",\"token\":\"" + token + "\"}",
        status);
  }

  /** Sends a message; returns it as it was stored. */
  String say(String body, String clientId) throws IOException {
    return line.post(
            "/v2/Webchat/Messages",
            JSON + authorization(),
            "{\"body\":\"" + body + "\",\"client_id\":\"" + clientId + "\"}",
            201)
        .body();
  }

  /** The newest page of messages. */
  String history(int limit) throws IOException {
    return line.get("/v2/Webchat/Messages?limit=" + limit, authorization()).body();
  }

  private String authorization() {
    return "Authorization: Bearer " + token + "\r\nWebchat-Deployment-Key: " + deployment.text()
        + "\r\n";
  }

  /** A socket after its welcome, which receives all messages. */
  Line stream() throws IOException {
    return stream(-1);
  }

  /** A socket after its welcome, which receives the messages after this index. */
  Line stream(long after) throws IOException {
    Line stream = new Line(port, HEADERS).upgrade("/v2/Webchat/Stream");
    stream.hear(); // the challenge, which a client without a key ignores
    stream.say(("{\"type\":\"hello\",\"deploymentKey\":\"%s\",\"token\":\"%s\",\"after\":%d,"
            + "\"signals\":{\"x-twilio-sec-usersettings\":"
            + "\"{\\\"language\\\":\\\"en-GB\\\",\\\"cookieEnabled\\\":true,\\\"userTimezone\\\":-60}\"}}")
        .formatted(deployment.text(), token, after));
    String welcome = stream.hear();
    if (!welcome.contains("\"welcome\"")) {
      throw new IllegalStateException(welcome);
    }
    return stream;
  }

  @Override
  public void close() {
    line.close();
  }
}
