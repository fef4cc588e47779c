package parlour.bench;

import java.io.IOException;
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

  private final int port;
  private final Sid.Deployment deployment;
  private final Line line;
  private final String conversation;
  private String token;

  /** Starts a chat. */
  Guest(int port, Sid.Deployment deployment) throws IOException {
    this.port = port;
    this.deployment = deployment;
    line = new Line(port, HEADERS + SIGNALS);
    Line.Answer begun = line.post(
        "/v2/Webchat/Init", JSON, "{\"deploymentKey\":\"" + deployment.text() + "\"}", 201);
    token = begun.text("token");
    conversation = begun.text("conversation_sid");
  }

  /** A header that every guest sends; absent is null, as a {@link parlour.orchestrator.Visit} asks. */
  public static @Nullable String header(String name) {
    for (String header : (HEADERS + SIGNALS).lines().toList()) {
      String[] part = header.split(": ", 2);
      if (part[0].equalsIgnoreCase(name)) {
        return part[1];
      }
    }
    return null;
  }

  String conversation() {
    return conversation;
  }

  void reload() throws IOException {
    token = line.post(
            "/v2/Webchat/Token/Refresh",
            JSON,
            "{\"deploymentKey\":\"" + deployment.text() + "\",\"token\":\"" + token + "\"}",
            200)
        .text("token");
  }

  /** Says something; returns the message as it was kept. */
  String say(String body, String clientId) throws IOException {
    return line.post(
            "/v2/Webchat/Messages",
            JSON + "Authorization: Bearer " + token + "\r\nWebchat-Deployment-Key: "
                + deployment.text() + "\r\n",
            "{\"body\":\"" + body + "\",\"client_id\":\"" + clientId + "\"}",
            201)
        .body();
  }

  /** A socket that was welcomed. */
  Line stream() throws IOException {
    Line stream = new Line(port, HEADERS).upgrade("/v2/Webchat/Stream");
    stream.say(("{\"type\":\"hello\",\"deploymentKey\":\"%s\",\"token\":\"%s\",\"after\":-1,"
            + "\"signals\":{\"x-twilio-sec-usersettings\":"
            + "\"{\\\"language\\\":\\\"en-GB\\\",\\\"cookieEnabled\\\":true,\\\"userTimezone\\\":-60}\"}}")
        .formatted(deployment.text(), token));
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
