package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.Limits;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.spec.AtOnce;
import parlour.spec.TestClock;
import parlour.store.Database;
import parlour.store.ForwardingDatabase;
import parlour.store.MigrationMode;
import parlour.store.Outage;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Sql;

/** A lost store stops the start, and a store that accepts no writes makes its process unready. */
@Timeout(120)
class StoresTest {
  private static final Set<Role> ROLES_WITH_STORES = Set.copyOf(Stores.SCHEMAS.keySet());

  private final TestClock clock = new TestClock();
  private final Map<Setting, String> settings = new EnumMap<>(Setting.class);

  @TempDir
  private Path temporary;

  // ---- the installation of a store

  @ParameterizedTest
  @EnumSource(names = {"SCOPED_AUTH", "ORCHESTRATOR", "CONVERSATIONS"})
  void a_deleted_store_stops_the_start_unless_new_is_given(Role role) {
    Path folder = started("data");
    delete(folder, role);
    assertThatThrownBy(() -> start(folder))
        .isInstanceOf(StartupError.class)
        .hasMessageContainingAll(
            role.word() + " store is empty",
            folder.resolve(role.word() + ".db").toString(),
            "a volume is not mounted",
            "--new");
    delete(folder, role); // the refused start has created it again
    start(folder, Stores.Unexpected.ACCEPT).close();
    start(folder).close();
  }

  @Test
  void a_truncated_store_stops_the_start() throws IOException {
    Path folder = started("data");
    delete(folder, Role.SCOPED_AUTH);
    Files.createFile(folder.resolve("scoped-auth.db"));
    assertThatThrownBy(() -> start(folder)).hasMessageContaining("every guest would be refused");
    age(folder); // and also later, when the file is no longer new
    assertThatThrownBy(() -> start(folder)).isInstanceOf(StartupError.class);
  }

  @Test
  void a_role_can_start_later_over_a_folder_in_which_it_never_ran() {
    Path folder = temporary.resolve("data");
    settings.put(Setting.ROLES, "scoped-auth");
    start(folder).close();
    settings.put(Setting.ROLES, "all");
    start(folder).close();
    assertThat(ids(folder)).hasSize(1);
  }

  @Test
  void a_folder_from_before_there_were_ids_is_adopted() throws IOException {
    Path folder = started("data");
    Files.delete(folder.resolve("installation-id"));
    Files.delete(folder.resolve("master.key.installation-id"));
    ROLES_WITH_STORES.forEach(role -> in(folder, role, "DELETE FROM installation"));
    start(folder).close();
    assertThat(ids(folder)).hasSize(1);
  }

  @Test
  void a_store_of_another_installation_is_refused_and_joins_with_new() throws IOException {
    Path folder = started("data");
    Path other = started("other");
    age(folder);
    age(other);
    Files.copy(
        other.resolve("conversations.db"),
        folder.resolve("conversations.db"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> start(folder))
        .isInstanceOf(StartupError.class)
        .hasMessageContainingAll("conversations store", "belongs to the installation", "--new");
    start(folder, Stores.Unexpected.ACCEPT).close();
    assertThat(ids(folder)).hasSize(1);
  }

  @Test
  void a_master_key_in_another_folder_identifies_its_store() throws IOException {
    Path keys = Files.createDirectory(temporary.resolve("keys"));
    settings.put(Setting.MASTER_KEY_FILE, keys.resolve("master.key").toString());
    start(temporary.resolve("volume")).close();
    assertThatThrownBy(() -> start(temporary.resolve("not mounted")))
        .hasMessageContainingAll(
            "scoped-auth store is empty", keys.resolve("master.key").toString());
  }

  @Test
  void several_nodes_that_start_at_once_over_one_server_agree_on_one_id() {
    PostgresServer server = useServer(Postgres.fresh());
    settings.put(Setting.MASTER_KEY, Base64.getEncoder().encodeToString(new byte[32]));
    List<Node> nodes = AtOnce.run(3, i -> start(temporary.resolve("node" + i)));
    nodes.forEach(Node::close);
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      ids.add(DataFolder.secret(temporary.resolve("node" + i).resolve("installation-id"))
          .orElseThrow());
    }
    ROLES_WITH_STORES.forEach(role -> ids.add(Postgres.asOperator(
        server.database(),
        "SELECT id FROM parlour_" + role.word().replace('-', '_') + ".installation")));
    assertThat(ids).hasSize(1);
  }

  @Test
  void an_empty_database_stops_nodes_that_ran_over_another() {
    useServer(Postgres.fresh());
    started("data");
    useServer(Postgres.fresh());
    assertThatThrownBy(() -> start(temporary.resolve("data")))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("database.url names another place");
  }

  // ---- the last use of a store

  @Test
  void a_doubtful_time_is_not_recorded_for_the_next_start() {
    Path folder = started("data");
    try (Node main = start(folder)) {
      clock.jump(Limits.MAX_CLOCK_DOWNTIME.multipliedBy(2));
      assertThat(ready(main)).isEqualTo(200); // this check writes
      assertRecordedUseIsCurrent(folder, false);
      clock.pass(Limits.CLOCK_SETTLING.plusSeconds(1));
    }
    try (Node main = start(folder)) {
      assertThat(ready(main)).isEqualTo(200);
      assertRecordedUseIsCurrent(folder, false);
      clock.pass(Limits.CLOCK_STEADY);
    }
    try (Node main = start(folder)) { // it doubts the clock from its start
      clock.pass(Limits.CLOCK_STEADY);
      assertThat(ready(main)).isEqualTo(200);
      assertRecordedUseIsCurrent(folder, true);
    }
  }

  /** Asserts whether the time that each store has recorded is the current one. */
  private void assertRecordedUseIsCurrent(Path folder, boolean now) {
    Instant recently = clock.instant().minus(Limits.MAX_CLOCK_DOWNTIME);
    for (Role role : ROLES_WITH_STORES) {
      try (Database database = open(folder, role)) {
        assertThat(database
                .read(sql -> sql.first(
                    "SELECT alive_at FROM installation", row -> Sql.instant(row, "alive_at")))
                .orElseThrow()
                .isAfter(recently))
            .as("%s", role)
            .isEqualTo(now);
      }
    }
  }

  // ---- readiness writes

  @Test
  void a_node_whose_store_can_only_be_read_is_not_ready_until_it_can_be_written() {
    AtomicBoolean full = new AtomicBoolean();
    try (Node main = new Node(ParlourProcess.start(
        config(temporary.resolve("data")), clock, new ServiceDecorators() {
          @Override
          public Database database(Role role, Database database) {
            return new Full(database, new Outage(database, full::get));
          }
        }))) {
      assertThat(ready(main)).isEqualTo(200);
      full.set(true);
      awaitReady(main, 503);
      assertThat(body(main)).contains("accepts no writes");
      full.set(false);
      awaitReady(main, 200);
    }
  }

  @Test
  void a_node_whose_server_became_read_only_is_not_ready_until_it_can_be_written() {
    PostgresServer server = useServer(Postgres.fresh());
    try (Node main = start(temporary.resolve("data"))) {
      assertThat(ready(main)).isEqualTo(200);
      readOnly(server, "on");
      awaitReady(main, 503);
      readOnly(server, "off");
      awaitReady(main, 200);
    }
  }

  private static void readOnly(PostgresServer server, String value) {
    Postgres.asOperator(
        "ALTER ROLE %s SET default_transaction_read_only = %s".formatted(server.user(), value));
    Postgres.asOperator(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '%s'"
            .formatted(server.user()));
  }

  /** A store on a full disk: it can be read, but not written. */
  private static final class Full extends ForwardingDatabase {
    private final Database writes;

    Full(Database database, Database writes) {
      super(database);
      this.writes = writes;
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
      return writes.write(work);
    }
  }

  private static void awaitReady(Node main, int status) {
    long giveUp = System.nanoTime() + 60_000_000_000L;
    while (ready(main) != status && System.nanoTime() < giveUp) {
      Thread.onSpinWait();
    }
    assertThat(ready(main)).isEqualTo(status);
  }

  private static int ready(Node main) {
    return health(main).statusCode();
  }

  private static String body(Node main) {
    return health(main).body();
  }

  private static HttpResponse<String> health(Node main) {
    URI path = main.process().publicAddress().orElseThrow().resolve("/health/ready");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(path).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  // ---- folders

  private Path started(String name) {
    Path folder = temporary.resolve(name);
    start(folder).close();
    age(folder);
    return folder;
  }

  /** Makes the stores of a folder old enough to count as established. */
  private void age(Path folder) {
    if (!settings.containsKey(Setting.DATABASE_URL)) {
      ROLES_WITH_STORES.forEach(
          role -> in(folder, role, "UPDATE schema_migration SET applied_at = 1"));
    }
  }

  private PostgresServer useServer(PostgresServer server) {
    settings.put(Setting.DATABASE_URL, server.toString());
    settings.put(Setting.DATABASE_PASSWORD, server.password().orElseThrow());
    settings.put(Setting.DATABASE_CONNECTIONS, "1");
    return server;
  }

  private Node start(Path folder) {
    return start(folder, Stores.Unexpected.REFUSE);
  }

  private Node start(Path folder, Stores.Unexpected unexpected) {
    return new Node(
        ParlourProcess.start(config(folder), clock, ServiceDecorators.NONE, unexpected));
  }

  /** A process that no balancer watches, although the tests ask whether it is ready. */
  private record Node(ParlourProcess process) implements AutoCloseable {
    @Override
    public void close() {
      process.closeAtOnce();
    }
  }

  private Config config(Path folder) {
    Map<Setting, String> all = new EnumMap<>(settings);
    all.put(Setting.DATA, folder.toString());
    all.put(Setting.PUBLIC_HOST, "127.0.0.1");
    all.put(Setting.PUBLIC_PORT, "0");
    all.put(Setting.INTERNAL_PORT, "0");
    all.put(Setting.RATE_LIMITS, "off");
    all.putIfAbsent(Setting.SCOPED_AUTH_URL, "http://127.0.0.1:1");
    return Config.read(Optional.empty(), Map.of(), all);
  }

  private static void delete(Path folder, Role role) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith(role.word() + ".db")) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void in(Path folder, Role role, String statement) {
    try (Database database = open(folder, role)) {
      database.write(sql -> sql.update(statement));
    }
  }

  private Database open(Path folder, Role role) {
    return config(folder)
        .databases()
        .open(Optional.ofNullable(Stores.SCHEMAS.get(role)).orElseThrow(), MigrationMode.VERIFY);
  }

  private Set<String> ids(Path folder) {
    Set<String> ids = new HashSet<>();
    ids.add(DataFolder.secret(folder.resolve("installation-id")).orElseThrow());
    for (Role role : ROLES_WITH_STORES) {
      try (Database database = open(folder, role)) {
        ids.addAll(database.read(
            sql -> sql.list("SELECT id FROM installation", row -> row.getString("id"))));
      }
    }
    return ids;
  }
}
