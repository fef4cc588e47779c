package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.Lifetimes;
import parlour.accounts.SqlAccounts;
import parlour.accounts.TokenRules;
import parlour.inbox.Agents;
import parlour.inbox.SqlAgents;
import parlour.store.Database;
import parlour.store.Databases;
import parlour.store.MigrationMode;

/** A data folder with one account, one deployment and one agent, for one run. */
public record Shop(
    Path folder,
    Sid.Account account,
    String authToken,
    Sid.Deployment deployment,
    String agent,
    String password,
    int pagePort)
    implements AutoCloseable {
  static final String ORIGIN = "https://shop.example.com";

  /** Over SQLite in its folder. */
  public static Shop open() throws IOException {
    return open(Databases::in);
  }

  /** Over the databases that belong to its folder. */
  static Shop open(Function<Path, Databases> databases) throws IOException {
    SecureRandom random = new SecureRandom();
    Shop shop = new Shop(
        Leftovers.folder(),
        Sid.Account.random(random),
        GeneratedSecrets.next(random),
        Sid.Deployment.random(random),
        "ann",
        GeneratedSecrets.next(random),
        Subject.freePort());
    shop.furnish(databases.apply(shop.folder()), random);
    return shop;
  }

  /** More deployments of the same kind, for guests whom the limits of one would stop. */
  List<Sid.Deployment> moreDeployments(Databases databases, int count) {
    SecureRandom random = new SecureRandom();
    List<Sid.Deployment> more =
        Stream.generate(() -> Sid.Deployment.random(random)).limit(count).toList();
    try (Database database = databases.open(SqlAccounts.SCHEMA, MigrationMode.APPLY)) {
      Accounts accounts = new SqlAccounts(database);
      Sid.Address address = Sid.Address.random(random);
      accounts.create(new Accounts.Address(address, account, "Bench", Instant.now()));
      more.forEach(each -> create(accounts, each, address));
    }
    return more;
  }

  private void create(Accounts accounts, Sid.Deployment sid, Sid.Address address) {
    Instant now = Instant.now();
    accounts.create(new Accounts.Deployment(
        sid,
        account,
        "Bench",
        new Accounts.Settings(
            Optional.of(address),
            new AllowedOrigins(List.of(ORIGIN, page())),
            TokenRules.DEFAULT.withRealtime(),
            Lifetimes.DEFAULT),
        now,
        now));
  }

  private void furnish(Databases databases, SecureRandom random) {
    Instant now = Instant.now();
    Sid.Address address = Sid.Address.random(random);
    try (Database database = databases.open(SqlAccounts.SCHEMA, MigrationMode.APPLY)) {
      Accounts accounts = new SqlAccounts(database);
      byte[] accountKey = new byte[AccountKey.BYTES];
      random.nextBytes(accountKey);
      accounts.create(
          new Accounts.Account(account, "Bench", now),
          GeneratedSecrets.digest(authToken),
          new AccountKey(accountKey));
      accounts.create(new Accounts.Address(address, account, "Bench", now));
      create(accounts, deployment, address);
      new SqlAgents(database)
          .create(
              new Agents.Agent(
                  agent, account, Agents.Agent.nextIdentity(random), agent, Agents.Role.AGENT, now),
              GeneratedSecrets.digest(password));
    }
  }

  /** Where a page of this shop may be, for a browser that wants to see one. */
  String page() {
    return "http://127.0.0.1:" + pagePort;
  }

  /** The credentials that the account's servers show. */
  String basic() {
    return Base64.getEncoder()
        .encodeToString((account.text() + ":" + authToken).getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    Leftovers.delete(folder);
  }
}
