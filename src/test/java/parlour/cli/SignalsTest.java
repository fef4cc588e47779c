package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Browser;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** An operator's commands about the signals of browsers, beside running instances. */
@ParameterizedClass
@EnumSource(names = "ROLES_OVER_POSTGRES")
class SignalsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** As if a release called itself by another name. */
  private static final Browser RENAMED = Browser.CHROME_ON_WINDOWS.with(
      "User-Agent",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0");

  private final Installation installation;

  SignalsTest(Shape shape) {
    installation = Installation.start( // networks are known where addresses are counted
        shape, ServiceDecorators.NONE, Map.of(Setting.RATE_LIMITS, "on"));
  }

  @AfterEach
  void stop() {
    installation.close();
  }

  @Test
  void a_difference_is_counted_and_the_operator_decides_what_follows_from_it() {
    assertThat(renamed().reloads().code()).isEqualTo(45779);
    until(() -> type("deployments", "show", key())
        .out()
        .contains("all decide; of 1 networks counted in 24 hours 1 differed in browser"));

    assertThat(
            type("deployments", "update", key(), "--signal", "browser=observe").out())
        .contains("only observing: browser; by an operator observe: browser");
    AtomicReference<Guest> letIn = new AtomicReference<>();
    until(
        () -> { // each time another guest, because guesses are counted
          letIn.set(renamed());
          return letIn.get().reloads().status() == 200;
        });
    String sid = type("sessions", "list").out().lines().skip(1).findFirst().orElseThrow();
    assertThat(type("sessions", "show", sid.substring(0, 34)).out())
        .containsPattern("last observed +medium: differs in browser family, User-Agent; which only"
            + " observes: browser family");

    assertThat(
            type("deployments", "update", key(), "--signal", "browser=decide").out())
        .contains("all decide; by an operator decide: browser");
    until(() -> renamed().reloads().status() == 403);
    assertThat(letIn.get().reloads().status()).as("the guest who was let in").isEqualTo(200);
    assertThat(type("deployments", "update", key(), "--signal", "browser=auto", "--json")
            .out())
        .contains(
            "\"signals\":[{\"signal\":\"browser\",\"rule\":\"auto\",\"observes\":false,",
            "\"signals_observing_since\":null");
    mistakesNameTheWords();
  }

  private void mistakesNameTheWords() {
    Typed name = type("deployments", "update", key(), "--signal", "decoders=observe");
    assertThat(name.exit()).isEqualTo(1);
    assertThat(name.err()).contains("browser, system, language, cookies, time-zone");
    Typed rule = type("deployments", "update", key(), "--signal", "browser=off");
    assertThat(rule.err()).contains("auto, decide, observe");
    type("deployments", "update", key(), "--signal", "browser=observe");
    Typed second = type("deployments", "update", key(), "--signal", "language=observe");
    assertThat(second.err())
        .contains("language cannot observe while a signal of another header does (browser)");
    Typed both = type(
        "deployments", "update", key(), "--signal", "language=observe", "--signal", "browser=auto");
    assertThat(both.out()).contains("only observing: language");
  }

  /** A guest whose browser has another name now. */
  private Guest renamed() {
    Guest guest = installation.guest().starts();
    guest.becomes(RENAMED);
    return guest;
  }

  private static void until(BooleanSupplier isSo) {
    long giveUp = System.nanoTime() + SOON.toNanos();
    while (!isSo.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it did not happen in time").isLessThan(giveUp);
      // A new guest each time, of whom one address may have 120 a minute.
      LockSupport.parkNanos(Duration.ofMillis(700).toNanos());
    }
  }

  private String key() {
    return installation.deployment.text();
  }

  private Typed type(String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = installation.folder().toString();
    Map<String, String> environment = new HashMap<>();
    installation.settings().forEach((setting, value) -> {
      if (setting.key().startsWith("database.")) {
        environment.put(setting.variable(), value);
      }
    });
    return Typed.in(installation.folder(), environment, all);
  }
}
