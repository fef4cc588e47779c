package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.LongForm;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.config.Role;
import parlour.spec.Installation.Shape;

/**
 * Random histories of conversations whose guests use the published clients: at rest, each
 * package has the log, read in both directions, and has notified its program of each message once.
 * {@code ./dev realtime} runs the long form. Each history has its own seed, which a failure names:
 * {@code -Dparlour.seed=N -Dparlour.histories=1} repeats its steps alone.
 */
@LongForm(instead = "RealtimeTest and RealtimeOutageTest")
class RealtimeHistoriesTest {
  private static final int HISTORIES = Integer.getInteger("parlour.histories", 6);

  /** The histories with neighbouring seeds that share a server and its restart. */
  private static final int AT_ONCE = 6;

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // for the long form
  void a_client_has_the_log_and_notified_its_program_of_each_message_once() {
    long first = Long.getLong("parlour.seed", (long) AT_ONCE * new Random().nextInt(1_000_000));
    System.out.printf("RealtimeHistoriesTest: %d histories from seed %d%n", HISTORIES, first);
    RealtimeHistory.Tally tally = new RealtimeHistory.Tally();
    try (BothShapes installations = new BothShapes();
        TestClients clients = TestClients.start()) {
      Map<Shape, Place> places = new EnumMap<>(Shape.class);
      for (long seed = first; seed < first + HISTORIES; ) {
        long round = Math.floorDiv(seed, AT_ONCE);
        long next = Math.min(first + HISTORIES, (round + 1) * AT_ONCE);
        Place place = places.computeIfAbsent(
            round % 2 == 0 ? Shape.ONE_PROCESS : Shape.ROLES_OVER_POSTGRES,
            shape -> Place.in(installations.in(shape)));
        List<RealtimeHistory> together = LongStream.range(seed, next)
            .mapToObj(one -> place.history(clients, one, tally))
            .toList();
        run(together, round, place.installation());
        assertThat(clients.unexpected()).as("seeds %d to %d", seed, next - 1).isEmpty();
        seed = next;
      }
    }
    System.out.println("RealtimeHistoriesTest: " + tally);
    // Histories in which nothing happens would prove little.
    assertThat(tally.told.get()).isPositive();
    assertThat(tally.interruptions.get()).isPositive();
    assertThat(tally.files.get()).isPositive();
    assertThat(tally.ends.get()).isPositive();
  }

  /** Where histories happen. */
  private record Place(Installation installation, Sid.Deployment deployment, AgentBrowser agent) {
    static Place in(Installation installation) {
      Sid.Deployment deployment = installation.deploy(new Accounts.Settings(
          Optional.of(installation.address),
          AllowedOrigins.any(),
          TokenRules.DEFAULT.withRealtime(),
          Lifetimes.DEFAULT));
      return new Place(installation, deployment, new AgentBrowser(installation));
    }

    RealtimeHistory history(TestClients clients, long seed, RealtimeHistory.Tally tally) {
      return new RealtimeHistory(installation, deployment, clients, agent, seed, tally);
    }
  }

  private static void run(List<RealtimeHistory> histories, long round, Installation installation) {
    each(histories, RealtimeHistory::begins);
    each(histories, RealtimeHistory::continues);
    Random random = new Random(round);
    if (random.nextBoolean()) {
      Role[] roles = Role.values();
      installation.restart(
          roles[random.nextInt(roles.length)]); // in one process, that is all of it
      histories.forEach(RealtimeHistory::isInterrupted);
    }
    each(histories, RealtimeHistory::continues);
    each(histories, RealtimeHistory::comesToRest);
  }

  private static void each(List<RealtimeHistory> histories, Consumer<RealtimeHistory> part) {
    var _ = AtOnce.run(histories.size(), i -> {
      histories.get(i).does(part);
      return i;
    });
  }
}
