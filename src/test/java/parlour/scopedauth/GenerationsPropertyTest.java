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

/**
 * Guests, their tabs, the network, thieves and time act on a session at random. At each step the
 * service over a real store must agree with the rule of the contract. To repeat a run, put its seed
 * in place of the random one.
 */
class GenerationsPropertyTest {
  private static final int SESSIONS = 120;
  private static final int STEPS = 60;

  @TempDir
  Path folder;

  /** The rule as the contract states it, without the records of the service. */
  private static final class Model {
    private final Instant sessionEnds;
    private final Map<Long, Instant> firstUsed = new HashMap<>();
    private boolean revoked;
    private int replays;
    private int refusals;

    Model(Instant created, Instant sessionEnds) {
      this.sessionEnds = sessionEnds;
      firstUsed.put(1L, created);
    }

    enum Answer {
      VALID,
      REPLAY,
      OTHER_REFUSAL
    }

    Answer use(Held held, Instant now, boolean strict) {
      Answer answer = judge(held, now);
      switch (answer) {
        case VALID -> {
          if (held.generation() > newestUsed()) {
            firstUsed.put(held.generation(), now);
          }
        }
        case REPLAY -> {
          replays++;
          refusals++;
          revoked |= strict;
        }
        case OTHER_REFUSAL -> refusals++;
      }
      return answer;
    }

    /** A generation is valid until its successor is first used, and then for the grace. */
    private Answer judge(Held held, Instant now) {
      if (!now.isBefore(held.expires()) || revoked || !now.isBefore(sessionEnds)) {
        return Answer.OTHER_REFUSAL;
      }
      return firstUsed.entrySet().stream()
              .filter(use -> use.getKey() > held.generation())
              .map(Map.Entry::getValue)
              .allMatch(at -> now.isBefore(at.plus(Limits.GENERATION_GRACE)))
          ? Answer.VALID
          : Answer.REPLAY;
    }

    boolean wouldRefuse(Held held, Instant now) {
      return judge(held, now) != Answer.VALID;
    }

    long newestUsed() {
      return firstUsed.keySet().stream().max(Long::compare).orElseThrow();
    }

    /** The generation of the next token; after an older token it is the newest one again. */
    long successor(Held held) {
      return Math.max(held.generation() + 1, newestUsed());
    }
  }

  /** A token that somebody holds, and what the model knows about it. */
  private record Held(GuestToken token, long generation, Instant expires) {}

  @Test
  void the_service_and_the_rule_of_the_contract_agree_at_every_step() {
    long seed = new Random().nextLong();
    System.out.println("GenerationsPropertyTest: seed " + seed);
    Random random = new Random(seed);
    int good = 0;
    int refused = 0;
    try (TestScopedAuth sas = new TestScopedAuth(folder)) {
      for (int i = 0; i < SESSIONS; i++) {
        Run run = new Run(sas, random, "seed " + seed + ", session " + i);
        for (int step = 0; step < STEPS; step++) {
          run.step();
        }
        run.compareRecords();
        good += run.good;
        refused += run.refused;
      }
    }
    // A run must have seen both sides of the rule.
    assertThat(good).isGreaterThan(SESSIONS * STEPS / 8);
    assertThat(refused).isGreaterThan(SESSIONS * 2);
  }

  private static final class Run {
    private final TestScopedAuth sas;
    private final Random random;
    private final String name;
    private final boolean strict;
    private final Model model;
    private final List<Held> everIssued = new ArrayList<>();
    private final Held[] tabs = new Held[3];
    private final List<String> course = new ArrayList<>();
    private int good;
    private int refused;

    Run(TestScopedAuth sas, Random random, String name) {
      this.sas = sas;
      this.random = random;
      this.name = name;
      strict = random.nextInt(4) == 0;
      Duration sessionTtl = Duration.ofMinutes(10 + random.nextInt(60));
      Instant now = sas.clock.instant();
      IssuedToken issued = sas.start(TestScopedAuth.HOME, Duration.ofMinutes(20), sessionTtl);
      model = new Model(now, now.plus(sessionTtl));
      Held first = new Held(issued.token(), 1, issued.expiration());
      everIssued.add(first);
      Arrays.fill(tabs, first);
    }

    void step() {
      int tab = random.nextInt(tabs.length);
      switch (random.nextInt(20)) {
        case 0, 1, 2, 3, 4 -> use(tabs[tab], "tab " + tab + " calls");
        case 5, 6, 7, 8 ->
          refresh(tabs[tab], "tab " + tab + " refreshes").ifPresent(next -> tabs[tab] = next);
        case 9, 10 -> refresh(tabs[tab], "tab " + tab + " refreshes, the answer is lost");
        case 11 -> {
          Held shared = tabs[tab];
          refresh(shared, "two tabs refresh at once").ifPresent(next -> tabs[0] = next);
          refresh(shared, "… the second of them").ifPresent(next -> tabs[1] = next);
        }
        case 12 -> {
          course.add("tab " + tab + " takes over another tab's token");
          tabs[tab] = tabs[random.nextInt(tabs.length)];
        }
        case 13, 14 -> {
          Held old = everIssued.get(random.nextInt(everIssued.size()));
          refresh(old, "a thief tries generation " + old.generation());
        }
        case 15, 16, 17 -> pass(Duration.ofMillis(random.nextInt(30_000)));
        case 18 -> pass(Limits.GENERATION_GRACE.minusMillis(random.nextInt(3) - 1));
        default -> {
          if (random.nextInt(12) == 0) {
            course.add("revoked");
            assertThat(sas.service.revoke(sas.session(tabs[0].token()).sid(), "test"))
                .as(describe())
                .isEqualTo(!model.revoked);
            model.revoked = true;
          } else {
            pass(Duration.ofMinutes(random.nextInt(8)));
          }
        }
      }
    }

    /** Returns the authorized guest; empty if the service refused. */
    private Optional<Guest> use(Held held, String what) {
      if (model.wouldRefuse(held, sas.clock.instant())
          && model.refusals == Limits.REFUSALS_PER_SESSION) {
        return Optional.empty(); // from then on the service gives no exact answer
      }
      course.add(what + " with generation " + held.generation());
      long newest = model.newestUsed();
      Model.Answer expected = model.use(held, sas.clock.instant(), strict);
      Verdict verdict = sas.service.validate(
          new Presented(held.token(), TestScopedAuth.HOME),
          strict ? sas.strict : sas.audience,
          Purpose.CALL);
      Optional<Guest> in = Optional.empty();
      switch (verdict) {
        case Verdict.Authorized(Guest guest) -> {
          in = Optional.of(guest);
          assertThat(expected).as(describe()).isEqualTo(Model.Answer.VALID);
          assertThat(guest.nextGeneration().number())
              .as(describe())
              .isEqualTo(model.successor(held));
          good++;
        }
        case Verdict.Refused refusal -> {
          assertThat(expected).as(describe()).isNotEqualTo(Model.Answer.VALID);
          assertThat(refusal.failure()).isEqualTo(Verdict.Failure.TOKEN_VALIDATION_FAILED);
          refused++;
        }
      }
      if (model.newestUsed() > newest) {
        // At most as many first uses within a grace as the service records.
        pass(Limits.GENERATION_GRACE.dividedBy(20));
      }
      return in;
    }

    private Optional<Held> refresh(Held held, String what) {
      return use(held, what).map(guest -> {
        IssuedToken issued =
            sas.service.generate(guest, TestScopedAuth.HOME, Duration.ofMinutes(20));
        Held next = new Held(issued.token(), guest.nextGeneration().number(), issued.expiration());
        everIssued.add(next);
        return next;
      });
    }

    private void pass(Duration time) {
      course.add("pass " + time);
      sas.clock.pass(time);
    }

    void compareRecords() {
      Session session = sas.session(tabs[0].token());
      assertThat(session.generation().number()).as(describe()).isEqualTo(model.newestUsed());
      assertThat(session.incidents().replays()).as(describe()).isEqualTo(model.replays);
      assertThat(session.incidents().refusals()).as(describe()).isEqualTo(model.refusals);
      assertThat(session.revoked().isPresent()).as(describe()).isEqualTo(model.revoked);
    }

    private String describe() {
      return name + ":\n  " + String.join("\n  ", course);
    }
  }
}
