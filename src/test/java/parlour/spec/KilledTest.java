package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.BadInputTest.assertRefused;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/**
 * Kills the process over SQLite repeatedly while guests refresh. No honest guest is refused. The
 * chaos test does the same over PostgreSQL.
 */
class KilledTest {
  private static final int ROUNDS = 3;
  private static final int GUESTS = 6;

  @Test
  void guests_outlive_a_process_that_is_killed_while_they_refresh() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed of guests_outlive_a_process_that_is_killed: " + seed);
    Random random = new Random(seed);
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      installation.stop(Role.STARSHIP); // all of it; the test continues with its folder
      int port = Ports.free();
      installation.edgeIs(URI.create("http://127.0.0.1:" + port));

      Process process = started(installation, port, Duration.ZERO);
      List<Chain> chains = new ArrayList<>();
      for (int i = 0; i < GUESTS; i++) {
        chains.add(new Chain(installation.guest().starts()));
      }
      try {
        for (int round = 0; round < ROUNDS; round++) {
          int before = refreshes(chains);
          chains.forEach(Chain::start);
          Thread.sleep(Duration.ofMillis(150 + random.nextInt(600)));
          kill(process);
          process = started(installation, port, Duration.ZERO);
          Thread.sleep(Duration.ofMillis(100));
          for (Chain chain : chains) {
            chain.stop();
          }
          assertThat(chains).allSatisfy(chain -> assertThat(chain.wrong).isEmpty());
          assertThat(refreshes(chains)).as("refreshes").isGreaterThan(before + GUESTS);
        }
        assertThat(chains.stream().mapToInt(chain -> chain.lost).sum())
            .as("answers that were lost")
            .isPositive();

        kill(process);
        process = started(installation, port, Limits.GENERATION_GRACE.plusSeconds(1));
        for (Chain chain : chains) {
          chain.assertHoldsNow();
        }
      } finally {
        kill(process);
      }
    }
  }

  @Test
  void pending_events_outlive_a_kill() throws Exception {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS);
        WebhookReceiver receiver = new WebhookReceiver()) {
      installation.answeredBy(receiver.url());
      installation.stop(Role.STARSHIP); // all of it; the test continues with its folder
      int port = Ports.free();
      installation.edgeIs(URI.create("http://127.0.0.1:" + port));
      Process process = started(installation, port, Duration.ZERO);
      try {
        receiver.hanging();
        Guest guest = installation.guest().starts();
        List<String> said = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          said.add("m" + i);
          assertThat(guest.says("m" + i, "c" + i).status()).isEqualTo(201);
          if (i == 5) {
            for (int wait = 0; wait < 3_000 && receiver.all().isEmpty(); wait++) {
              Thread.sleep(Duration.ofMillis(20));
            }
            assertThat(receiver.all()).as("a call was in the air").hasSize(1);
          }
        }
        kill(process);
        receiver.answering(200);
        process = started(installation, port, Limits.WEBHOOK_LEASE.plusSeconds(10));
        for (int wait = 0; wait < 3_000 && receiver.bodies().size() < said.size(); wait++) {
          Thread.sleep(Duration.ofMillis(20));
        }
        assertThat(receiver.bodies()).isEqualTo(said);
        assertThat(receiver.taken())
            .extracting(WebhookReceiver.Received::eventId)
            .doesNotHaveDuplicates();
        assertThat(receiver.all().getFirst().eventId())
            .as("it comes again under the same id")
            .isEqualTo(receiver.taken().getFirst().eventId());
      } finally {
        kill(process);
      }
    }
  }

  private static int refreshes(List<Chain> chains) {
    return chains.stream().mapToInt(chain -> chain.tokens.size()).sum();
  }

  /** A guest who reloads continuously, with the newest token that arrived. */
  private static final class Chain {
    private final Guest guest;
    final List<String> tokens = new ArrayList<>();
    final List<String> wrong = new ArrayList<>();
    int lost;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private Thread thread = new Thread();

    Chain(Guest guest) {
      this.guest = guest;
      tokens.add(guest.token());
    }

    void start() {
      stopping.set(false);
      thread = Thread.ofVirtual().start(() -> {
        while (!stopping.get() && wrong.isEmpty()) {
          reload();
        }
      });
    }

    void stop() throws InterruptedException {
      stopping.set(true);
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
    }

    private void reload() {
      try {
        Reply reply = guest.reloads();
        switch (reply.status()) {
          case 200 -> tokens.add(guest.token());
          case 503 -> lost++;
          default -> wrong.add(reply.status() + " " + reply.response().body());
        }
      } catch (IllegalStateException e) {
        // No connection, or a broken one: a browser retries a little later.
        lost++;
        Installation.pause(Duration.ofMillis(20));
      }
    }

    /**
     * After the grace period the newest token is valid, and one that it superseded before the crash
     * is not.
     */
    void assertHoldsNow() {
      assertThat(tokens).hasSizeGreaterThan(ROUNDS + 2);
      String newest = tokens.getLast();
      // The last but one was used to get the newest, and so superseded all before it.
      for (int back = 3; back <= 5; back++) {
        assertRefused(
            guest.refreshes(tokens.get(tokens.size() - back)), 401, 45775, Installation.ORIGIN);
      }
      assertThat(guest.refreshes(newest).status()).isEqualTo(200);
      assertThat(guest.reloads().status()).isEqualTo(200);
    }
  }

  static Process started(Installation installation, int port, Duration ahead) throws IOException {
    Map<Setting, String> settings = new EnumMap<>(installation.settings());
    settings.put(Setting.PUBLIC_PORT, String.valueOf(port));
    List<String> command = new ArrayList<>(ProgramFiles.javaWithTests(List.of()));
    command.addAll(List.of(OneProcess.class.getName(), String.valueOf(ahead.toSeconds())));
    settings.forEach((setting, value) -> command.add(setting.name() + "=" + value));
    Process process =
        new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    BufferedReader said = process.inputReader();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      if (line.startsWith("ready")) {
        drain(said);
        return process;
      }
    }
    throw new IllegalStateException("it did not start");
  }

  /** Reads all output, because the process would block if the pipe was full. */
  private static void drain(BufferedReader said) {
    Thread.ofVirtual().start(() -> {
      try {
        while (said.readLine() != null) {
          // the output is dropped
        }
      } catch (IOException | UncheckedIOException e) {
        // it was killed
      }
    });
  }

  static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }
}
