package parlour.honest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import parlour.Limits;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.scopedauth.GuestToken;
import parlour.spec.Browser;
import parlour.spec.GuestKey;

/**
 * One random history: the tabs of a guest, thieves who have copied every call and every
 * answer, lost answers, restored storages, restarts, and a clock that jumps.
 */
final class History {
  private static final int MIN_STEPS = 10;
  private static final int MORE_STEPS = 20;

  /** No restart is quicker. A memory of nonces begins in the second in which its process starts. */
  private static final Duration RESTART = Duration.ofSeconds(1);

  private static final Duration FARTHEST_JUMP = Duration.ofHours(1);

  private final HonestServer server;
  private final long seed;
  private final Random random;
  private final Tally tally;
  private final GuestKey key = GuestKey.next();
  private final GuestKey thiefsKey = GuestKey.next();

  /** All that was issued, to the guest and to thieves. */
  private final List<GuestToken> issued = new ArrayList<>();

  /** The guest's calls that the server has answered. */
  private final List<Captured> captured = new ArrayList<>();

  private final List<String> course = new ArrayList<>();
  private GuestToken stored;

  /** The server's clock less the true one. */
  private Duration error = Duration.ZERO;

  private boolean hasJumped;

  /** What many histories have seen. */
  static final class Tally {
    long answered;
    long renewed;
    long later;
    long thieves;
    long uselessTokens;

    @Override
    public String toString() {
      return ("%,d calls answered, %,d renewals asked for, %,d undecided, %,d calls of thieves,"
              + " %,d useless tokens")
          .formatted(answered, renewed, later, thieves, uselessTokens);
    }
  }

  private record Captured(GuestKey.Call call, GuestToken token) {
    boolean isRead() {
      return call.method().equals("GET");
    }
  }

  History(HonestServer server, long seed, Tally tally) {
    this.server = server;
    this.seed = seed;
    this.tally = tally;
    random = new Random(seed);
    FlexWebchatOrchestrator.Chat chat =
        server.init(Browser.CHROME_ON_WINDOWS.headers(), Optional.of(key.publicKey()));
    key.agree(chat.proofKey().orElseThrow(), chat.conversation().text());
    thiefsKey.agree(GuestKey.next().publicKey(), chat.conversation().text());
    stored = chat.token();
    issued.add(stored);
  }

  void run() {
    int steps = MIN_STEPS + random.nextInt(MORE_STEPS);
    for (int i = 0; i < steps; i++) {
      step();
    }
    correctClock();
    if (hasJumped) { // it is noticed late, and must not reach into the next history
      server.clock.pass(FARTHEST_JUMP); // what was confirmed in the future is past then
      server.restart();
    }
    hasJumped = false;
    read(stored);
    GuestToken before = stored;
    refresh(stored, true);
    read(stored);
    check(!stored.equals(before), "the guest got no new token in the end");
  }

  private void step() {
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> read(stored);
      case 3, 4 -> refresh(stored, true);
      case 5 -> refresh(stored, false); // the answer is lost
      case 6 -> {
        GuestToken shared = stored; // three tabs reload
        refresh(shared, true);
        read(stored);
        refresh(shared, true);
      }
      case 7 -> read(any(issued)); // a tab that was asleep, or a late call
      case 8 -> {
        course.add("a backup is restored");
        stored = any(issued);
      }
      case 9, 10, 11, 12 -> steal();
      case 13 -> pass();
      case 14 -> {
        course.add("the server restarts");
        server.clock.pass(RESTART);
        server.restart();
      }
      default -> jump();
    }
  }

  // ---- the guest

  private void read(GuestToken token) {
    course.add("the guest reads with token " + issued.indexOf(token));
    HonestServer.Answer answer = honest(signed(key, "GET", token), token);
    if (answer instanceof HonestServer.Answer.Renew) {
      tally.renewed++;
      refresh(token, true);
      answer = honest(signed(key, "GET", stored), stored);
    }
    check(
        answer instanceof HonestServer.Answer.Done || isDelayed(answer),
        "the guest was refused: " + answer);
  }

  private void refresh(GuestToken token, boolean arrives) {
    course.add("the guest renews token " + issued.indexOf(token) + (arrives ? "" : " in vain"));
    HonestServer.Answer answer = honest(signed(key, "POST", token), token);
    if (answer instanceof HonestServer.Answer.Issued(GuestToken next)) {
      issued.add(next);
      stored = arrives ? next : stored;
    } else {
      check(isDelayed(answer), "the guest was refused: " + answer);
    }
  }

  private HonestServer.Answer honest(GuestKey.Call call, GuestToken token) {
    HonestServer.Answer answer = server.answer(call, token);
    captured.add(new Captured(call, token));
    tally.answered++;
    return answer;
  }

  /** An outage, which only a clock that has jumped may cause. */
  private boolean isDelayed(HonestServer.Answer answer) {
    tally.later += answer instanceof HonestServer.Answer.Later ? 1 : 0;
    return hasJumped && answer instanceof HonestServer.Answer.Later;
  }

  // ---- thieves

  private void steal() {
    GuestToken token = any(issued);
    String method = random.nextBoolean() ? "GET" : "POST";
    tally.thieves++;
    switch (random.nextInt(5)) {
      case 0 -> refused("without a proof", unsigned(method, token), token);
      case 1 -> refused("with another key", signed(thiefsKey, method, token), token);
      case 2 -> {
        if (!captured.isEmpty()) {
          replay(any(captured));
        }
      }
      case 3 -> {
        if (!captured.isEmpty()) { // the proof of one call, the token of another
          Captured other = any(captured);
          Map<String, String> headers = new HashMap<>(other.call().headers());
          headers.replace("Authorization", "Bearer " + token.text());
          if (!token.equals(other.token()) && other.isRead()) {
            refused("with another token's proof", with(other.call(), headers), token);
          }
        }
      }
      default -> {
        if (!captured.isEmpty()) {
          Captured other = any(captured);
          Map<String, String> headers = new HashMap<>(other.call().headers());
          headers.computeIfPresent(
              "Signature-Input", (_, input) -> input.replace("nonce=\"", "nonce=\"x"));
          refused("with another nonce", with(other.call(), headers), other.token());
        }
      }
    }
  }

  private void refused(String how, GuestKey.Call call, GuestToken token) {
    course.add("a thief presents token " + issued.indexOf(token) + " " + how);
    HonestServer.Answer answer = server.answer(call, token);
    check(
        !(answer instanceof HonestServer.Answer.Done)
            && !(answer instanceof HonestServer.Answer.Issued),
        "a thief was accepted " + how);
  }

  /**
   * The exact call again. A refresh gives a token that nobody can use without the key. A reading
   * call gives nothing, unless the server's clock has jumped: then a nonce can be forgotten.
   */
  private void replay(Captured call) {
    course.add("a thief repeats a " + call.call().method());
    HonestServer.Answer answer = server.answer(call.call(), call.token());
    if (answer instanceof HonestServer.Answer.Issued(GuestToken next)) {
      check(!call.isRead(), "a reading call issued a token");
      issued.add(next);
      tally.uselessTokens++;
      refused("of a repeated refresh", unsigned("GET", next), next);
      refused("of a repeated refresh", signed(thiefsKey, "POST", next), next);
    }
    check(
        !(answer instanceof HonestServer.Answer.Done) || hasJumped,
        "a repeated reading call was answered");
  }

  // ---- time

  private void pass() {
    Duration time = switch (random.nextInt(4)) {
      case 0 -> Duration.ofMillis(random.nextInt(5_000));
      case 1 -> Limits.GENERATION_GRACE.plusMillis(random.nextInt(3) - 1);
      case 2 -> Duration.ofMinutes(random.nextInt(30));
      default -> Duration.ofMinutes(random.nextInt(480));
    };
    course.add("pass " + time);
    server.clock.pass(time);
  }

  /** Forward or back, or right again. A clock that stays wrong is not in the histories. */
  private void jump() {
    if (!error.isZero()) {
      correctClock();
      return;
    }
    error = Duration.ofSeconds(random.nextInt(7_200)).minus(FARTHEST_JUMP);
    course.add("the clock jumps by " + error);
    hasJumped = true;
    server.clock.jump(error);
    server.clock.pass(Duration.ofSeconds(random.nextInt(60)));
    for (int i = random.nextInt(4); i > 0; i--) {
      if (random.nextBoolean()) {
        read(stored);
      } else {
        steal();
      }
    }
    correctClock();
  }

  private void correctClock() {
    course.add("the clock is right");
    server.clock.jump(error.negated());
    error = Duration.ZERO;
  }

  // ---- calls

  private GuestKey.Call unsigned(String method, GuestToken token) {
    boolean isRead = method.equals("GET");
    Map<String, String> headers = new HashMap<>(Browser.CHROME_ON_WINDOWS.headers());
    if (isRead) {
      headers.putAll(server.bearer(token));
    }
    return GuestKey.Call.of(
        method,
        isRead ? HonestServer.MESSAGES : HonestServer.REFRESH,
        isRead ? "" : "{\"token\":\"" + token.text() + "\"}",
        headers,
        server.clock.instant());
  }

  private GuestKey.Call signed(GuestKey by, String method, GuestToken token) {
    GuestKey.Call call = unsigned(method, token);
    Map<String, String> headers = new HashMap<>(call.headers());
    headers.putAll(by.sign(call));
    return with(call, headers);
  }

  private static GuestKey.Call with(GuestKey.Call call, Map<String, String> headers) {
    return new GuestKey.Call(
        call.method(), call.target(), call.body(), headers, call.created(), call.nonce());
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(
          what + ", in the history of seed " + seed + ":\n  " + String.join("\n  ", course));
    }
  }
}
