package parlour.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.chaos.Edges.Reply;
import parlour.chaos.HonestGuest.Superseded;
import parlour.spec.Browser;
import parlour.spec.GuestSocket;

/**
 * A thief who copies tokens: the newest into another browser, and superseded ones into a copy of the
 * guest's own. None of them may ever be accepted, whatever is down.
 */
final class Thief {
  private static final Browser OTHER = Browser.FIREFOX_ON_LINUX;
  private static final Browser OWN = Browser.CHROME_ON_WINDOWS; // as the guests'
  private static final Duration STALE = Limits.GENERATION_GRACE.plusSeconds(5);

  private final List<HonestGuest> victims;
  private final Edges edges;
  private final Random random;
  private final Queue<String> violations;
  private int tried;
  private int refused;
  private int stale;
  private volatile boolean over;

  Thief(List<HonestGuest> victims, Edges edges, long seed, Queue<String> violations) {
    this.victims = victims;
    this.edges = edges;
    this.random = new Random(seed);
    this.violations = violations;
  }

  void steals() throws InterruptedException {
    while (!over) {
      HonestGuest victim = victims.get(random.nextInt(victims.size()));
      switch (random.nextInt(6)) {
        case 0 -> refreshes("a copied", victim, victim.token(), OTHER);
        case 1 -> reads(victim);
        case 2 -> listens(victim);
        case 3 -> refreshes("a forged", victim, forged(victim.token()), OWN);
        default ->
          oldest(victim).ifPresent(old -> {
            stale++;
            refreshes("a superseded", victim, old.token(), OWN);
          });
      }
      Thread.sleep(200 + random.nextInt(300));
    }
  }

  /** Tries the tokens of each guest that were superseded last; older ones ended earlier. */
  void triesAllSuperseded() {
    for (HonestGuest victim : victims) {
      List<Superseded> all = victim.superseded();
      for (Superseded old : all.subList(Math.max(0, all.size() - 5), all.size())) {
        stale++;
        refreshes("a superseded", victim, old.token(), OWN);
      }
    }
  }

  /** A forged token of that guest: one byte of its seal is changed. */
  private String forged(String token) {
    char[] letters = token.toCharArray();
    int place = letters.length / 2 + random.nextInt(letters.length / 4);
    letters[place] = letters[place] == 'A' ? 'B' : 'A';
    return new String(letters);
  }

  void stops() {
    over = true;
  }

  int tried() {
    return tried;
  }

  int refused() {
    return refused;
  }

  /** Tries with a token that was superseded longer ago than the grace. */
  int stale() {
    return stale;
  }

  private static Optional<Superseded> oldest(HonestGuest victim) {
    long before = System.nanoTime() - STALE.toNanos();
    return victim.superseded().stream().filter(one -> one.usedNanos() < before).findFirst();
  }

  private void refreshes(String what, HonestGuest victim, String token, Browser browser) {
    expectNothing(
        "refresh with " + what + " token of " + victim.name(),
        edges.call(
            edges.any(random),
            "POST",
            "/v2/Webchat/Token/Refresh",
            Edges.headers(browser),
            Edges.refresh(victim.deploymentKey(), token)));
  }

  private void reads(HonestGuest victim) {
    expectNothing(
        "messages of " + victim.name(),
        edges.call(
            edges.any(random),
            "GET",
            "/v2/Webchat/Messages",
            Edges.headers(OTHER, victim.deploymentKey(), victim.token()),
            null));
  }

  private void listens(HonestGuest victim) throws InterruptedException {
    tried++;
    try (GuestSocket socket = GuestSocket.open(edges.any(random), OTHER, Edges.ORIGIN)) {
      socket.says("""
          {"type":"hello","deploymentKey":"%s","token":"%s","after":-1}""".formatted(victim.deploymentKey(), victim.token()));
      Optional<Map<String, @Nullable Object>> frame = socket.receivesWithin(Duration.ofSeconds(5));
      if (frame.isPresent() && !"refused".equals(frame.get().get("type"))) {
        violations.add("the thief received " + frame.get().get("type") + " of " + victim.name());
      } else if (frame.isPresent()) {
        refused++;
      }
    } catch (CompletionException | IllegalStateException | AssertionError noConnection) {
      // an edge that is down accepts nobody
    }
  }

  private void expectNothing(String what, Optional<Reply> reply) {
    tried++;
    if (reply.isEmpty() || reply.get().isPassing()) {
      return;
    }
    if (!reply.get().isRefusal()) {
      violations.add("the thief got " + reply.get().status() + " for " + what);
      return;
    }
    refused++;
  }
}
