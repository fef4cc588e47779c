package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Unavailable;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.scopedauth.ScopedAuth;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** Erasing a guest and exporting their data while a part of the installation is down. */
class GuestsInOutagesTest {
  @AutoClose
  private final Installation installation =
      Installation.start(Shape.A_PROCESS_PER_ROLE, new ServiceDecorators() {
        @Override
        public ScopedAuth scopedAuth(ScopedAuth service) {
          return endingNoSessions(service);
        }
      });

  private volatile boolean endsSessions = true;

  @TempDir
  private Path folder;

  private Guest guest = installation.guest();
  private String identity = "";

  @BeforeEach
  void a_guest() {
    guest = installation.guest();
    identity = guest.begins().text("identity");
    guest.says("Hello", "a");
  }

  @Test
  void while_ScopedAuth_cannot_end_sessions_nothing_is_erased() {
    installation.stop(Role.SCOPED_AUTH);
    Typed typed = erase();
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.out()).isEmpty();
    assertThat(typed.err())
        .contains(
            "it answered 503",
            "such as scoped-auth",
            "Erased until then: 0 conversations",
            "Repeat the command")
        .doesNotContain("must be running", "\tat ");
    Typed export = type("guests", "export", "--identity", identity);
    assertThat(export.out()).isEmpty();
    assertThat(export.err()).contains("such as scoped-auth").doesNotContain("must be running");
    installation.startAgain(Role.SCOPED_AUTH);
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).contains("Hello");

    assertThat(erase().out()).startsWith("erased 1 conversation with 1 message");
    assertThat(guest.reloads().status()).isEqualTo(401);
  }

  @Test
  void an_erasure_whose_sessions_cannot_be_ended_names_the_command_that_completes_it() {
    endsSessions = false;
    Typed typed = erase();
    assertThat(typed.exit()).isEqualTo(1);
    String remedy = "parlour guests erase --conversation " + guest.conversation();
    assertThat(typed.err())
        .contains("such as scoped-auth", remedy, "Erased before it: 0 conversations")
        .doesNotContain("Repeat the command", "must be running");
    assertThat(type("refusals", "--all").out())
        .as("an erasure that was cut off is noted")
        .contains("guests erase");
    endsSessions = true;
    assertThat(guest.reloads().status()).isEqualTo(200);
    Typed completed = type("guests", "erase", "--conversation", guest.conversation(), "--yes");
    assertThat(completed.exit()).as(completed.err()).isZero();
    assertThat(guest.reloads().status()).isEqualTo(401);
  }

  @Test
  void nothing_is_given_out_or_erased_that_the_ledger_cannot_note() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    try (Stream<Path> files = Files.list(installation.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().startsWith("scoped-auth.db")) {
          Files.copy(file, elsewhere.resolve(file.getFileName()));
        }
      }
    }
    String[] export = {"guests", "export", "--identity", identity, "--data", elsewhere.toString()};
    String[] erase = {
      "guests", "erase", "--identity", identity, "--yes", "--data", elsewhere.toString()
    };
    for (String[] command : List.of(export, erase)) {
      Typed typed = Typed.in(folder, command);
      assertThat(typed.exit()).isEqualTo(1);
      assertThat(typed.out()).isEmpty();
      assertThat(typed.err()).contains("ledger", "--config FILE").doesNotContain("\tat ");
    }
    assertThat(guest.reloads().status()).isEqualTo(200);

    Map<String, String> environment = Map.of(
        Setting.ROLES.variable(), Role.ORCHESTRATOR.word(),
        Setting.CONVERSATIONS_URL.variable(),
            installation.internal(Role.CONVERSATIONS).toString(),
        Setting.FEDERATED_AUTH_URL.variable(),
            installation.internal(Role.FEDERATED_AUTH).toString());
    Typed typed = Typed.in(folder, environment, export);
    assertThat(typed.exit()).as(typed.err()).isZero();
    assertThat(typed.out()).contains("Hello");
    assertThat(type("refusals", "--all").out()).contains("guests export");

    String data = elsewhere.toString();
    Typed made =
        Typed.in(folder, environment, "agents", "create", "eve", "--role", "admin", "--data", data);
    assertThat(made.exit()).as(made.err()).isZero();
    assertThat(made.err()).isEmpty();
    assertThat(type("refusals", "--all").out())
        .as("nobody else notes a new admin")
        .containsPattern("agents create .*eve|eve.* agents create");
    Typed unnoted = Typed.in(folder, "agents", "remove", "eve", "--data", data);
    assertThat(unnoted.exit()).isZero();
    assertThat(unnoted.err()).contains("not in the ledger", "--config FILE");
    String key = installation.deployment.text();
    Typed deleted = Typed.in(folder, "deployments", "delete", key, "--yes", "--data", data);
    assertThat(deleted.out()).contains("deleted " + key).doesNotContain("ended");
    assertThat(deleted.err()).contains("were not ended", "sessions end-all --deployment " + key);
    assertThat(Typed.in(folder, "addresses", "create", "--name", "New", "--data", data)
            .err())
        .as("an orchestrator notes it")
        .isEmpty();

    Map<String, String> withoutLedger = new HashMap<>(environment);
    withoutLedger.put(Setting.FEDERATED_AUTH_URL.variable(), "http://127.0.0.1:1");
    for (String[] command : List.of(export, erase)) {
      Typed refused = Typed.in(folder, withoutLedger, command);
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.err())
          .contains("did nothing", "ledger first, which cannot be written")
          .doesNotContain("\tat ");
    }
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).contains("Hello");
  }

  private ScopedAuth endingNoSessions(ScopedAuth service) {
    return (ScopedAuth) Proxy.newProxyInstance(
        ScopedAuth.class.getClassLoader(),
        new Class<?>[] {ScopedAuth.class},
        (_, method, arguments) -> {
          if (method.getName().equals("revokeAllOf") && !endsSessions) {
            throw new Unavailable("ScopedAuthService", "a test", null);
          }
          try {
            return method.invoke(service, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void without_the_process_of_conversations_both_say_that_it_must_run() {
    installation.stop(Role.CONVERSATIONS);
    for (Typed typed : new Typed[] {erase(), type("guests", "export", "--identity", identity)}) {
      assertThat(typed.exit()).isEqualTo(1);
      assertThat(typed.out()).isEmpty();
      assertThat(typed.err())
          .contains("the process that runs conversations, which must be running");
    }
    installation.startAgain(Role.CONVERSATIONS);
    assertThat(type("guests", "export", "--identity", identity).out()).contains("Hello");
  }

  private Typed erase() {
    return type("guests", "erase", "--identity", identity, "--yes");
  }

  private Typed type(String command, String sub, String... options) {
    String[] all = new String[options.length + 4];
    all[0] = command;
    all[1] = sub;
    System.arraycopy(options, 0, all, 2, options.length);
    all[all.length - 2] = "--data";
    all[all.length - 1] = installation.folder().toString();
    return Typed.in(folder, all);
  }
}
