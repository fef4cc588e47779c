package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.config.Role;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** Erasing a guest and exporting their data while a part of the installation is down. */
class GuestsInOutagesTest {
  @AutoClose
  private final Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE);

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
        .contains("erased until then: 0 conversations", "Repeat the command")
        .doesNotContain("\tat ");
    installation.startAgain(Role.SCOPED_AUTH);
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).contains("Hello");

    assertThat(erase().out()).startsWith("erased 1 conversation with 1 message");
    assertThat(guest.reloads().status()).isEqualTo(401);
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
