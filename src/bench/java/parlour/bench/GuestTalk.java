package parlour.bench;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A guest of Parlour, and the site's server, which sends with its own API. The guest has two WebSockets, of
 * which one stands for that of the server, so each message is delivered twice: to its sender, too.
 */
final class GuestTalk implements Pair.Talk {
  private final Guest guest;
  private final Line server;
  private final Line ofGuest;
  private final Line ofServer;

  GuestTalk(int port, Shop shop) throws IOException {
    guest = new Guest(port, shop.deployment());
    server = new Line(port, "Authorization: Basic " + shop.basic() + "\n");
    ofGuest = guest.stream();
    ofServer = guest.stream();
  }

  @Override
  public void say(String body, long number) throws IOException {
    if (number % 2 == 1) {
      var _ = guest.say(body, "m" + number);
      await(ofServer, body);
    } else {
      var _ = server.post(
          "/v1/Conversations/" + guest.conversation() + "/Messages",
          "Content-Type: application/x-www-form-urlencoded\r\n",
          "Author=bot&Body=" + URLEncoder.encode(body, StandardCharsets.UTF_8),
          201);
      await(ofGuest, body);
    }
  }

  /** Skips the frames before, among them those of the messages that this side has sent. */
  private static void await(Line stream, String body) throws IOException {
    String wanted = "\"body\":\"" + body + "\"";
    for (String frame = stream.hear(); !frame.contains(wanted); frame = stream.hear()) {
      if (frame.contains("\"ping\"")) {
        stream.say("{\"type\":\"pong\"}");
      }
    }
  }

  @Override
  public void close() {
    guest.close();
    server.close();
    ofGuest.close();
    ofServer.close();
  }
}
