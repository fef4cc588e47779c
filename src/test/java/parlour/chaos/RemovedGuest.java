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
 * One who listens at both edges while their session is ended, and who tries on.
 *
 * <p>From the commit on no call of theirs is let in, and what is said a second later they never
 * hear: that holds whatever is down, and however slow the machine. Their sockets are over within
 * that second, and as much more as this machine itself was late in each of the hand-overs; only
 * where one who carries the socket or looks after it is down may it stay, mute, until that one is
 * back.
 */
final class RemovedGuest {
  private static final Duration REVOKED_WITHIN = Duration.ofSeconds(1);

  /** How long a part that is back may still be at odds with others: a look, and a retry. */
  private static final Duration SETTLING = Duration.ofSeconds(3);

  /** An edge that takes longer is down, or as good as that. */
  private static final Duration WELCOMED_WITHIN = Duration.ofSeconds(10);

  /** A socket that nobody looks after is over at last: a call to follow that nobody answers. */
  private static final Duration AT_LAST = Duration.ofSeconds(40);

  /** From the commit to the ear, threads that wait for their turn on a busy machine. */
  private static final int HAND_OVERS = 12;

  private static final int EARS_PER_EDGE = 3; // so that they lead through all nodes

  private final HonestGuest guest;
  private final Edges edges;
  private final List<StreamClient> ears = new ArrayList<>();
  private final Queue<String> violations;

  private RemovedGuest(HonestGuest guest, Edges edges, Queue<String> violations) {
    this.guest = guest;
    this.edges = edges;
    this.violations = violations;
  }

  /** A guest who listens wherever an edge lets them. */
  static RemovedGuest of(HonestGuest guest, Edges edges, Queue<String> violations)
      throws InterruptedException {
    RemovedGuest outcast = new RemovedGuest(guest, edges, violations);
    guest.starts();
    for (URI edge : edges.all()) {
      for (int i = 0; i < EARS_PER_EDGE; i++) {
        StreamClient.open(edge, guest, WELCOMED_WITHIN).ifPresent(outcast.ears::add);
      }
    }
    return outcast;
  }

  String conversation() {
    return guest.conversation();
  }

  /** What was seen of the sockets. */
  record Seen(int sockets, int inTime, Duration longest) {}

  /**
   * Tries on after the end of the session, and is watched.
   *
   * @param committed when the store had it
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
      for (StreamClient ear : ears) {
        Optional<Instant> over = ear.overWithin(AT_LAST);
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
        ear.refusedBy()
            .filter(code -> !code.equals(45775L))
            .ifPresent(code -> violations.add(guest.name() + " was sent away by " + code));
        if (said && ear.heard(secret)) {
          violations.add(guest.name() + " heard what was said after the end");
        }
      }
      for (URI edge : edges.all()) {
        calls(edge);
      }
      return new Seen(ears.size(), inTime, longest);
    } finally {
      ears.forEach(StreamClient::close);
    }
  }

  /** Neither renewed nor told anything, from the commit on. */
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

  /** Federated-auth and Redis are no excuse, nor is one of two who are asked about sessions. */
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
