package parlour.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.SqlAccounts;
import parlour.accounts.TokenRules;
import parlour.errors.Errors;
import parlour.events.LocalEventBus;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerQuery;
import parlour.ledger.LedgerStore;
import parlour.samples.History;
import parlour.samples.Sample;
import parlour.samples.SampleStore;
import parlour.samples.Span;
import parlour.scopedauth.GuestSessions;
import parlour.scopedauth.KeyRing;
import parlour.scopedauth.ListedKey;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Session;
import parlour.scopedauth.SessionPage;
import parlour.scopedauth.SessionQuery;
import parlour.store.ForwardingDatabase;
import parlour.store.InMemoryDatabase;
import parlour.trace.Traces;

/** The endpoints of the console, with an admin who is signed in. */
class ConsoleHttpTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  private static final SecureRandom random = new SecureRandom();

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Deployment deployment = Sid.Deployment.random(random);

  @AutoClose
  private final InMemoryDatabase database = new InMemoryDatabase(SqlAccounts.SCHEMA);

  /** How often the store of accounts and deployments was read. */
  private final AtomicInteger reads = new AtomicInteger();

  private final SqlAccounts accounts = new SqlAccounts(new Counted());

  /** The change of somebody else, just before each change of the console. */
  private Runnable rival = () -> {};

  /** The ledger's answer. */
  private Supplier<List<LedgerEntry>> entries = List::of;

  @AutoClose
  private final HttpClient browser = HttpClient.newHttpClient();

  @AutoClose
  private final Listener listener =
      Listener.start(Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), routes());

  private Routes routes() {
    Routes routes = new Routes(Errors.PLAIN);
    new ConsoleHttp(
            new SignedIn(),
            accounts,
            new NoWebhooks(),
            new NoKeys(),
            new Answering(),
            new NoSessions(),
            new NoSamples(),
            new Traces(),
            Ledger.NONE,
            new LocalEventBus(Duration.ofSeconds(1)),
            Optional.empty(),
            InstantSource.fixed(NOW))
        .serve(List.of(routes));
    return routes;
  }

  /** An installation that has just started. */
  private static final class NoSamples implements SampleStore {
    @Override
    public void store(List<Sample> samples) {}

    @Override
    public History read(Span span, Instant now) {
      return new History(now, Map.of());
    }
  }

  @BeforeEach
  void createDeployments() {
    create(account, deployment);
    create(Sid.Account.random(random), Sid.Deployment.random(random));
    reads.set(0);
  }

  private void create(Sid.Account owner, Sid.Deployment key) {
    accounts.create(
        new Accounts.Account(owner, "Shop", NOW),
        new byte[32],
        new AccountKey(new byte[AccountKey.BYTES]));
    accounts.create(new Accounts.Deployment(
        key,
        owner,
        "Shop",
        new Accounts.Settings(
            Optional.empty(),
            new AllowedOrigins(List.of()),
            new TokenRules(Sensitivity.MEDIUM, ProofRule.PREFER, false),
            Lifetimes.ofTokens(Duration.ofHours(1))),
        NOW,
        NOW));
  }

  @Test
  void a_change_that_others_overtake_at_every_attempt_is_a_conflict_and_not_an_outage() {
    SqlAccounts others = new SqlAccounts(database);
    rival =
        () -> others.create(new Accounts.Address(Sid.Address.random(random), account, "Desk", NOW));
    HttpResponse<String> answer = post(
        "/origins",
        "{\"deployment_key\":\"%s\",\"origin\":\"https://a.example.com\"}"
            .formatted(deployment.text()));
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("\"code\":45809", "\"allowed_origins\":[]");
  }

  @Test
  void a_search_beside_the_one_of_somebody_else_says_so_and_when_to_try_again() {
    entries = () -> {
      throw new TooManyRequests("the reads of the ledger", Limits.RETRY_AFTER);
    };
    HttpResponse<String> answer = get("/ledger");
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("Retry-After")).contains("2");
    assertThat(answer.body())
        .contains("\"code\":45780", "Another search of the refusals is running. Try again");
  }

  @Test
  void a_list_of_sessions_during_another_one_says_so_and_when_to_retry() {
    HttpResponse<String> answer = get("/sessions/list?deployment=" + deployment.text());
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("Retry-After")).contains("2");
    assertThat(answer.body()).contains("Another search of the sessions is running.");
  }

  @Test
  void a_call_reads_the_deployments_once() {
    entries = () -> List.of(new LedgerEntry(
        NOW,
        1,
        TRACE,
        LedgerNote.of(LedgerNote.PAGE_REFUSED, "the page's origin is not on the list")
            .refusedBy(45772)
            .ofGuest(Optional.empty(), Optional.of(deployment))
            .from(Optional.of("https://shop.example.com")),
        0));
    assertThat(readsOf("/ledger")).as("the accounts and the deployments").isEqualTo(2);
    assertThat(readsOf("/ledger?deployment=" + deployment.text())).isEqualTo(1);
    assertThat(readsOf("/traces/" + TRACE)).isEqualTo(2);
    assertThat(readsOf("/deployments")).isEqualTo(1);
    assertThat(readsOf("/sessions/live?deployment=" + deployment.text())).isEqualTo(1);
  }

  @Test
  void an_admin_finds_an_outage_by_its_reference_and_no_refusal_of_another_account() {
    LedgerNote outage =
        LedgerNote.of(LedgerNote.OUTAGE, "Conversations did not answer").refusedBy(45773);
    entries = () -> List.of(
        new LedgerEntry(NOW, 1, TRACE, outage, 0),
        new LedgerEntry(
            NOW,
            2,
            TRACE,
            LedgerNote.of(LedgerNote.GUEST_REFUSED, "expired")
                .refusedBy(45775)
                .ofGuest(Optional.empty(), Optional.of(Sid.Deployment.random(new SecureRandom()))),
            0));
    HttpResponse<String> answer = get("/traces/" + TRACE);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("45773", "Conversations did not answer", "\"is_recorded\":false")
        .doesNotContain("45775", "expired");
  }

  private int readsOf(String path) {
    reads.set(0);
    assertThat(get(path).statusCode()).as(path).isEqualTo(200);
    return reads.get();
  }

  private HttpResponse<String> get(String path) {
    return send(path, HttpRequest.Builder::GET);
  }

  private HttpResponse<String> post(String path, String json) {
    return send(
        path,
        call -> call.header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private HttpResponse<String> send(String path, UnaryOperator<HttpRequest.Builder> method) {
    URI uri = URI.create("http://127.0.0.1:" + listener.port() + ConsoleHttp.API + path);
    try {
      return browser.send(
          method.apply(HttpRequest.newBuilder(uri)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private final class SignedIn implements Admins {
    @Override
    public Endpoint reading(BiFunction<Admin, ApiRequest, ApiResponse> endpoint) {
      return call -> endpoint.apply(new Admin("ann", account), call);
    }

    @Override
    public Endpoint changing(BiFunction<Admin, ApiRequest, ApiResponse> endpoint) {
      return reading(endpoint);
    }
  }

  private static final class NoWebhooks implements AccountWebhooks {
    @Override
    public List<Webhook> of(Sid.Account ofAccount) {
      return List.of();
    }

    @Override
    public Optional<Tested> test(Sid.Account ofAccount, Sid.Address address) {
      throw new TooManyRequests("the tests of webhooks", Limits.RETRY_AFTER);
    }

    @Override
    public Optional<Again> deliverAgain(Sid.Account ofAccount, Sid.Address address) {
      return Optional.empty();
    }
  }

  private static final class NoKeys implements KeyRing {
    @Override
    public List<ListedKey> list() {
      return List.of();
    }

    @Override
    public boolean rotate(String newest) {
      return false;
    }
  }

  private final class Answering implements LedgerStore {
    @Override
    public void store(List<LedgerEntry> more) {
      throw new AssertionError("the console stores nothing itself");
    }

    @Override
    public List<LedgerEntry> newest(LedgerQuery query) {
      return entries.get();
    }

    @Override
    public List<LedgerEntry> ofTrace(String digits) {
      return entries.get();
    }
  }

  private static final class NoSessions implements GuestSessions {
    @Override
    public Optional<Session> find(Sid.Session session) {
      return Optional.empty();
    }

    @Override
    public Optional<Session> newestOf(Sid.Conversation conversation) {
      return Optional.empty();
    }

    @Override
    public SessionPage page(SessionQuery query) {
      throw new TooManyRequests("the searches of sessions", Limits.RETRY_AFTER);
    }

    @Override
    public long countLive(Sid.Deployment ofDeployment) {
      return 0;
    }

    @Override
    public boolean revoke(Sid.Session session, String why) {
      return false;
    }

    @Override
    public int end(Sid.Deployment ofDeployment, String why) {
      return 0;
    }
  }

  private final class Counted extends ForwardingDatabase {
    Counted() {
      super(ConsoleHttpTest.this.database);
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
      reads.incrementAndGet();
      return database.read(work);
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
      rival.run();
      return database.write(work);
    }
  }
}
