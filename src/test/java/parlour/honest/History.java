package parlour.honest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import parlour.Limits;
import parlour.federatedauth.Refusal;
import parlour.honest.IssuedTokens.Issued;
import parlour.scopedauth.GuestToken;
import parlour.spec.Browser;
import parlour.spec.GuestKey;

/**
 * One random history: the tabs of a guest, thieves who have copied every call and every answer, lost
 * answers, restored storages, restarts, a clock that jumps, and the end of the session.
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
  private final SharedChat chat;

  /** All that was issued, to the guest and to thieves. */
  private final IssuedTokens issued;

  /** The guest's calls that the server has answered. */
  private final List<Captured> captured = new ArrayList<>();

  private final List<String> course = new ArrayList<>();
  private Issued stored;

  /** The server's clock less the true one. */
  private Duration error = Duration.ZERO;

  /** The rules for the age of a token are checked in histories without jumps, and before the first. */
  private final boolean jumps;

  private boolean hasJumped;

  /** What many histories have seen. */
  static final class Tally {
    long answered;
    long renewed;
    long later;
    long stale;
    long fresh;
    long thieves;
    long uselessTokens;
    long revoked;
    long over;

    @Override
    public String toString() {
      return ("%,d calls answered, %,d with a stale token, %,d with a fresh one, %,d renewals asked"
              + " for, %,d undecided, %,d calls of thieves, %,d useless tokens, %,d sessions"
              + " revoked, %,d over")
          .formatted(answered, stale, fresh, renewed, later, thieves, uselessTokens, revoked, over);
    }
  }

  private record Captured(GuestKey.Call call, Issued issued) {
    boolean isRead() {
      return call.method().equals("GET");
    }
  }

  History(SharedChat chat, long seed, Tally tally) {
    this.chat = chat;
    this.server = chat.server();
    this.seed = seed;
    this.tally = tally;
    random = new Random(seed);
    jumps = random.nextBoolean();
    server.goBack();
    issued = new IssuedTokens(chat.token(), chat.expires(), server.clock.instant());
    stored = issued.get(0);
  }

  void run() {
    int steps = MIN_STEPS + random.nextInt(MORE_STEPS);
    for (int i = 0; i < steps; i++) {
      step();
    }
    correctClock();
    if (hasJumped) {
      server.clock.pass(FARTHEST_JUMP); // what was confirmed in the future is past then
      server.restart();
    }
    read(stored);
    Issued before = stored;
    refresh(stored, true);
    read(stored);
    check(!stored.equals(before), "the guest got no new token in the end");
    end();
  }

  private void step() {
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> read(stored);
      case 3, 4 -> refresh(stored, true);
      case 5 -> refresh(stored, false); // the answer is lost
      case 6 -> {
        Issued shared = stored; // three tabs reload
        refresh(shared, true);
        read(stored);
        refresh(shared, true);
      }
      case 7 -> read(anyToken()); // a tab that was asleep, or a late call
      case 8 -> {
        course.add("a backup is restored");
        stored = anyToken();
      }
      case 9, 10, 11, 12 -> steal();
      case 13 -> pass();
      case 14 -> {
        course.add("the server restarts");
        server.clock.pass(RESTART);
        server.restart();
      }
      default -> {
        if (jumps) {
          jump();
        } else {
          pass();
        }
      }
    }
  }

  // ---- the guest

  private void read(Issued with) {
    course.add("the guest reads with token " + issued.indexOf(with));
    HonestServer.Answer answer = honest("GET", with);
    if (answer instanceof HonestServer.Answer.Renew) {
      tally.renewed++;
      refresh(with, true);
      answer = honest("GET", stored);
    }
    check(
        answer instanceof HonestServer.Answer.Done || isDelayed(answer),
        "the guest was refused: " + answer);
  }

  private void refresh(Issued with, boolean arrives) {
    course.add("the guest renews token " + issued.indexOf(with) + (arrives ? "" : " in vain"));
    HonestServer.Answer answer = honest("POST", with);
    if (answer instanceof HonestServer.Answer.Issued(GuestToken next, Instant expires)) {
      Issued successor = issued.add(next, expires, with);
      stored = arrives ? successor : stored;
    } else {
      check(isDelayed(answer), "the guest was refused: " + answer);
    }
  }

  private HonestServer.Answer honest(String method, Issued with) {
    GuestKey.Call call = signed(chat.key(), method, with);
    HonestServer.Answer answer = server.answer(call, with.token);
    captured.add(new Captured(call, with));
    tally.answered++;
    if (method.equals("GET") && !hasJumped) {
      checkAge(with, answer);
    }
    accepted(with, answer);
    return answer;
  }

  /** A reading call is answered with a fresh token only. */
  private void checkAge(Issued with, HonestServer.Answer answer) {
    Instant now = server.clock.instant();
    boolean isStale = issued.isStale(with, now);
    boolean isFresh = issued.isFresh(with, now);
    tally.stale += isStale ? 1 : 0;
    tally.fresh += isFresh ? 1 : 0;
    check(!isStale || !(answer instanceof HonestServer.Answer.Done), "a stale token was accepted");
    check(!isFresh || answer instanceof HonestServer.Answer.Done, "a fresh token was not accepted");
  }

  private void accepted(Issued with, HonestServer.Answer answer) {
    if (answer instanceof HonestServer.Answer.Done
        || answer instanceof HonestServer.Answer.Issued) {
      issued.used(with, server.clock.instant());
    }
  }

  /** An outage, which only a clock that has jumped may cause. */
  private boolean isDelayed(HonestServer.Answer answer) {
    tally.later += answer instanceof HonestServer.Answer.Later ? 1 : 0;
    return hasJumped && answer instanceof HonestServer.Answer.Later;
  }

  // ---- thieves

  private void steal() {
    Issued with = anyToken();
    String method = random.nextBoolean() ? "GET" : "POST";
    tally.thieves++;
    switch (random.nextInt(5)) {
      case 0 -> refused("without a proof", unsigned(method, with), with);
      case 1 -> refused("with another key", signed(chat.thiefsKey(), method, with), with);
      case 2 -> {
        if (!captured.isEmpty()) {
          replay(any(captured));
        }
      }
      case 3 -> {
        if (!captured.isEmpty()) { // the proof of one call, the token of another
          Captured other = any(captured);
          Map<String, String> headers = new HashMap<>(other.call().headers());
          headers.replace("Authorization", "Bearer " + with.token.text());
          if (!with.equals(other.issued()) && other.isRead()) {
            refused("with another token's proof", with(other.call(), headers), with);
          }
        }
      }
      default -> {
        if (!captured.isEmpty()) {
          Captured other = any(captured);
          Map<String, String> headers = new HashMap<>(other.call().headers());
          headers.computeIfPresent(
              "Signature-Input", (_, input) -> input.replace("nonce=\"", "nonce=\"x"));
          refused("with another nonce", with(other.call(), headers), other.issued());
        }
      }
    }
  }

  private void refused(String how, GuestKey.Call call, Issued with) {
    course.add("a thief presents token " + issued.indexOf(with) + " " + how);
    HonestServer.Answer answer = server.answer(call, with.token);
    check(
        !(answer instanceof HonestServer.Answer.Done)
            && !(answer instanceof HonestServer.Answer.Issued),
        "a thief was accepted " + how);
  }

  /**
   * The exact call again. A refresh gives a token that nobody can use without the key. A reading
   * call gives nothing, unless the server's clock has jumped: then a nonce can be forgotten.
   */
  private void replay(Captured before) {
    course.add("a thief repeats a " + before.call().method());
    HonestServer.Answer answer = server.answer(before.call(), before.issued().token);
    accepted(before.issued(), answer);
    if (answer instanceof HonestServer.Answer.Issued(GuestToken next, Instant expires)) {
      check(!before.isRead(), "a reading call issued a token");
      Issued useless = issued.add(next, expires, before.issued());
      tally.uselessTokens++;
      refused("of a repeated refresh", unsigned("GET", useless), useless);
      refused("of a repeated refresh", signed(chat.thiefsKey(), "POST", useless), useless);
    }
    check(
        !(answer instanceof HonestServer.Answer.Done) || hasJumped,
        "a repeated reading call was answered");
  }

  // ---- the end of the session

  private void end() {
    switch (random.nextInt(4)) {
      case 0 -> {
        course.add("the account ends the conversation");
        server.revoke(chat.conversation());
        tally.revoked++;
      }
      case 1 -> {
        course.add("the guest stays away for too long");
        server.clock.pass(Limits.IDLE_TTL_DEFAULT.plus(FARTHEST_JUMP));
        tally.over++;
      }
      case 2 -> {
        course.add("the guest comes back for as long as a session lasts");
        Duration absence = Limits.BOUND_SESSION_TTL_DEFAULT.dividedBy(4);
        for (int i = 0; i < 3; i++) {
          server.clock.pass(absence);
          read(stored);
        }
        server.clock.pass(absence);
        tally.over++;
      }
      default -> {
        return; // the session goes on
      }
    }
    if (random.nextBoolean()) {
      server.restart();
    }
    over(stored);
    over(anyToken());
  }

  /** The session is over, also for the guest. */
  private void over(Issued with) {
    for (String method : List.of("GET", "POST")) {
      course.add("the guest presents token " + issued.indexOf(with) + " for a " + method);
      HonestServer.Answer answer = server.answer(signed(chat.key(), method, with), with.token);
      check(
          answer.equals(new HonestServer.Answer.Refused(Refusal.TOKEN)),
          "the session was not over: " + answer);
    }
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

  private GuestKey.Call unsigned(String method, Issued with) {
    boolean isRead = method.equals("GET");
    Map<String, String> headers = new HashMap<>(Browser.CHROME_ON_WINDOWS.headers());
    if (isRead) {
      headers.putAll(server.bearer(with.token));
    }
    return GuestKey.Call.of(
        method,
        isRead ? HonestServer.MESSAGES : HonestServer.REFRESH,
        isRead ? "" : "{\"token\":\"" + with.token.text() + "\"}",
        headers,
        server.clock.instant());
  }

  private GuestKey.Call signed(GuestKey by, String method, Issued with) {
    GuestKey.Call call = unsigned(method, with);
    Map<String, String> headers = new HashMap<>(call.headers());
    headers.putAll(by.sign(call));
    return with(call, headers);
  }

  private static GuestKey.Call with(GuestKey.Call call, Map<String, String> headers) {
    return new GuestKey.Call(
        call.method(), call.target(), call.body(), headers, call.created(), call.nonce());
  }

  private Issued anyToken() {
    return issued.get(random.nextInt(issued.size()));
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
