package parlour.orchestrator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import parlour.Identity;
import parlour.accounts.CachedDirectory;
import parlour.accounts.Configuration;
import parlour.accounts.Directory;
import parlour.accounts.SqlAccounts;
import parlour.bench.Guest;
import parlour.bench.Shop;
import parlour.config.Role;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.orchestrator.FlexWebchatOrchestratorHttp.RefreshAnswer;
import parlour.scopedauth.Fingerprint;
import parlour.store.SqliteDatabase;

/**
 * The parts of the orchestrator's work for one refresh, each by itself: reading the request,
 * looking up the configuration, making the fingerprint, writing the answer.
 */
@State(Scope.Benchmark)
public class RefreshBenchmark {
  private final FingerprintMaker fingerprints = new FingerprintMaker(new UserAgents());
  private final BrowserRequest browser =
      new BrowserRequest(Guest::header, (name, value) -> {}, Optional.empty(), Optional.empty());
  private Shop shop;
  private SqliteDatabase database;
  private Directory stored;
  private Directory held;
  private Configuration configuration;
  private RefreshAnswer answer;
  private byte[] request;

  @Setup
  public void open() throws IOException {
    shop = Shop.open();
    database = SqliteDatabase.open(
        shop.folder().resolve(Role.ORCHESTRATOR.word() + ".db"), SqlAccounts.SCHEMA);
    stored = new SqlAccounts(database);
    held = new CachedDirectory(new SqlAccounts(database));
    configuration = configurationIn(stored);
    String token = "plr1." + "0123456789abcdef_-".repeat(47); // as long as one is
    answer = new RefreshAnswer(
        true,
        token,
        "2026-01-01T06:00:00Z",
        new Identity("guest_" + "0123456789abcdef".repeat(2) + "_" + "0123456789abcdef".repeat(2)),
        "CH" + "0123456789abcdef".repeat(2));
    request = """
        {"deploymentKey":"%s","token":"%s"}""".formatted(shop.deployment().text(), token).getBytes(StandardCharsets.UTF_8);
  }

  @TearDown
  public void close() throws IOException {
    database.close();
    shop.close();
  }

  @Benchmark
  public int readRequest() {
    RequestFields fields = RequestFields.ofJson(request);
    return fields.required("deploymentKey").length() + fields.required("token").length();
  }

  @Benchmark
  public ApiResponse writeAnswer() {
    return ApiResponse.json(200, answer);
  }

  /** Arrows 4 and 5, as they are nearly always. */
  @Benchmark
  public Configuration lookUpConfiguration() {
    return configurationIn(held);
  }

  /** And when they are asked of the store. */
  @Benchmark
  public Configuration readConfiguration() {
    return configurationIn(stored);
  }

  @Benchmark
  public Fingerprint makeFingerprint() {
    return fingerprints.make(browser, configuration);
  }

  private Configuration configurationIn(Directory directory) {
    return directory
        .accountOf(shop.deployment())
        .flatMap(account -> directory.configurationOf(account, shop.deployment()))
        .orElseThrow();
  }
}
