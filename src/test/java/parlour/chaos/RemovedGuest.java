package parlour.chaos;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Predicate;
import parlour.chaos.Edges.Reply;
import parlour.config.Role;
import parlour.spec.Browser;

/**
 * A guest who listens at both edges while their session is revoked, and who goes on trying.
 *
 * <p>From the commit on each of their calls is refused, and a message that is sent a second later
 * never reaches them: this holds whatever is down, and however slow the machine is. Their sockets
 * close within that second, plus the delay that this machine caused at each hand-over. Only if a
 * process that carries the socket or watches its session is down, the socket may stay open, without
 * messages, until that process is back.
 */
final class RemovedGuest {
  private static final Duration REVOKED_WITHIN = Duration.ofSeconds(1);

  /** How long a process that is back may need to reconnect: a poll, and a retry. */
  private static final Duration SETTLING = Duration.ofSeconds(3);

  /** An edge that takes longer counts as down. */
  private static final Duration WELCOMED_WITHIN = Duration.ofSeconds(10);

  /** A socket whose session nobody watches closes after the deadline of its follow call. */
  private static final Duration AT_LAST = Duration.ofSeconds(40);

  /** Threads between the commit and the client, each of which may wait for a processor. */
  private static final int HAND_OVERS = 12;

  /** Of each kind, so that they lead through all nodes. */
  static final int CLIENTS_PER_EDGE = 3;

  private final HonestGuest guest;
  private final Edges edges;
  private final List<OpenSocket> clients = new ArrayList<>();
  private final Queue<String> violations;

  private RemovedGuest(HonestGuest guest, Edges edges, Queue<String> violations) {
    this.guest = guest;
    this.edges = edges;
    this.violations = violations;
  }

  /** A guest with open sockets at all edges. */
  static RemovedGuest of(HonestGuest guest, Edges edges, Queue<String> violations)
      throws InterruptedException {
    RemovedGuest removed = new RemovedGuest(guest, edges, violations);
    guest.starts();
    for (URI edge : edges.all()) {
      for (int i = 0; i < CLIENTS_PER_EDGE; i++) {
        StreamClient.open(edge, guest, WELCOMED_WITHIN).ifPresent(removed.clients::add);
        PackageClient.open(edge, guest, WELCOMED_WITHIN).ifPresent(removed.clients::add);
      }
    }
    return removed;
  }

  String conversation() {
    return guest.conversation();
  }

  /** The results for the sockets. */
  record Seen(int sockets, int inTime, Duration longest) {}

  /**
   * Goes on trying after the end of the session, and checks the results.
   *
   * @param committed when the revocation was committed
   */
  Seen triesOn(Instant committed, HonestAgent agent, Faults faults, Ticker metronome)
      throws InterruptedException {
    try {
      for (URI edge : edges.all()) {
        calls(edge);
      }
      Duration left = Duration.between(Instant.now(), committed.plus(REVOKED_WITHIN));
      if (left.isPositive()) {
        Thread.sleep(left);
      }
      String secret = "not for " + guest.name();
      boolean said = agent.says(guest.conversation(), secret);
      int inTime = 0;
      Duration longest = Duration.ZERO;
      for (OpenSocket client : clients) {
        Optional<Instant> over = client.overWithin(AT_LAST);
        if (over.isEmpty()) {
          violations.add(guest.name() + " has an open socket after " + AT_LAST);
          continue;
        }
        Duration took = Duration.between(committed, over.get());
        Duration late = metronome.latest(committed, over.get()).multipliedBy(HAND_OVERS);
        if (took.minus(late).compareTo(REVOKED_WITHIN) <= 0) {
          inTime++;
        } else if (!isExcused(committed, faults)) {
          violations.add("%s listened for %d ms; the machine's share is %d ms"
              .formatted(guest.name(), took.toMillis(), late.toMillis()));
        }
        longest = took.compareTo(longest) > 0 ? took : longest;
        client
            .wrongEnd()
            .ifPresent(how -> violations.add(guest.name() + " was sent away by " + how));
        if (said && client.received(secret)) {
          violations.add(guest.name() + " received a message after the end");
        }
      }
      for (URI edge : edges.all()) {
        calls(edge);
      }
      return new Seen(clients.size(), inTime, longest);
    } finally {
      clients.forEach(OpenSocket::close);
    }
  }

  /** From the commit on the token is not renewed, and no message is read. */
  private void calls(URI edge) {
    expectNothing(edges.call(
        edge,
        "POST",
        "/v2/Webchat/Token/Refresh",
        Edges.headers(Browser.CHROME_ON_WINDOWS),
        Edges.refresh(guest.deploymentKey(), guest.token())));
    expectNothing(edges.call(
        edge,
        "GET",
        "/v2/Webchat/Messages",
        Edges.headers(Browser.CHROME_ON_WINDOWS, guest.deploymentKey(), guest.token()),
        null));
  }

  private void expectNothing(Optional<Reply> reply) {
    if (reply.isPresent() && !reply.get().isPassing() && reply.get().status() != 401) {
      violations.add(guest.name() + " got " + reply.get().status() + " after the end");
    }
  }

  /** A fault of federated-auth, of Redis or of one of two scoped-auth nodes is not an excuse. */
  private static boolean isExcused(Instant committed, Faults faults) {
    Instant begin = committed.minus(SETTLING);
    Instant end = committed.plus(REVOKED_WITHIN);
    Predicate<Part> carries = part -> part instanceof PostgresServer
        || is(part, Role.STARSHIP)
        || is(part, Role.ORCHESTRATOR)
        || is(part, Role.CONVERSATIONS);
    return faults.hurt(carries, begin, end) > 0
        || faults.hurt(part -> is(part, Role.SCOPED_AUTH), begin, end) > 1;
  }

  private static boolean is(Part part, Role role) {
    return part instanceof Node node && node.role() == role;
  }
}
