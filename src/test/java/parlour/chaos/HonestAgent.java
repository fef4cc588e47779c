package parlour.chaos;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import parlour.chaos.Edges.Reply;

/**
 * An agent who answers guests through the inbox, and repeats each answer until it is acknowledged.
 */
final class HonestAgent {
  private final Edges edges;
  private final List<HonestGuest> guests;
  private final Random random;
  private final Queue<String> violations;
  private final String cookie;
  private int said;
  private volatile boolean over;

  /** Signs in; the answer has the cookie that every edge knows. */
  HonestAgent(
      Edges edges, String cookie, List<HonestGuest> guests, long seed, Queue<String> violations) {
    this.edges = edges;
    this.cookie = cookie;
    this.guests = guests;
    this.random = new Random(seed);
    this.violations = violations;
  }

  void answers() throws InterruptedException {
    while (!over) {
      HonestGuest guest = guests.get(random.nextInt(guests.size()));
      String body = "agent says " + said++;
      if (says(guest.conversation(), body)) {
        guest.acknowledge(body);
      }
      Thread.sleep(30 + random.nextInt(150));
    }
  }

  /**
   * Sends a message with the same ID until it is acknowledged.
   *
   * @return false if the test ended before that
   */
  boolean says(String conversation, String body) throws InterruptedException {
    String message = """
        {"body":"%s","client_id":"%s"}""".formatted(body, body.replace(' ', '-'));
    while (!over) {
      Optional<Reply> reply =
          call("POST", "/inbox/api/conversations/" + conversation + "/messages", message);
      if (reply.isPresent() && reply.get().status() < 300) {
        return true;
      }
      if (reply.isPresent() && !reply.get().isPassing()) {
        violations.add("the agent: " + reply.get().status() + " " + reply.get().body());
      }
      Thread.sleep(50 + random.nextInt(200));
    }
    return false;
  }

  void stops() {
    over = true;
  }

  private Optional<Reply> call(String method, String path, @Nullable String body) {
    URI edge = edges.any(random);
    Map<String, String> headers = new HashMap<>();
    headers.put("Origin", edge.toString());
    headers.put("Content-Type", "application/json");
    headers.put("Cookie", cookie);
    return edges.call(edge, method, path, headers, body);
  }
}
