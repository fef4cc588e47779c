package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.Limits;
import parlour.Role;
import parlour.Sid;
import parlour.orchestrator.AccountKey;
import parlour.orchestrator.Accounts;
import parlour.orchestrator.Agents;
import parlour.orchestrator.AllowedOrigins;
import parlour.orchestrator.Passwords;
import parlour.orchestrator.SqlAccounts;
import parlour.orchestrator.SqlAgents;
import parlour.scopedauth.Sensitivity;
import parlour.store.SqliteDatabase;

/** A data folder with one account, one deployment and one agent, for one run. */
record Shop(
    Path folder,
    Sid.Account account,
    String authToken,
    Sid.Deployment deployment,
    String agent,
    String password,
    int pagePort)
    implements AutoCloseable {
  static final String ORIGIN = "https://shop.example.com";

  static Shop open() throws IOException {
    SecureRandom random = new SecureRandom();
    Shop shop = new Shop(
        Files.createTempDirectory("parlour-bench"),
        Sid.Account.random(random),
        Passwords.next(random),
        Sid.Deployment.random(random),
        "ann",
        Passwords.next(random),
        Subject.freePort());
    shop.furnish(random);
    return shop;
  }

  private void furnish(SecureRandom random) {
    Instant now = Instant.now();
    Sid.Address address = Sid.Address.random(random);
    Path file = folder.resolve(Role.ORCHESTRATOR.word() + ".db");
    try (SqliteDatabase database =
        SqliteDatabase.open(file, Role.ORCHESTRATOR.word(), SqlAccounts.MIGRATIONS)) {
      Accounts accounts = new SqlAccounts(database);
      byte[] accountKey = new byte[AccountKey.BYTES];
      random.nextBytes(accountKey);
      accounts.create(
          new Accounts.Account(account, "Bench", now),
          Passwords.digest(authToken),
          new AccountKey(accountKey));
      accounts.create(new Accounts.Address(address, account, "Bench", now));
      accounts.create(new Accounts.Deployment(
          deployment,
          account,
          "Bench",
          new Accounts.Settings(
              Optional.of(address),
              new AllowedOrigins(List.of(ORIGIN, page())),
              Sensitivity.MEDIUM,
              Limits.TOKEN_TTL_DEFAULT,
              Limits.SESSION_TTL_DEFAULT,
              false),
          now,
          now));
      new SqlAgents(database)
          .create(new Agents.Agent(agent, account, now), Passwords.digest(password));
    }
  }

  /** Where a page of this shop may be, for a browser that wants to see one. */
  String page() {
    return "http://127.0.0.1:" + pagePort;
  }

  /** What the account's servers show. */
  String basic() {
    return Base64.getEncoder()
        .encodeToString((account.text() + ":" + authToken).getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
