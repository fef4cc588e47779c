package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import parlour.Limits;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Browser;
import parlour.spec.Guest;
import parlour.spec.Http;
import parlour.spec.InBothShapes;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.store.Database;
import parlour.store.Outage;

/** The ledger of refusals, from a refused call to the commands that say why. */
class RefusalsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private @Nullable Installation installation;

  @AfterEach
  void stop() {
    if (installation != null) {
      installation.close();
    }
  }

  @ParameterizedTest
  @InBothShapes
  void after_a_restart_the_commands_still_say_why_a_guest_was_refused(Shape shape) {
    Installation running =
        Installation.start(shape, ServiceDecorators.NONE, Map.of(Setting.RATE_LIMITS, "on"));
    installation = running;
    for (int i = 0; i <= Limits.SIGN_INS_PER_MINUTE; i++) { // the edge refuses the last one
      Http.send(Http.request(running.edge().resolve("/inbox/api/sign-in"))
          .POST(HttpRequest.BodyPublishers.ofString("no sign-in"))
          .build());
    }
    Guest guest = running.guest().starts();
    Guest thief = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
    Guest.Reply refused = thief.reloads();
    assertThat(refused.code()).isEqualTo(45779);
    Guest.Reply elsewhere = guest.from("https://evil.example.com").reloads();
    assertThat(elsewhere.code()).isEqualTo(45772);
    assertThat(running
            .server("GET", "/v1/Conversations/" + guest.conversation(), "")
            .status())
        .isEqualTo(200);
    assertThat(type("agents", "create", "zoe").exit()).isZero();
    Typed account = type("accounts", "create", "--name", "second");
    assertThat(account.out()).contains("AC");
    for (String rule : List.of("required", "optional")) {
      assertThat(type(
                  "accounts",
                  "update",
                  "--second-factor",
                  rule,
                  "--account",
                  running.account.text())
              .exit())
          .isZero();
    }
    if (shape == Shape.ONE_PROCESS) {
      assertThat(type("backup", "a-backup").exit()).isZero();
      assertThat(type("refusals", "--all").out()).contains("backup", "a-backup");
    }
    running.stopAll(); // writes what waits

    Typed trace = type("trace", refused.traceId());
    assertThat(trace.exit()).as(trace.err()).isZero();
    assertThat(trace.out())
        .contains("45779", "from another browser", "browser", "GS")
        .contains(running.deployment.text(), Installation.ORIGIN);
    Typed list = type("refusals", "--since", "2h");
    assertThat(list.out())
        .contains(refused.traceId(), "from another browser")
        .contains(elsewhere.traceId(), "45772", "https://evil.example.com", "is not on the list")
        .doesNotContain("agents create");
    assertThat(type("refusals", "--cause", "from another browser").out())
        .contains(refused.traceId())
        .doesNotContain(elsewhere.traceId());
    assertThat(type("refusals", "--all").out())
        .contains("agents create", "zoe", "accounts create", "sign-ins-limited")
        .contains(
            "accounts update --second-factor required", "accounts update --second-factor optional");
    assertThat(type("refusals", "--json").json().get("refusals"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(3);
    assertThat(trace.out() + type("refusals", "--all", "--json").out())
        .doesNotContain(guest.token(), "127.0.0.1", "Mozilla");
    assertThat(type("refusals", "--limit", "0").exit()).isEqualTo(1);
    assertThat(type("refusals", "--since", "soon").err()).contains("--since");
  }

  @Test
  void a_refusal_is_answered_while_the_ledger_cannot_be_written_and_is_kept_until_it_can() {
    AtomicBoolean down = new AtomicBoolean(true);
    Installation running = Installation.start(Shape.ONE_PROCESS, new ServiceDecorators() {
      @Override
      public Database database(Role role, Database database) {
        return new Outage(
            database,
            () -> down.get() && Thread.currentThread().getName().equals("scheduler: ledger"));
      }
    });
    installation = running;
    Guest.Reply refused =
        running.guest().starts().copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    assertThat(refused.code()).isEqualTo(45779);
    assertThat(type("refusals").out()).contains("nothing was refused");
    down.set(false);
    assertThat(listedOnceThere(refused.traceId(), "refusals")).contains(refused.traceId());
  }

  @Test
  void an_outage_of_the_orchestrator_is_noted_once_it_is_back() {
    Installation running = Installation.start(Shape.A_PROCESS_PER_ROLE);
    installation = running;
    Guest guest = running.guest().starts();
    running.stop(Role.ORCHESTRATOR);
    Guest.Reply unanswered = guest.reloads();
    assertThat(unanswered.code()).isEqualTo(45774);
    running.startAgain(Role.ORCHESTRATOR);
    assertThat(listedOnceThere(unanswered.traceId(), "refusals", "--all"))
        .contains(unanswered.traceId(), "45774", "FlexWebchatOrchestratorService or the edge");
  }

  /** The list of a command, as soon as it has this text. */
  private String listedOnceThere(String text, String... command) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (!type(command).out().contains(text) && System.nanoTime() < giveUp) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    return type(command).out();
  }

  @ParameterizedTest
  @InBothShapes
  void after_a_restart_the_commands_still_say_which_part_did_not_answer(Shape shape) {
    AtomicBoolean down = new AtomicBoolean();
    Installation running = Installation.start(shape, new ServiceDecorators() {
      @Override
      public Database database(Role role, Database database) {
        return role == Role.CONVERSATIONS ? new Outage(database, down::get) : database;
      }
    });
    installation = running;
    Guest guest = running.guest();
    down.set(true);
    Guest.Reply unanswered = guest.init();
    assertThat(unanswered.code()).isEqualTo(45773);
    down.set(false);
    running.stopAll(); // writes what waits

    Typed trace = type("trace", unanswered.traceId());
    assertThat(trace.exit()).as(trace.err()).isZero();
    assertThat(trace.out())
        .contains("outage", "45773", "Conversations did not answer")
        .doesNotContain("127.0.0.1", "Mozilla");
    assertThat(type("refusals", "--all").out()).contains(unanswered.traceId(), "45773");
    assertThat(type("refusals").out())
        .as("an outage refuses nobody")
        .contains("nothing was refused");
  }

  private Typed type(String... arguments) {
    Installation running = installation;
    if (running == null) {
      throw new IllegalStateException("nothing was started");
    }
    Map<String, String> environment = new HashMap<>();
    running.settings().forEach((setting, value) -> {
      if (setting.key().startsWith("database.")) {
        environment.put(setting.variable(), value);
      }
    });
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = running.folder().toString();
    return Typed.in(running.folder(), environment, all);
  }
}
