package parlour.spec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.config.Role;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** No file of an installation contains erased words, byte by byte. */
class ErasedFilesTest {
  private static final String WORD = "unspeakable";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final StringBuilder words = new StringBuilder();

  ErasedFilesTest() {
    while (words.length() < 9_000) { // more than a page of the file
      words.append(WORD).append(words.length()).append(' ');
    }
  }

  @Test
  void erased_and_removed_words_are_off_the_disk_while_it_runs_and_after_a_stop() throws Exception {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      Guest guest = installation.guest().starts();
      says(guest, 20);
      Guest other = installation.guest().starts();
      Reply removed = other.says(words.toString(), "a");
      other.says("this stays", "b");
      assertThat(filesWithTheWord(installation)).isNotEmpty();

      erase(installation, guest);
      assertThat(installation
              .server(
                  "DELETE",
                  "/v1/Conversations/" + other.conversation() + "/Messages/" + removed.text("sid"),
                  "")
              .status())
          .isEqualTo(204);
      awaitNoWord(installation);
      installation.guest().starts().says("others go on", "a");

      installation.stop(Role.STARSHIP); // all of it
      assertThat(filesWithTheWord(installation)).isEmpty();
      installation.startAllAgain();
      assertThat(other.get("/v2/Webchat/Messages").response().body()).contains("this stays");
    }
  }

  @Test
  void a_removed_note_is_off_the_disk() throws Exception {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      Guest guest = installation.guest().starts();
      Guest erased = installation.guest().starts();
      says(erased, 1);
      erase(installation, erased);
      awaitNoWord(installation); // from now on only the note causes a scrub
      guest.says("this stays", "a");
      AgentBrowser agent = new AgentBrowser(installation);
      String note = words.substring(0, Math.min(words.length(), Limits.NOTE_CHARACTERS));
      Reply added = agent.posts(
          guest.conversation(), "notes", "{\"body\":\"%s\",\"client_id\":\"n\"}".formatted(note));
      assertThat(added.status()).isEqualTo(201);
      assertThat(filesWithTheWord(installation)).isNotEmpty();
      Reply removed = agent.posts(
          guest.conversation(),
          "notes/remove",
          "{\"added_revision\":%s}".formatted(added.json().get("added_revision")));
      assertThat(removed.status()).isEqualTo(204);
      awaitNoWord(installation);
    }
  }

  @Test
  void words_that_were_erased_right_before_a_kill_are_off_the_disk_after_the_next_start()
      throws Exception {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      installation.stop(Role.STARSHIP); // all of it; the test continues with its folder
      int port = Ports.free();
      installation.edgeIs(URI.create("http://127.0.0.1:" + port));
      Process process = KilledTest.started(installation, port, Duration.ZERO);
      try {
        Guest guest = installation.guest().starts();
        says(guest, 20);
        erase(installation, guest);
        KilledTest.kill(process);
        process = KilledTest.started(installation, port, Duration.ZERO);
        awaitNoWord(installation);
      } finally {
        KilledTest.kill(process);
      }
    }
  }

  private void says(Guest guest, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(guest.says(words.toString(), "id-" + i).status()).isEqualTo(201);
    }
  }

  private static void erase(Installation installation, Guest guest) {
    assertThat(installation
            .server("DELETE", "/v1/Conversations/" + guest.conversation(), "")
            .status())
        .isEqualTo(204);
  }

  private static void awaitNoWord(Installation installation)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Collection<Path> found = filesWithTheWord(installation);
    while (!found.isEmpty() && System.nanoTime() < end) {
      Thread.sleep(Duration.ofMillis(50));
      found = filesWithTheWord(installation);
    }
    assertThat(found).isEmpty();
  }

  private static Collection<Path> filesWithTheWord(Installation installation) throws IOException {
    try (Stream<Path> files = Files.walk(installation.folder())) {
      List<Path> regular = files.filter(Files::isRegularFile).toList();
      return regular.stream().filter(ErasedFilesTest::hasTheWord).toList();
    }
  }

  private static boolean hasTheWord(Path file) {
    try {
      return new String(Files.readAllBytes(file), ISO_8859_1).contains(WORD);
    } catch (NoSuchFileException goneMeanwhile) {
      return false;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
