package parlour.honest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Function;
import parlour.Limits;
import parlour.federatedauth.Refusal;
import parlour.honest.HonestServer.Action;
import parlour.honest.IssuedTokens.Issued;
import parlour.proof.SocketChallenge;
import parlour.scopedauth.GuestToken;
import parlour.spec.Browser;
import parlour.spec.GuestKey;

/**
 * One random history: the tabs of a guest, who reads, writes, opens sockets, ends the chat and
 * reopens it; thieves who have copied every call and every answer; lost answers, restored storages,
 * restarts, a clock that jumps, and the end of the session.
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

  /** The proofs with which the guest has opened sockets. */
  private final List<String> hellos = new ArrayList<>();

  private final List<String> course = new ArrayList<>();
  private Issued stored;

  /** The server's clock less the true one. */
  private Duration error = Duration.ZERO;

  private final boolean jumps;
  private boolean hasJumped;

  /** Whether no call has come since the clock jumped. Only a call notices it. */
  private boolean isUnnoticed;

  /** The uptime from which on the server believes its clock again, if it has jumped. */
  private long believedFrom = Long.MIN_VALUE;

  private int restarts;
  private int setBacks;

  /** The events of many histories. */
  static final class Tally {
    long answered;
    long renewed;
    long later;
    long sockets;
    long messages;
    long ends;
    long stale;
    long fresh;
    long staleAfterJump;
    long freshAfterJump;
    long thieves;
    long uselessTokens;
    long revoked;
    long over;

    @Override
    public String toString() {
      return ("%,d calls of guests, %,d of them hellos of sockets, %,d messages, %,d ends and"
              + " reopenings; %,d with a stale token and %,d with a fresh one, of these %,d and %,d"
              + " after a jump; %,d renewals asked for, %,d undecided, %,d calls of thieves, %,d"
              + " useless tokens, %,d sessions revoked, %,d over")
          .formatted(
              answered,
              sockets,
              messages,
              ends,
              stale,
              fresh,
              staleAfterJump,
              freshAfterJump,
              renewed,
              later,
              thieves,
              uselessTokens,
              revoked,
              over);
    }
  }

  /**
   * A call that a thief has copied.
   *
   * @param addsMessage whether the guest's call did, which it does not after the end of the chat
   * @param restarts before it
   * @param setBacks of the clock before it
   */
  private record Captured(
      Action action,
      GuestKey.Call call,
      Issued issued,
      boolean addsMessage,
      int restarts,
      int setBacks) {}

  History(SharedChat chat, long seed, Tally tally) {
    this.chat = chat;
    this.server = chat.server();
    this.seed = seed;
    this.tally = tally;
    // Otherwise the first choices of histories with neighbouring seeds are nearly the same.
    random = new Random(new SplittableRandom(seed).nextLong());
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
      read(stored);
      server.clock.pass(Limits.CLOCK_SETTLING); // nobody has to wait for longer
    }
    read(stored);
    Issued before = stored;
    refresh(stored, true);
    read(stored);
    check(!stored.equals(before), "the guest got no new token in the end");
    end();
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0, 1 -> read(stored);
      case 2 -> send(stored);
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
      case 9, 10, 11, 12, 13 -> steal();
      case 14 -> pass();
      case 15 -> restart();
      case 16 -> enter(random.nextInt(3) == 0 ? anyToken() : stored);
      case 17 -> call(Action.END, stored);
      case 18 -> call(Action.REOPEN, stored);
      default -> {
        if (jumps) {
          jump();
        } else {
          pass();
        }
      }
    }
  }

  private void restart() {
    course.add("the server restarts");
    server.clock.pass(RESTART);
    server.restart();
    restarts++;
  }

  // ---- the guest

  private void read(Issued with) {
    call(Action.READ, with);
  }

  private void send(Issued with) {
    call(Action.SEND, with);
  }

  private void call(Action action, Issued with) {
    course.add("the guest calls " + action + " with token " + issued.indexOf(with));
    goesOn(with, token -> honest(action, token));
  }

  private void enter(Issued with) {
    course.add("the guest opens a socket with token " + issued.indexOf(with));
    goesOn(with, this::hello);
  }

  /** Repeats a call with the next token, if its answer says so. */
  private void goesOn(Issued with, Function<Issued, HonestServer.Answer> call) {
    HonestServer.Answer answer = call.apply(with);
    if (answer instanceof HonestServer.Answer.Renew) {
      tally.renewed++;
      refresh(with, true);
      answer = call.apply(stored);
    }
    check(
        answer instanceof HonestServer.Answer.Done || isDelayed(answer),
        "the guest was refused: " + answer);
  }

  private void refresh(Issued with, boolean arrives) {
    course.add("the guest renews token " + issued.indexOf(with) + (arrives ? "" : " in vain"));
    HonestServer.Answer answer = honest(Action.REFRESH, with);
    if (answer instanceof HonestServer.Answer.Issued(GuestToken next, Instant expires)) {
      Issued successor = issued.add(next, expires, with, server.clock.instant());
      stored = arrives ? successor : stored;
    } else {
      check(isDelayed(answer), "the guest was refused: " + answer);
    }
  }

  private HonestServer.Answer honest(Action action, Issued with) {
    GuestKey.Call call = signed(chat.key(), action, with);
    HonestServer.Answer answer = answer(call, with);
    captured.add(new Captured(
        action, call, with, answer.equals(new HonestServer.Answer.Done(true)), restarts, setBacks));
    tally.messages += action == Action.SEND ? 1 : 0;
    tally.ends += action == Action.END || action == Action.REOPEN ? 1 : 0;
    judge(action != Action.REFRESH, with, answer);
    return answer;
  }

  private HonestServer.Answer hello(Issued with) {
    SocketChallenge challenge = server.challenge();
    String mac = server.answer(chat.key(), challenge, with.token);
    hellos.add(mac);
    HonestServer.Answer answer = answer(hello(challenge, with, Optional.of(mac)));
    tally.sockets++;
    judge(true, with, answer);
    return answer;
  }

  private static HonestServer.Hello hello(
      SocketChallenge challenge, Issued with, Optional<String> mac) {
    return new HonestServer.Hello(challenge, with.token, mac, Browser.CHROME_ON_WINDOWS.headers());
  }

  private HonestServer.Answer answer(GuestKey.Call call, Issued with) {
    notice();
    return server.answer(call, with.token);
  }

  private HonestServer.Answer answer(HonestServer.Hello hello) {
    notice();
    return server.answer(hello, Optional.empty());
  }

  private void notice() {
    if (isUnnoticed) {
      isUnnoticed = false;
      believedFrom = server.clock.nanoTime() + Limits.CLOCK_SETTLING.toNanos();
    }
  }

  private boolean isBelieved() {
    return !hasJumped || (!isUnnoticed && server.clock.nanoTime() >= believedFrom);
  }

  /**
   * Compares an answer to the guest with the rules for the age of a token: a stale one is good for
   * nothing but its renewal, and a fresh one is good.
   */
  private void judge(boolean dependsOnAge, Issued with, HonestServer.Answer answer) {
    tally.answered++;
    if (dependsOnAge) {
      Instant now = server.clock.instant();
      boolean isStale = hasJumped ? issued.isSurelyStale(with, now) : issued.isStale(with, now);
      boolean isFresh = issued.isFresh(with, now);
      tally.stale += isStale ? 1 : 0;
      tally.fresh += isFresh ? 1 : 0;
      tally.staleAfterJump += isStale && hasJumped ? 1 : 0;
      tally.freshAfterJump += isFresh && hasJumped && isBelieved() ? 1 : 0;
      check(
          !isStale || !(answer instanceof HonestServer.Answer.Done), "a stale token was accepted");
      check(
          !isFresh || answer instanceof HonestServer.Answer.Done || isDelayed(answer),
          "a fresh token was not accepted: " + answer);
    }
    accepted(with, answer);
  }

  private void accepted(Issued with, HonestServer.Answer answer) {
    if (answer instanceof HonestServer.Answer.Done
        || answer instanceof HonestServer.Answer.Issued) {
      issued.used(with, server.clock.instant());
    }
  }

  /** An outage, which only a clock that has jumped may cause, until it is believed again. */
  private boolean isDelayed(HonestServer.Answer answer) {
    tally.later += answer instanceof HonestServer.Answer.Later ? 1 : 0;
    return answer instanceof HonestServer.Answer.Later && !isBelieved();
  }

  // ---- thieves

  private void steal() {
    Issued with = anyToken();
    Action action = any(List.of(Action.values()));
    tally.thieves++;
    switch (random.nextInt(7)) {
      case 0 -> refused("without a proof", unsigned(action, with), with);
      case 1 -> refused("with another key", signed(chat.thiefsKey(), action, with), with);
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
          if (!with.equals(other.issued()) && other.action() != Action.REFRESH) {
            refused("with another token's proof", with(other.call(), headers), with);
          }
        }
      }
      case 4 -> stealSocket(with);
      case 5 -> {
        if (!captured.isEmpty()) { // the proof of one call for another
          Captured other = any(captured);
          GuestKey.Call call = unsigned(action, other.issued());
          other.call().headers().forEach(call.headers()::putIfAbsent);
          if (action != other.action()) {
            refused("with the proof of another call", call, other.issued());
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

  private void stealSocket(Issued with) {
    SocketChallenge challenge = server.challenge();
    refused("without a proof", hello(challenge, with, Optional.empty()), with);
    String ofThief = server.answer(chat.thiefsKey(), challenge, with.token);
    refused("with another key", hello(challenge, with, Optional.of(ofThief)), with);
    if (!hellos.isEmpty()) {
      refused(
          "with the proof of another socket",
          hello(challenge, with, Optional.of(any(hellos))),
          with);
    }
  }

  private void refused(String how, GuestKey.Call call, Issued with) {
    course.add("a thief presents token " + issued.indexOf(with) + " " + how);
    demandRefusal(how, answer(call, with));
  }

  private void refused(String how, HonestServer.Hello hello, Issued with) {
    course.add("a thief opens a socket with token " + issued.indexOf(with) + " " + how);
    demandRefusal(how, answer(hello));
  }

  private void demandRefusal(String how, HonestServer.Answer answer) {
    check(
        !(answer instanceof HonestServer.Answer.Done)
            && !(answer instanceof HonestServer.Answer.Issued),
        "a thief was accepted " + how);
  }

  /**
   * The exact call again. A refresh gives a token that nobody can use without the key. A message
   * arrives only once. The other calls are answered once, unless the clock was set back since and
   * the server has started again: then it can have forgotten a nonce.
   */
  private void replay(Captured before) {
    course.add("a thief repeats a " + before.action());
    HonestServer.Answer answer = answer(before.call(), before.issued());
    accepted(before.issued(), answer);
    switch (answer) {
      case HonestServer.Answer.Issued(GuestToken next, Instant expires) -> {
        check(before.action() == Action.REFRESH, "another call issued a token");
        Issued useless = issued.add(next, expires, before.issued(), server.clock.instant());
        tally.uselessTokens++;
        refused("of a repeated refresh", unsigned(Action.READ, useless), useless);
        refused("of a repeated refresh", unsigned(Action.SEND, useless), useless);
        refused(
            "of a repeated refresh", signed(chat.thiefsKey(), Action.REFRESH, useless), useless);
        stealSocket(useless);
      }
      case HonestServer.Answer.Done(boolean addsMessage)
      when before.action() == Action.SEND ->
        check(!addsMessage || !before.addsMessage(), "a repeated message was sent again");
      case HonestServer.Answer.Done _ -> {
        boolean canHaveForgotten = restarts > before.restarts() && setBacks > before.setBacks();
        check(canHaveForgotten, "a repeated " + before.action() + " was answered");
      }
      default -> {} // refused
    }
  }

  // ---- the end of the session

  private void end() {
    switch (random.nextInt(5)) {
      case 0 -> {
        course.add("the account ends the conversation");
        server.revoke(chat.conversation());
        tally.revoked++;
      }
      case 1 -> {
        course.add("the guest ends the chat and erases it");
        GuestKey.Call call = signed(chat.key(), Action.END, stored, "{\"forget\":true}");
        check(
            answer(call, stored) instanceof HonestServer.Answer.Done,
            "the guest could not end the chat");
        tally.revoked++;
      }
      case 2 -> {
        course.add("the guest stays away for too long");
        server.clock.pass(Limits.IDLE_TTL_DEFAULT
            .plus(Limits.IDLE_TTL_DEFAULT.dividedBy(Limits.IDLE_TTL_STEPS))
            .plus(FARTHEST_JUMP));
        tally.over++;
      }
      case 3 -> {
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
    for (Action action : Action.values()) {
      course.add("the guest presents token " + issued.indexOf(with) + " for " + action);
      demandEnd(answer(signed(chat.key(), action, with), with));
    }
    SocketChallenge challenge = server.challenge();
    String mac = server.answer(chat.key(), challenge, with.token);
    demandEnd(answer(hello(challenge, with, Optional.of(mac))));
  }

  private void demandEnd(HonestServer.Answer answer) {
    check(
        answer.equals(new HonestServer.Answer.Refused(Refusal.TOKEN)),
        "the session was not over: " + answer);
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
    set(error);
    server.clock.pass(Duration.ofSeconds(random.nextInt(60)));
    for (int i = random.nextInt(4); i > 0; i--) {
      switch (random.nextInt(6)) {
        case 0 -> read(stored);
        case 1 -> send(stored);
        case 2 -> refresh(stored, true); // the token is one from the future, or from the past
        case 3 -> refresh(stored, false);
        default -> steal();
      }
    }
    correctClock();
  }

  private void correctClock() {
    if (!error.isZero()) {
      course.add("the clock is right");
      set(error.negated());
      error = Duration.ZERO;
    }
  }

  private void set(Duration by) {
    hasJumped = true;
    isUnnoticed = true;
    setBacks += by.isNegative() ? 1 : 0;
    server.clock.jump(by);
  }

  // ---- calls

  private GuestKey.Call unsigned(Action action, Issued with) {
    return unsigned(
        action,
        with,
        switch (action) {
          case READ -> "";
          case SEND -> HonestServer.message(GuestKey.nonce());
          case REFRESH, END, REOPEN -> "{}";
        });
  }

  private GuestKey.Call unsigned(Action action, Issued with, String body) {
    return server.call(
        action,
        with.token,
        body,
        Browser.CHROME_ON_WINDOWS.headers(),
        server.clock.instant().getEpochSecond());
  }

  private GuestKey.Call signed(GuestKey by, Action action, Issued with) {
    return signed(by, unsigned(action, with));
  }

  private GuestKey.Call signed(GuestKey by, Action action, Issued with, String body) {
    return signed(by, unsigned(action, with, body));
  }

  private static GuestKey.Call signed(GuestKey by, GuestKey.Call call) {
    call.headers().putAll(by.sign(call));
    return call;
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
