package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.LongForm;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.federatedauth.FederatedAuth;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** Two processes of a role, of which one goes away: no guest notices. */
@Timeout(90)
class SeveralNodesTest {
  private static final int GUESTS = 6;

  @Test
  @LongForm(instead = "the test in which the node is killed")
  void a_node_that_stops_fails_no_reload() throws Exception {
    var asked = new Request();
    try (Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE, asked)) {
      ParlourProcess second = installation.startAnother(Role.FEDERATED_AUTH);
      installation.stop(Role.ORCHESTRATOR);
      installation.startAgain(Role.ORCHESTRATOR); // which knows both from now on
      try (var reloading = new Reloading(installation)) {
        reloading.pass(Duration.ofSeconds(1));
        assertThat(asked.called).as("both are asked").hasSize(2);
        second.close();
        reloading.pass(Duration.ofSeconds(1));
        asked.called.clear();
        reloading.pass(Duration.ofSeconds(1));
        assertThat(asked.called).as("the one that is left").hasSize(1);
      }
    }
  }

  @Test
  void a_node_that_is_killed_fails_no_reload() throws Exception {
    try (Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE)) {
      int port = Ports.free();
      installation.knowsAnother(Role.FEDERATED_AUTH, URI.create("http://127.0.0.1:" + port));
      installation.stop(Role.ORCHESTRATOR);
      installation.startAgain(Role.ORCHESTRATOR);
      Process process = federatedAuth(installation, port);
      try (var reloading = new Reloading(installation)) {
        reloading.pass(Duration.ofSeconds(1));
        process.destroyForcibly().waitFor();
        reloading.pass(Duration.ofSeconds(1));
        process = federatedAuth(installation, port);
        reloading.pass(Duration.ofSeconds(1));
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void an_edge_that_stops_reports_it_and_answers_until_balancers_have_noticed() throws Exception {
    try (Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE)) {
      ParlourProcess second = installation.startAnother(Role.STARSHIP);
      URI first = installation.edge();
      Guest guest = installation.guest();
      installation.edgeIs(second.publicAddress().orElseThrow());
      guest.starts();
      URI ready = installation.edge().resolve("/health/ready");
      assertThat(Http.get(ready, "").statusCode()).isEqualTo(200);
      try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
        socket.receives("welcome");
        long began = System.nanoTime();
        Thread stopping = Thread.ofVirtual().start(second::close);
        until("it reports that it stops", () -> Http.get(ready, "").statusCode() == 503);
        assertThat(Http.get(ready, "").body()).contains("draining");
        assertThat(Http.get(ready.resolve("/health/live"), "").statusCode()).isEqualTo(200);
        assertThat(guest.reloads().status()).isEqualTo(200);
        assertThat(socket.closedWith()).isEqualTo(1012);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
            .isGreaterThanOrEqualTo(Limits.DRAIN_NOTICE);
        stopping.join();
      }
      installation.edgeIs(first);
      assertThat(guest.reloads().status()).isEqualTo(200);
      try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
        socket.receives("welcome");
      }
    }
  }

  @Test
  void an_edge_whose_readiness_nobody_polls_stops_at_once() {
    try (Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE)) {
      ParlourProcess second = installation.startAnother(Role.STARSHIP);
      long began = System.nanoTime();
      second.close();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Limits.DRAIN_NOTICE);
    }
  }

  /** The decorated FederatedAuths that were called. */
  private static final class Request implements ServiceDecorators {
    private final Map<Integer, Boolean> called = new ConcurrentHashMap<>();
    private final AtomicInteger made = new AtomicInteger();

    @Override
    public FederatedAuth federatedAuth(FederatedAuth federatedAuth) {
      int number = made.getAndIncrement();
      return (FederatedAuth) Proxy.newProxyInstance(
          getClass().getClassLoader(),
          new Class<?>[] {FederatedAuth.class},
          (proxy, method, arguments) -> {
            called.put(number, true);
            return method.invoke(federatedAuth, arguments);
          });
    }
  }

  /** Guests who reload all the time, and every answer that was not a new token. */
  private static final class Reloading implements AutoCloseable {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger reloads = new AtomicInteger();
    private final Map<Integer, Integer> wrong = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();

    Reloading(Installation installation) {
      for (int i = 0; i < GUESTS; i++) {
        Guest guest = installation.guest().starts();
        threads.add(Thread.ofVirtual().start(() -> {
          while (!over.get()) {
            int status = guest.reloads().status();
            reloads.incrementAndGet();
            if (status != 200) {
              wrong.merge(status, 1, Integer::sum);
            }
          }
        }));
      }
    }

    void pass(Duration time) throws InterruptedException {
      int before = reloads.get();
      Thread.sleep(time);
      assertThat(reloads.get() - before).as("reloads").isGreaterThan(GUESTS);
      assertThat(wrong).as("statuses").isEmpty();
    }

    @Override
    public void close() {
      over.set(true);
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      assertThat(wrong).as("statuses").isEmpty();
    }
  }

  private static Process federatedAuth(Installation installation, int port) throws Exception {
    List<String> command = new ArrayList<>(ProgramFiles.javaWithTests(List.of()));
    command.addAll(List.of(
        "parlour.cli.Main",
        "serve",
        "--roles=federated-auth",
        "--data",
        installation.folder().resolve("another").toString(),
        "--internal-port",
        String.valueOf(port),
        "--set",
        Setting.SCOPED_AUTH_URL.key() + "=" + installation.internal(Role.SCOPED_AUTH)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOUR_"));
    builder.environment().put(Setting.INTERNAL_SECRET.variable(), installation.internalSecret());
    Process process = builder
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    until("it is ready", () -> isReady(port));
    return process;
  }

  private static boolean isReady(int port) {
    try {
      return Http.get(URI.create("http://127.0.0.1:" + port + "/health/ready"), "")
              .statusCode()
          == 200;
    } catch (IllegalStateException e) {
      return false; // nobody listens yet
    }
  }
}
