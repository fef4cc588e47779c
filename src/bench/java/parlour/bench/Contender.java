package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Sid;

/**
 * A server that is compared with others.
 *
 * @param how it was run, for the report
 * @param callers for each measured action
 */
record Contender(
    String name,
    String how,
    List<Subject> processes,
    Optional<DurablePostgres> postgres,
    Map<Action, Callers> callers) {
  static Contender floor(int connections) throws IOException, InterruptedException {
    Shop shop = Shop.open();
    Subject floor = Subject.floor(shop.folder(), Subject.freePort()).awaitPort();
    return new Contender(
        "floor",
        "`Floor.java`: the same HTTP server, JSON, one HMAC, two passes of AES-GCM; no store, no rules",
        List.of(floor),
        Optional.empty(),
        Map.of(
            Action.REFRESH,
            Callers.guests(
                floor.port(), shop.deployment(), Action.REFRESH, connections, Guest.Proofs.NONE)));
  }

  /** All roles in one process, on SQLite. */
  static Contender embedded(int connections) throws IOException, InterruptedException {
    return parlour(
        "Parlour, one process, SQLite",
        "`./parlour up`",
        Installation.together(),
        Optional.empty(),
        connections);
  }

  /** All roles in one process, on a PostgreSQL of this machine. */
  static Contender overPostgres(int connections) throws Exception {
    DurablePostgres postgres = DurablePostgres.start();
    Shop shop = Shop.open(_ -> postgres.databases(DurablePostgres.NAME));
    Subject parlour = Subject.parlour(
            shop.folder(), Subject.freePort(), postgres.settings(DurablePostgres.NAME))
        .awaitPort();
    return parlour(
        "Parlour, one process, PostgreSQL",
        "`./parlour up` with `database.url`; PostgreSQL " + postgres.version()
            + " on the same processors, fsync and synchronous_commit on, else as it comes; its CPU"
            + " and memory are counted in, and said",
        new Installation(shop, List.of(parlour)),
        Optional.of(postgres),
        connections);
  }

  /** Four processes, on SQLite. */
  static Contender apart(int connections) throws IOException, InterruptedException {
    return parlour(
        "Parlour, four processes, SQLite",
        "`./parlour serve --roles=…`: starship; orchestrator; federated-auth; scoped-auth with"
            + " conversations; the CPU and memory of all four",
        Installation.apart(),
        Optional.empty(),
        connections);
  }

  private static Contender parlour(
      String name,
      String how,
      Installation parlour,
      Optional<DurablePostgres> postgres,
      int connections) {
    Sid.Deployment deployment = parlour.shop().deployment();
    Map<Action, Callers> callers = new EnumMap<>(Action.class);
    for (Action action : Action.values()) {
      callers.put(
          action,
          Callers.guests(parlour.port(), deployment, action, connections, Guest.Proofs.NONE));
    }
    return new Contender(name, how, parlour.processes(), postgres, callers);
  }

  boolean isParlour() {
    return callers.size() > 1;
  }

  Callers by(Action action) {
    return Optional.ofNullable(callers.get(action)).orElseThrow();
  }

  /** Of its own processes, without the database's. */
  Duration processorTime() {
    return processes.stream().map(Subject::processorTime).reduce(Duration.ZERO, Duration::plus);
  }

  Duration databaseTime() {
    return postgres.map(DurablePostgres::processorTime).orElse(Duration.ZERO);
  }

  double residentMebibytes() throws IOException, InterruptedException {
    double sum = 0;
    for (Subject process : processes) {
      sum += process.residentMebibytes();
    }
    return sum;
  }
}
