package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.redis.RealRedis;
import parlour.spec.Installation.Shape;

/** Runs the examples in deploy/ with their exact environments. */
class DeployedTest {
  private static final Map<Role, Set<Role>> ASKS = Map.of(
      Role.STARSHIP, EnumSet.of(Role.ORCHESTRATOR),
      Role.ORCHESTRATOR, EnumSet.of(Role.FEDERATED_AUTH, Role.CONVERSATIONS),
      Role.FEDERATED_AUTH, EnumSet.of(Role.SCOPED_AUTH),
      Role.CONVERSATIONS, EnumSet.of(Role.SCOPED_AUTH),
      Role.SCOPED_AUTH, EnumSet.noneOf(Role.class));

  private static final Set<Role> KEEP =
      EnumSet.of(Role.ORCHESTRATOR, Role.SCOPED_AUTH, Role.CONVERSATIONS);

  private static final Pattern SECRET = Pattern.compile("/run/secrets/(?:parlour/)?([a-z-]+)");

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"compose.yaml", "compose-one.yaml", "kubernetes.yaml", "kubernetes-one.yaml"})
  void every_process_has_all_settings_that_it_needs(String file) throws IOException {
    Example example = Example.of(file);
    EnumSet<Role> run = EnumSet.noneOf(Role.class);
    for (Example.Container process : example.processes()) {
      for (String secret : process.secrets()) {
        Files.writeString(folder.resolve(secret), "of a test, long enough to be a secret");
      }
      assertThat(named(process)).as(process.name()).isEqualTo(process.secrets());
      Config config = Config.read(Optional.empty(), secretsHere(process), Map.of());
      run.addAll(config.roles());
      for (Role role : config.roles()) {
        for (Role asked : Objects.requireNonNull(ASKS.get(role))) {
          if (!config.runs(asked)) {
            assertThat(config.addressesOf(asked).stream().map(URI::getHost))
                .as("%s asks %s", process.name(), asked)
                .isNotEmpty()
                .isSubsetOf(example.names())
                .allSatisfy(name -> assertThat(rolesOf(example, name)).contains(asked));
          }
        }
      }
      boolean alone = process.replicas() == 1;
      boolean keeps = config.roles().stream().anyMatch(KEEP::contains);
      assertThat(alone || config.redis().isPresent()).as(process.name()).isTrue();
      assertThat(config.database().isPresent()).as(process.name()).isEqualTo(!alone && keeps);
    }
    assertThat(run).isEqualTo(EnumSet.allOf(Role.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"compose.yaml", "kubernetes.yaml"})
  void guests_chat_over_several_of_each_and_go_on_when_one_of_each_stops(String file)
      throws Exception {
    List<ParlourProcess> first = new ArrayList<>();
    List<ParlourProcess> second = new ArrayList<>();
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        RealRedis redis = RealRedis.start("--requirepass", "of a test")) {
      installation.stop(Role.STARSHIP); // all of it; the test continues with its data
      keep("internal-secret", installation.internalSecret());
      keep(
          "master-key",
          DataFolder.secret(installation.folder().resolve("master.key")).orElseThrow());
      keep(
          "database-password",
          Objects.requireNonNull(installation.settings().get(Setting.DATABASE_PASSWORD)));
      keep("database-ca", "not asked for here");
      keep("redis-password", "of a test");
      Map<String, String> addresses = new HashMap<>(Map.of(
          "postgres://\\S+",
          Objects.requireNonNull(installation.settings().get(Setting.DATABASE_URL)),
          "redis://redis:6379",
          redis.url()));
      try {
        for (Example.Container process : calleesFirst(Example.of(file))) {
          assertThat(process.replicas()).isEqualTo(2);
          ParlourProcess one = started(installation, process, addresses, 1);
          ParlourProcess two = started(installation, process, addresses, 2);
          first.add(one);
          second.add(two);
          addresses.put(
              "http://" + process.name() + ":8081",
              one.internalAddress() + "," + two.internalAddress());
        }
        installation.edgeIs(first.getLast().publicAddress().orElseThrow());
        Guest guest = installation.guest().starts();
        assertThat(guest.says("at the one", "a").status()).isEqualTo(201);

        installation.edgeIs(second.getLast().publicAddress().orElseThrow());
        assertThat(guest.reloads().status()).isEqualTo(200);
        List<Thread> stops = stopping(first);
        int said = 0;
        while (stops.stream().anyMatch(Thread::isAlive)) {
          assertThat(guest.reloads().status()).isEqualTo(200);
          assertThat(guest.says("meanwhile", "b" + said).status()).isEqualTo(201);
          said++;
          Installation.pause(Duration.ofMillis(250)); // these processes count calls
        }
        assertThat(said).isPositive();
        first.clear();
        assertThat(guest.reloads().status()).isEqualTo(200);
        assertThat(guest.get("/v2/Webchat/Messages").response().body())
            .contains("at the one", "meanwhile");
      } finally {
        first.addAll(second);
        for (Thread stop : stopping(first)) {
          assertThat(stop.join(Duration.ofSeconds(60))).isTrue();
        }
      }
    }
  }

  private static List<Thread> stopping(List<ParlourProcess> processes) {
    return processes.stream().map(each -> Thread.ofVirtual().start(each::close)).toList();
  }

  private ParlourProcess started(
      Installation installation,
      Example.Container process,
      Map<String, String> addresses,
      int nth) {
    Map<String, String> environment = secretsHere(process);
    environment.replaceAll((name, value) -> {
      String here = value;
      for (Map.Entry<String, String> address : addresses.entrySet()) {
        here = here.replaceAll(address.getKey(), address.getValue());
      }
      return here;
    });
    Map<Setting, String> flags = new EnumMap<>(Map.of(
        Setting.DATA, folder.resolve(process.name() + nth).toString(),
        Setting.DATABASE_CONNECTIONS, "1",
        Setting.INTERNAL_HOST, "127.0.0.1",
        Setting.INTERNAL_PORT, "0",
        Setting.PUBLIC_HOST, "127.0.0.1",
        Setting.PUBLIC_PORT, "0"));
    Config config = Config.read(Optional.empty(), environment, flags);
    return ParlourProcess.start(config, installation.clock, ServiceDecorators.NONE);
  }

  private static List<Example.Container> calleesFirst(Example example) {
    List<Role> order = List.of(
        Role.SCOPED_AUTH,
        Role.CONVERSATIONS,
        Role.FEDERATED_AUTH,
        Role.ORCHESTRATOR,
        Role.STARSHIP);
    return order.stream()
        .map(role -> example.processes().stream()
            .filter(process -> role.word().equals(process.environment().get("PARLOUR_ROLES")))
            .findFirst()
            .orElseThrow())
        .toList();
  }

  private static Set<Role> rolesOf(Example example, String name) {
    return example.processes().stream()
        .filter(process -> process.name().equals(name))
        .flatMap(process ->
            Config.read(Optional.empty(), Map.of("PARLOUR_ROLES", roles(process)), Map.of())
                .roles()
                .stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String roles(Example.Container process) {
    return Objects.requireNonNull(process.environment().get("PARLOUR_ROLES"));
  }

  /** The files that its environment names. */
  private static Set<String> named(Example.Container process) {
    return process.environment().values().stream()
        .flatMap(value -> SECRET.matcher(value).results())
        .map(found -> found.group(1))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Its environment, with the secrets' files in the folder of this test. */
  private Map<String, String> secretsHere(Example.Container process) {
    Map<String, String> environment = new HashMap<>(process.environment());
    environment.replaceAll(
        (name, value) -> SECRET.matcher(value).replaceAll(folder.resolve("$1").toString()));
    return environment;
  }

  private void keep(String secret, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(secret), text);
    assertThat(file.toFile().setReadable(false, false) && file.toFile().setReadable(true, true))
        .isTrue();
  }
}
