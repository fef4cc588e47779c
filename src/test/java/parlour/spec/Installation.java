package parlour.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.StartupError;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.Lifetimes;
import parlour.accounts.Responder;
import parlour.accounts.SqlAccounts;
import parlour.accounts.TokenRules;
import parlour.accounts.WebhookSecret;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.conversations.SqlConversationStore;
import parlour.inbox.Agents;
import parlour.inbox.DeskMembers;
import parlour.inbox.SqlAgents;
import parlour.inbox.SqlDeskMembers;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.scopedauth.Sessions;
import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.MigrationMode;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Schema;
import parlour.store.Sqlite;
import parlour.store.StoreUnavailable;
import parlour.trace.Diagram;
import parlour.webhooks.GivenUpEvents;
import parlour.webhooks.SqlGivenUpEvents;
import parlour.webhooks.SqlWebhookStore;
import parlour.webhooks.WebhookStore;

/** A running Parlour in its own folder, in any shape, with one account, on the test's clock. */
public final class Installation implements AutoCloseable {

  /** How the roles are spread over processes; the processes of a test share its JVM. */
  public enum Shape {
    ONE_PROCESS,
    A_PROCESS_PER_ROLE,
    /** One process, with its stores in a PostgreSQL. */
    OVER_POSTGRES,
    /** A process per role, with its store in a PostgreSQL. */
    ROLES_OVER_POSTGRES;

    /** Those of {@link InBothShapes}. */
    static final List<Shape> BOTH = List.of(ONE_PROCESS, ROLES_OVER_POSTGRES);

    private boolean hasPostgres() {
      return this == OVER_POSTGRES || this == ROLES_OVER_POSTGRES;
    }
  }

  /** How often a start is tried again. */
  private static final int STARTS = 4;

  /** The order of starting: each role after the roles that it calls. */
  private static final List<Role> CALLEES_FIRST = List.of(
      Role.SCOPED_AUTH, Role.CONVERSATIONS, Role.FEDERATED_AUTH, Role.ORCHESTRATOR, Role.STARSHIP);

  private static final Map<Role, Setting> ADDRESS = Map.of(
      Role.ORCHESTRATOR, Setting.ORCHESTRATOR_URL,
      Role.FEDERATED_AUTH, Setting.FEDERATED_AUTH_URL,
      Role.SCOPED_AUTH, Setting.SCOPED_AUTH_URL,
      Role.CONVERSATIONS, Setting.CONVERSATIONS_URL);

  /** The tables of all roles. */
  private static final Schema[] SCHEMAS = {
    SqlAccounts.SCHEMA, SqlSessions.SCHEMA, SqlConversationStore.SCHEMA
  };

  public static final String ORIGIN = "https://shop.example.com";

  public final TestClock clock = new TestClock();
  public final Sid.Account account;
  public Sid.Address address;
  public Sid.Deployment deployment;

  private final String authToken = "0123456789abcdef0123456789abcdef";
  private final Path folder;
  private final Shape shape;
  private final ServiceDecorators decorators;
  private final Map<Setting, String> settings = new EnumMap<>(Setting.class);
  private final Map<Role, ParlourProcess> processes = new EnumMap<>(Role.class);
  private final Map<Role, Integer> ports = new EnumMap<>(Role.class);
  private final Deque<ParlourProcess> running = new ArrayDeque<>();
  private @Nullable URI elsewhere;

  public static Installation start(Shape shape) {
    return start(shape, ServiceDecorators.NONE);
  }

  public static Installation start(Shape shape, ServiceDecorators decorators) {
    return start(shape, decorators, Map.of());
  }

  /**
   * @param more settings of every process, over those of a test
   */
  public static Installation start(
      Shape shape, ServiceDecorators decorators, Map<Setting, String> more) {
    try {
      return new Installation(Files.createTempDirectory("parlour-test"), shape, decorators, more);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Installation(
      Path folder, Shape shape, ServiceDecorators decorators, Map<Setting, String> more) {
    this.folder = folder;
    this.shape = shape;
    this.decorators = decorators;
    settings.put(Setting.DATA, folder.toString());
    settings.put(Setting.PUBLIC_HOST, "127.0.0.1");
    settings.put(Setting.PUBLIC_PORT, "0");
    settings.put(Setting.INTERNAL_PORT, "0");
    settings.put(Setting.RATE_LIMITS, "off");
    if (shape.hasPostgres()) {
      PostgresServer server = Postgres.with(SCHEMAS);
      settings.put(Setting.DATABASE_URL, server.toString());
      settings.put(Setting.DATABASE_PASSWORD, server.password().orElseThrow());
      settings.put(Setting.DATABASE_CONNECTIONS, "4"); // others use the server at the same time
    } else {
      for (Schema schema : SCHEMAS) {
        Sqlite.create(folder.resolve(schema.role() + ".db"), schema);
      }
    }
    settings.putAll(more);
    startAll();
    SecureRandom random = new SecureRandom();
    account = Sid.Account.random(random);
    address = Sid.Address.random(random);
    deployment = Sid.Deployment.random(random);
    byte[] key = new byte[AccountKey.BYTES];
    random.nextBytes(key);
    accounts(accounts -> {
      accounts.create(
          new Accounts.Account(account, "Shop", clock.instant()),
          GeneratedSecrets.digest(authToken),
          new AccountKey(key));
      createDesk(accounts);
    });
  }

  /** Creates the address and its deployment. */
  private void createDesk(Accounts accounts) {
    accounts.create(new Accounts.Address(address, account, "Front desk", clock.instant()));
    accounts.create(deploymentOf(deployment, defaults()));
  }

  private Accounts.Deployment deploymentOf(Sid.Deployment key, Accounts.Settings settings) {
    return new Accounts.Deployment(
        key, account, "Test", settings, clock.instant(), clock.instant());
  }

  /**
   * For tests of a class that share an installation: removes what is configured, but not the account,
   * and makes another address with another deployment.
   */
  public void configureAnew() {
    try (Database database = database(SqlAccounts.SCHEMA)) {
      database.write(sql -> {
        sql.update("DELETE FROM desk_member");
        sql.update("DELETE FROM webhook_delivery");
        sql.update("DELETE FROM webhook_watch");
        sql.update("DELETE FROM webhook_given_up");
        sql.update("DELETE FROM deployment");
        sql.update("DELETE FROM address");
        sql.update(
            "DELETE FROM agent_session WHERE agent_name IN"
                + " (SELECT name FROM agent WHERE account_sid <> ?)",
            account.text());
        sql.update("DELETE FROM agent WHERE account_sid <> ?", account.text());
        return sql.update("DELETE FROM account WHERE sid <> ?", account.text());
      });
    }
    address = Sid.Address.random(new SecureRandom());
    deployment = Sid.Deployment.random(new SecureRandom());
    accounts(this::createDesk);
  }

  public Accounts.Settings defaults() {
    return new Accounts.Settings(
        Optional.of(address),
        new AllowedOrigins(List.of(ORIGIN)),
        TokenRules.DEFAULT.withRealtime(),
        Lifetimes.DEFAULT);
  }

  /** Another deployment of the account. */
  public Sid.Deployment deploy(Accounts.Settings settings) {
    Sid.Deployment key = Sid.Deployment.random(new SecureRandom());
    accounts(accounts -> accounts.create(deploymentOf(key, settings)));
    return key;
  }

  /** Changes the deployment that guests use. Returns when each process must have read the change. */
  public void configure(UnaryOperator<Accounts.Settings> change) {
    accounts(accounts ->
        accounts.update(accounts.version(), deploymentOf(deployment, change.apply(defaults()))));
    pause(Limits.DIRECTORY_POLL.multipliedBy(3));
  }

  /** A role's database, opened as the command line does: beside the running processes. */
  public Database database(Schema schema) {
    return Config.read(Optional.empty(), Map.of(), settings)
        .databases()
        .open(schema, MigrationMode.VERIFY);
  }

  public void accounts(Consumer<Accounts> work) {
    try (Database database = database(SqlAccounts.SCHEMA)) {
      work.accept(new SqlAccounts(database));
    }
  }

  /** Stores another time zone of the address's hours, as a node with a newer JDK can. */
  public void storesTimeZone(String zone) {
    try (Database database = database(SqlAccounts.SCHEMA)) {
      int _ = database.write(sql ->
          sql.update("UPDATE address SET time_zone = ? WHERE sid = ?", zone, address.text()));
    }
  }

  /** The auth token of the account's servers. */
  public String authToken() {
    return authToken;
  }

  /** A created agent with its password. */
  public record NewAgent(String name, String password, Identity identity) {
    /** The name that guests see. It does not contain the name to sign in with. */
    public String displayName() {
      return "Ms. " + Integer.toHexString(name.hashCode());
    }
  }

  /** Creates an agent of this account. */
  public NewAgent agent() {
    return agent(Agents.Role.ADMIN);
  }

  public NewAgent agent(Agents.Role role) {
    return agent(account, role);
  }

  public NewAgent agentOfAnotherAccount() {
    SecureRandom random = new SecureRandom();
    Sid.Account other = Sid.Account.random(random);
    accounts(accounts -> accounts.create(
        new Accounts.Account(other, "Other", clock.instant()),
        new byte[32],
        new AccountKey(new byte[AccountKey.BYTES])));
    return agent(other, Agents.Role.ADMIN);
  }

  private NewAgent agent(Sid.Account account, Agents.Role role) {
    SecureRandom random = new SecureRandom();
    NewAgent agent = new NewAgent(
        "ann" + random.nextInt(1 << 30),
        GeneratedSecrets.next(random),
        Agents.Agent.nextIdentity(random));
    agents(agents -> agents.create(
        new Agents.Agent(
            agent.name(), account, agent.identity(), agent.displayName(), role, clock.instant()),
        GeneratedSecrets.digest(agent.password())));
    return agent;
  }

  public void agents(Consumer<Agents> work) {
    try (Database database = database(SqlAccounts.SCHEMA)) {
      work.accept(new SqlAgents(database));
    }
  }

  /** The members of desks, opened beside the running processes. */
  public void desks(Consumer<DeskMembers> work) {
    try (Database database = database(SqlAccounts.SCHEMA)) {
      work.accept(new SqlDeskMembers(database));
    }
  }

  /** The origin of Parlour's own pages. */
  public static String origin(Installation installation) {
    return installation.edge().toString();
  }

  /** The sessions as ScopedAuthService keeps them. */
  public <T> T sessions(Function<Sessions, T> work) {
    try (Database database = database(SqlSessions.SCHEMA)) {
      return work.apply(new SqlSessions(database));
    }
  }

  /** A browser on an allowed page. */
  public Guest guest() {
    return new Guest(this, Browser.CHROME_ON_WINDOWS);
  }

  public Guest guest(Browser browser) {
    return new Guest(this, browser);
  }

  /** From now on a webhook answers the address of this account. */
  public void answeredBy(URI webhook) {
    accounts(accounts -> accounts.update(
        accounts.version(),
        new Accounts.Address(
            address,
            account,
            "Front desk",
            Optional.empty(),
            new Responder.Webhook(webhook, WebhookSecret.next(new SecureRandom())),
            clock.instant()),
        clock.instant()));
  }

  /** The webhook store of the orchestrator, opened beside the running processes. */
  public <T> T webhooks(Function<WebhookStore, T> work) {
    try (Database database = database(SqlAccounts.SCHEMA)) {
      return work.apply(new SqlWebhookStore(database));
    }
  }

  /** The events of webhooks that were given up, opened beside the running processes. */
  public <T> T givenUp(Function<GivenUpEvents, T> work) {
    try (Database database = database(SqlAccounts.SCHEMA)) {
      return work.apply(new SqlGivenUpEvents(database));
    }
  }

  /** A call of the account's own server. */
  public Guest.Reply server(String method, String path, String form) {
    String pair = account.text() + ":" + authToken;
    HttpResponse<String> response = Http.send(Http.request(edge().resolve(path))
        .method(method, HttpRequest.BodyPublishers.ofString(form))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .build());
    return new Guest.Reply(response.statusCode(), response);
  }

  /** A server of the account uploads a text as a file. */
  public Guest.Reply serverUploads(String fileName, String text) {
    String pair = account.text() + ":" + authToken;
    String path = "/v1/Services/IS" + account.text().substring(2) + "/Media?Filename=" + fileName;
    HttpResponse<String> response = Http.send(Http.request(edge().resolve(path))
        .POST(HttpRequest.BodyPublishers.ofString(text))
        .header("Content-Type", "text/plain")
        .header(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .build());
    return new Guest.Reply(response.statusCode(), response);
  }

  /** The URL that browsers use. */
  public URI edge() {
    return elsewhere == null ? process(Role.STARSHIP).publicAddress().orElseThrow() : elsewhere;
  }

  /** Makes guests use another edge, for example of another process over the same folder. */
  public void edgeIs(URI elsewhere) {
    this.elsewhere = elsewhere;
  }

  public URI internal(Role role) {
    return process(role).internalAddress();
  }

  public String internalSecret() {
    return DataFolder.secret(folder.resolve("internal-secret")).orElseThrow();
  }

  public Path folder() {
    return folder;
  }

  /** The edge's trace with this ID, as a diagram. */
  public Diagram trace(String id) {
    HttpResponse<String> response =
        Http.get(internal(Role.STARSHIP).resolve("/v1/Traces/" + id), internalSecret());
    if (response.statusCode() != 200) {
      throw new IllegalStateException("no trace " + id + ": " + response.body());
    }
    return Diagram.parse(response.body());
  }

  /** The settings of its processes. */
  public Map<Setting, String> settings() {
    return Map.copyOf(settings);
  }

  /** Starts everything again over a PostgreSQL server, after it was stopped. */
  public void startOver(PostgresServer server) {
    settings.put(Setting.DATABASE_URL, server.toString());
    settings.put(Setting.DATABASE_PASSWORD, server.password().orElseThrow());
    start(EnumSet.allOf(Role.class), Map.of());
  }

  /** Starts another process with all roles, over the same PostgreSQL. The caller closes it. */
  ParlourProcess another() {
    Map<Setting, String> flags = new EnumMap<>(settings);
    flags.put(Setting.ROLES, "all");
    return ParlourProcess.start(Config.read(Optional.empty(), Map.of(), flags), clock, decorators);
  }

  /** Stops the process that runs a role, as an operator would. */
  public void stop(Role role) {
    ParlourProcess process = process(role);
    processes.values().removeIf(process::equals);
    running.remove(process);
    process.close();
  }

  /** The internal port of the process that runs a role, also after it was stopped. */
  public int port(Role role) {
    return Objects.requireNonNull(ports.get(role));
  }

  /** Starts a stopped role again, on the same port. */
  public void startAgain(Role role) {
    start(EnumSet.of(role), Map.of(Setting.INTERNAL_PORT, String.valueOf(port(role))));
  }

  /** Starts a stopped role again, with other settings than all the others. */
  public void startAgain(Role role, Map<Setting, String> more) {
    Map<Setting, String> flags = new EnumMap<>(more);
    flags.put(Setting.INTERNAL_PORT, String.valueOf(port(role)));
    start(EnumSet.of(role), flags);
  }

  /** Stops the process that runs a role, and starts it again with all its roles, on the same ports. */
  public void restart(Role role) {
    restart(role, Map.of());
  }

  /** The same, with settings that the others do not have, or not yet. */
  public void restart(Role role, Map<Setting, String> more) {
    ParlourProcess process = process(role);
    Set<Role> roles = EnumSet.noneOf(Role.class);
    processes.forEach((each, runs) -> {
      if (runs.equals(process)) {
        roles.add(each);
      }
    });
    Map<Setting, String> where = new EnumMap<>(Setting.class);
    where.putAll(more);
    where.put(Setting.INTERNAL_PORT, String.valueOf(port(role)));
    process
        .publicAddress()
        .ifPresent(edge -> where.put(Setting.PUBLIC_PORT, String.valueOf(edge.getPort())));
    stop(role);
    start(roles, where);
  }

  /**
   * Starts one more process of a role that has no store, with its own folder. A process that calls
   * this role, and starts later, knows all of its processes.
   */
  public ParlourProcess startAnother(Role role) {
    Map<Setting, String> flags = new EnumMap<>(settings);
    flags.put(Setting.DATA, folder.resolve(role.word() + running.size()).toString());
    flags.put(Setting.INTERNAL_SECRET, internalSecret());
    flags.put(Setting.ROLES, role.word());
    ParlourProcess process = started(Config.read(Optional.empty(), Map.of(), flags));
    running.push(process);
    if (ADDRESS.containsKey(role)) {
      knowsAnother(role, process.internalAddress());
    }
    return process;
  }

  /** A process that calls this role, and starts later, knows one more of its processes. */
  public void knowsAnother(Role role, URI address) {
    settings.merge(
        Objects.requireNonNull(ADDRESS.get(role)),
        address.toString(),
        (those, another) -> those + "," + another);
  }

  /** Stops everything, each process before those that it calls. */
  public void stopAll() {
    while (!running.isEmpty()) {
      running.pop().close();
    }
    processes.clear();
  }

  /** Starts everything over the same folder, with another public port. */
  public void startAllAgain() {
    settings.keySet().removeAll(ADDRESS.values());
    startAll();
  }

  private ParlourProcess process(Role role) {
    return Objects.requireNonNull(processes.get(role), () -> role + " does not run");
  }

  private void startAll() {
    switch (shape) {
      case ONE_PROCESS, OVER_POSTGRES -> start(EnumSet.allOf(Role.class), Map.of());
      case A_PROCESS_PER_ROLE, ROLES_OVER_POSTGRES ->
        CALLEES_FIRST.forEach(role -> start(EnumSet.of(role), Map.of()));
    }
  }

  private void start(Set<Role> roles, Map<Setting, String> more) {
    Map<Setting, String> flags = new EnumMap<>(settings);
    flags.putAll(more);
    for (Setting port : List.of(Setting.PUBLIC_PORT, Setting.INTERNAL_PORT)) {
      flags.computeIfPresent(
          port, (_, number) -> "0".equals(number) ? String.valueOf(Ports.free()) : number);
    }
    if (!roles.contains(Role.STARSHIP)) {
      flags.remove(
          Setting.TRUSTED_PROXIES); // such a process would wait for balancers when it stops
    }
    flags.put(Setting.ROLES, roles.stream().map(Role::word).collect(Collectors.joining(",")));
    ParlourProcess process = started(Config.read(Optional.empty(), Map.of(), flags));
    running.push(process);
    for (Role role : roles) {
      processes.put(role, process);
      ports.put(role, process.internalAddress().getPort());
      Setting address = ADDRESS.get(role);
      if (address != null) {
        settings.put(address, process.internalAddress().toString());
      }
    }
  }

  /** On a machine that is busy with other tests a store can be too slow for a start: then once more. */
  private ParlourProcess started(Config config) {
    for (int failed = 0; ; failed++) {
      try {
        return ParlourProcess.start(config, clock, decorators);
      } catch (StartupError e) {
        if (failed == STARTS || !(e.getCause() instanceof StoreUnavailable)) {
          throw e;
        }
      }
    }
  }

  static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    List<ParlourProcess> all = List.copyOf(running);
    running.clear();
    // All together, because some wait for calls that others end.
    var _ = AtOnce.run(all.size(), number -> {
      all.get(number).closeAtOnce();
      return number;
    });
    processes.clear();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
