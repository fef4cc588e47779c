package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Parlour over the folder of a shop, on SQLite, in one process or in several.
 *
 * @param processes the first is the one that guests reach
 */
record Installation(Shop shop, List<Subject> processes) implements AutoCloseable {
  /** Starts an installation. */
  @FunctionalInterface
  interface Shape {
    Installation start() throws IOException, InterruptedException;
  }

  /** All roles in one process. */
  static Installation together() throws IOException, InterruptedException {
    Shop shop = Shop.open();
    return new Installation(
        shop, List.of(Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()));
  }

  /** Four processes, each started after those that it calls. */
  static Installation apart() throws IOException, InterruptedException {
    Shop shop = Shop.open();
    Subject scopedAuth = role(shop, "scoped-auth,conversations");
    String scopedAuthUrl = "scoped-auth.url=" + url(scopedAuth);
    Subject federatedAuth = role(shop, "federated-auth", scopedAuthUrl);
    Subject orchestrator = role(
        shop,
        "orchestrator",
        scopedAuthUrl,
        "federated-auth.url=" + url(federatedAuth),
        "conversations.url=" + url(scopedAuth));
    Subject starship = Subject.roles(
            shop.folder(),
            Subject.freePort(),
            "starship",
            "--set",
            "orchestrator.url=" + url(orchestrator))
        .awaitPort();
    return new Installation(shop, List.of(starship, orchestrator, federatedAuth, scopedAuth));
  }

  private static Subject role(Shop shop, String roles, String... settings)
      throws IOException, InterruptedException {
    int port = Subject.freePort();
    List<String> options = new ArrayList<>(List.of("--internal-port", String.valueOf(port)));
    for (String setting : settings) {
      options.addAll(List.of("--set", setting));
    }
    return Subject.roles(shop.folder(), port, roles, options.toArray(String[]::new))
        .awaitPort();
  }

  private static String url(Subject role) {
    return "http://127.0.0.1:" + role.port();
  }

  /** The port that guests reach. */
  int port() {
    return processes.getFirst().port();
  }

  /** Of all processes. */
  Duration processorTime() {
    return processes.stream().map(Subject::processorTime).reduce(Duration.ZERO, Duration::plus);
  }

  @Override
  public void close() throws IOException {
    processes.forEach(Subject::close);
    shop.close();
  }
}
