package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Unavailable;
import parlour.ledger.Ledger;
import parlour.proof.MemoryNonces;
import parlour.proof.Proof;
import parlour.rates.LocalRateLimiter;

/**
 * The tabs of a guest who holds the key, thieves who hold copies of all tokens but not the key, lost
 * answers, restored backups, restarts of two nodes, and time act on a bound session at random. To
 * repeat a run, put its seed in place of the random one; {@code parlour.histories} makes it longer.
 */
class BoundGenerationsPropertyTest {
  private static final int HISTORIES = Integer.getInteger("parlour.histories", 30);
  private static final int STEPS = 60;
  private static final Duration TOKEN_TTL = Duration.ofMinutes(20);
  private static final Duration IDLE_TTL = Duration.ofHours(3);

  @TempDir
  Path folder;

  /** A token that was issued, of which a thief has a copy, too. */
  private record Held(GuestToken token, long generation, Instant expires) {}

  private enum Answer {
    AUTHORIZED,
    RENEWABLE,
    TOKEN,
    FINGERPRINT;

    static Answer of(Verdict verdict) {
      return switch (verdict) {
        case Verdict.Authorized authorized -> AUTHORIZED;
        case Verdict.Refused refused when refused.renewable() -> RENEWABLE;
        case Verdict.Refused(Verdict.Failure failure, boolean renewable) ->
          failure == Verdict.Failure.TOKEN_VALIDATION_FAILED ? TOKEN : FINGERPRINT;
      };
    }
  }

  /** The rules of bound sessions, without the records of the service. */
  private static final class Model {
    private final Instant ends;
    private final Map<Long, Instant> firstUsed = new HashMap<>();
    private Instant idleEnd;
    private boolean revoked;
    private int replays;
    private int refusals;

    Model(Instant created, Duration sessionTtl) {
      ends = created.plus(sessionTtl);
      firstUsed.put(1L, created);
      idleEnd = created;
      live(created);
    }

    private void live(Instant now) {
      if (idleEnd.isBefore(now.plus(IDLE_TTL))) {
        Instant later = now.plus(IDLE_TTL).plus(IDLE_TTL.dividedBy(Limits.IDLE_TTL_STEPS));
        idleEnd = later.isBefore(ends) ? later : ends;
      }
    }

    boolean isOver(Instant now) {
      return revoked || !now.isBefore(idleEnd);
    }

    Answer judge(Held held, boolean proven, Purpose purpose, Instant now) {
      if (isOver(now)) {
        return Answer.TOKEN;
      }
      boolean isStale = !now.isBefore(held.expires()) || isSuperseded(held, now);
      if (!proven) {
        return isStale ? Answer.TOKEN : Answer.FINGERPRINT;
      }
      return isStale && purpose == Purpose.CALL ? Answer.RENEWABLE : Answer.AUTHORIZED;
    }

    boolean isSuperseded(Held held, Instant now) {
      return firstUsed.entrySet().stream()
          .filter(use -> use.getKey() > held.generation())
          .anyMatch(use -> !now.isBefore(use.getValue().plus(Limits.GENERATION_GRACE)));
    }

    /** The generation of the successor. */
    long record(Held held, boolean proven, Answer answer, Instant now) {
      boolean isReplay =
          !isOver(now) && isSuperseded(held, now) && (proven || now.isBefore(held.expires()));
      replays += isReplay ? 1 : 0;
      refusals += answer == Answer.TOKEN || answer == Answer.FINGERPRINT ? 1 : 0;
      long newest = newestUsed();
      if (answer != Answer.AUTHORIZED) {
        return newest;
      }
      if (held.generation() > newest) {
        firstUsed.put(held.generation(), now);
        live(now);
      }
      return isReplay ? newest + 1 : Math.max(held.generation() + 1, newest);
    }

    long newestUsed() {
      return firstUsed.keySet().stream().max(Long::compare).orElseThrow();
    }
  }

  @Test
  void no_thief_is_authorized_and_no_guest_refused_and_the_rules_agree_at_every_step() {
    run(false);
  }

  @Test
  void no_thief_is_authorized_and_no_guest_refused_even_if_the_clock_jumps() {
    run(true);
  }

  private void run(boolean jumps) {
    long seed = Long.getLong("parlour.seed", new Random().nextLong());
    System.out.println("BoundGenerationsPropertyTest: seed " + seed);
    Random random = new Random(seed);
    Map<Answer, Integer> answers = new HashMap<>();
    try (TestScopedAuth sas = new TestScopedAuth(folder)) {
      TestBrowserKey thief = sas.startBound().key();
      for (int i = 0; i < HISTORIES; i++) {
        String name = "seed " + seed + ", history " + i;
        History history = new History(sas, thief, random, jumps, name);
        for (int step = 0; step < STEPS; step++) {
          history.step();
        }
        history.compareRecords();
        history.answers.forEach((answer, count) -> answers.merge(answer, count, Integer::sum));
      }
    }
    // A run must have seen all sides of the rules.
    assertThat(answers.keySet()).containsExactlyInAnyOrder(Answer.values());
    assertThat(answers.get(Answer.AUTHORIZED)).isGreaterThan(HISTORIES * 10);
  }

  private static final class History {
    private final TestScopedAuth sas;
    private final Random random;
    private final boolean jumps;
    private final String name;
    private final Audience audience;
    private final TestScopedAuth.BoundGuest guest;
    private final TestBrowserKey thief;
    private final ScopedAuthService[] nodes = new ScopedAuthService[2];
    private final Model model;
    private final List<Held> everIssued = new ArrayList<>();
    private final Held[] tabs = new Held[3];
    private final List<String> course = new ArrayList<>();
    private final Map<Answer, Integer> answers = new HashMap<>();

    History(TestScopedAuth sas, TestBrowserKey thief, Random random, boolean jumps, String name) {
      this.sas = sas;
      this.thief = thief;
      this.random = random;
      this.jumps = jumps;
      this.name = name;
      audience = random.nextBoolean() ? sas.strict : sas.audience;
      Duration sessionTtl = Duration.ofHours(4 + random.nextInt(8));
      Instant now = sas.clock.instant();
      guest = sas.startBound(TOKEN_TTL, IDLE_TTL, sessionTtl);
      model = new Model(now, sessionTtl);
      Arrays.setAll(nodes, i -> node());
      Arrays.fill(tabs, issued(guest.token(), 1));
    }

    private ScopedAuthService node() {
      return new ScopedAuthService(
          sas.sessions,
          sas.keys,
          new LocalRateLimiter(() -> 0),
          new LocalRateLimiter(() -> 0),
          sas.events,
          new MemoryNonces(sas.clock.instant(), sas.random),
          sas.budget,
          Ledger.NONE,
          sas.clock,
          sas.random);
    }

    private Held issued(GuestToken token, long generation) {
      Tokens.Opened opened = new Tokens(sas.keys).open(token);
      Held held =
          new Held(token, generation, ((Tokens.Opened.Genuine) opened).claims().expires());
      everIssued.add(held);
      return held;
    }

    void step() {
      int tab = random.nextInt(tabs.length);
      switch (random.nextInt(24)) {
        case 0, 1, 2, 3, 4, 5 -> call(tab);
        case 6, 7, 8 -> renew(tabs[tab], "tab " + tab).ifPresent(next -> tabs[tab] = next);
        case 9 -> renew(tabs[tab], "the answer is lost: tab " + tab);
        case 10 -> {
          Held shared = tabs[tab];
          renew(shared, "two tabs at once: 0").ifPresent(next -> tabs[0] = next);
          renew(shared, "two tabs at once: 1").ifPresent(next -> tabs[1] = next);
        }
        case 11 -> {
          course.add("tab " + tab + " takes over another tab's token");
          tabs[tab] = tabs[random.nextInt(tabs.length)];
        }
        case 12 -> {
          course.add("tab " + tab + " is restored from a backup");
          tabs[tab] = everIssued.get(random.nextInt(everIssued.size()));
        }
        case 13, 14, 15, 16 -> steal();
        case 17, 18 -> pass(Duration.ofMillis(random.nextInt(30_000)));
        case 19 -> pass(Limits.GENERATION_GRACE.minusMillis(random.nextInt(3) - 1));
        case 20 -> pass(Duration.ofMinutes(random.nextInt(40)));
        case 21 -> pass(Duration.ofMinutes(random.nextInt(random.nextInt(6) == 0 ? 200 : 20)));
        case 22 -> {
          course.add("a node restarts");
          nodes[random.nextInt(nodes.length)] = node();
        }
        default -> jumpOrRevoke();
      }
    }

    private void jumpOrRevoke() {
      if (jumps) {
        Duration by = Duration.ofMinutes(random.nextInt(20) - 10);
        course.add("the clock jumps by " + by);
        sas.clock.jump(by);
      } else if (random.nextInt(20) == 0) {
        course.add("revoked");
        assertThat(sas.service.revoke(guest.session(), "test"))
            .as(describe())
            .isEqualTo(!model.revoked);
        model.revoked = true;
      }
    }

    /** As the widget does it: a call, and if the answer asks for it, a renewal and the call again. */
    private void call(int tab) {
      Optional<Verdict> verdict = present(tabs[tab], "tab " + tab, true, Purpose.CALL);
      if (verdict.isPresent() && Answer.of(verdict.get()) == Answer.RENEWABLE) {
        renew(tabs[tab], "tab " + tab).ifPresent(next -> {
          tabs[tab] = next;
          present(next, "tab " + tab, true, Purpose.CALL);
        });
      }
    }

    private Optional<Held> renew(Held held, String who) {
      return present(held, who, true, Purpose.RENEWAL)
          .filter(verdict -> verdict instanceof Verdict.Authorized)
          .map(verdict -> {
            Guest authorized = ((Verdict.Authorized) verdict).guest();
            GuestToken next = nodes[random.nextInt(nodes.length)]
                .generate(authorized, TestScopedAuth.HOME, TOKEN_TTL)
                .token();
            return issued(next, authorized.nextGeneration().number());
          });
    }

    private void steal() {
      Held old = everIssued.get(random.nextInt(everIssued.size()));
      present(old, "a thief", false, random.nextBoolean() ? Purpose.CALL : Purpose.RENEWAL);
    }

    /** Empty if the service could not decide. */
    private Optional<Verdict> present(Held held, String who, boolean proven, Purpose purpose) {
      Instant now = sas.clock.instant();
      Answer expected = model.judge(held, proven, purpose, now);
      if ((expected == Answer.TOKEN || expected == Answer.FINGERPRINT)
          && model.refusals == Limits.REFUSALS_PER_SESSION) {
        return Optional.empty(); // from then on the service gives no exact answer
      }
      course.add("%s presents generation %d for a %s".formatted(who, held.generation(), purpose));
      Verdict verdict;
      try {
        verdict = nodes[random.nextInt(nodes.length)].validate(
            new Presented(held.token(), TestScopedAuth.HOME, proof(held, proven)),
            audience,
            purpose);
      } catch (Unavailable e) {
        assertThat(jumps).as(describe() + " " + e).isTrue();
        return Optional.empty();
      }
      Answer answer = Answer.of(verdict);
      answers.merge(answer, 1, Integer::sum);
      if (jumps) {
        boolean isLive = !model.isOver(now);
        assertThat(answer == Answer.AUTHORIZED || answer == Answer.RENEWABLE)
            .as(describe())
            .isEqualTo(proven && isLive);
      } else {
        assertThat(answer).as(describe()).isEqualTo(expected);
      }
      long newest = model.newestUsed();
      long successor = model.record(held, proven, answer, now);
      if (verdict instanceof Verdict.Authorized(Guest authorized)) {
        assertThat(authorized.sessionExpires()).as(describe()).isEqualTo(model.idleEnd);
        if (!jumps) {
          assertThat(authorized.nextGeneration().number()).as(describe()).isEqualTo(successor);
        }
      }
      if (model.newestUsed() > newest) {
        // At most as many first uses within a grace as the service records.
        pass(Limits.GENERATION_GRACE.dividedBy(20));
      }
      return Optional.of(verdict);
    }

    private Optional<Proof> proof(Held held, boolean proven) {
      if (proven) {
        return Optional.of(guest.key().proof(held.token()));
      }
      return switch (random.nextInt(3)) {
        case 0 -> Optional.empty();
        case 1 -> Optional.of(thief.proof(held.token()));
        // The proof of another token of this session, for a call with this one.
        default -> {
          Held other = everIssued.get(random.nextInt(everIssued.size()));
          yield other.equals(held)
              ? Optional.empty()
              : Optional.of(new Proof(
                  TestBrowserKey.signed(held.token()),
                  guest.key().proof(other.token()).mac(),
                  Optional.empty()));
        }
      };
    }

    private void pass(Duration time) {
      course.add("pass " + time);
      sas.clock.pass(time);
    }

    void compareRecords() {
      Session session = sas.sessions.find(guest.session()).orElseThrow();
      assertThat(session.generation().number()).as(describe()).isEqualTo(model.newestUsed());
      assertThat(session.revoked().isPresent()).as(describe()).isEqualTo(model.revoked);
      assertThat(session.expires()).as(describe()).isEqualTo(model.idleEnd);
      if (!jumps) {
        assertThat(session.incidents().replays()).as(describe()).isEqualTo(model.replays);
        assertThat(session.incidents().refusals()).as(describe()).isEqualTo(model.refusals);
      }
    }

    private String describe() {
      return name + ":\n  " + String.join("\n  ", course);
    }
  }
}
