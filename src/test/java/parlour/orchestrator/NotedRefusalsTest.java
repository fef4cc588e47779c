package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.Sid;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.conversations.GuestCredentials;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.server.ClientMark;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerShare;
import parlour.proof.Proof;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Sensitivity;
import parlour.spec.Browser;

/** The part of the ledger that a refused call uses. */
class NotedRefusalsTest {
  private static final Optional<String> NETWORK = Optional.of("cb0071");
  private static final GuestToken TOKEN = new GuestToken("v4.local.none");
  private static final Proof FORGED = new Proof("a text", "a MAC", Optional.empty());

  /** A page that is not on the list, on a browser that is otherwise good. */
  private static final String ELSEWHERE = "Host: x\r\nOrigin: https://elsewhere.example.com\r\n";

  private final List<LedgerNote> notes = new ArrayList<>();
  private final List<LedgerShare> shares = new ArrayList<>();

  private TestOrchestrator orchestrator;
  private FlexWebchatOrchestrator noted;

  @BeforeEach
  void open(@TempDir Path folder) {
    orchestrator = new TestOrchestrator(folder, Sensitivity.MEDIUM);
    orchestrator.configure(
        Sensitivity.MEDIUM, new AllowedOrigins(List.of("https://other.example.com")));
    noted = new NotedRefusals(orchestrator.service, new Ledger() {
      @Override
      public void add(LedgerNote note) {
        throw new AssertionError("a call comes from a network");
      }

      @Override
      public void add(LedgerNote note, LedgerShare share) {
        notes.add(note);
        shares.add(share);
      }
    });
  }

  @AfterEach
  void close() {
    orchestrator.close();
  }

  @Test
  void deployments_that_do_not_exist_share_one_part_of_the_ledger() {
    Sid.Deployment real = orchestrator.configuration().deployment();
    Sid.Deployment invented = Sid.Deployment.random(orchestrator.random);
    refresh(real);
    refresh(invented);
    assertThat(shares)
        .containsExactly(
            new LedgerShare(Optional.of(real), NETWORK),
            new LedgerShare(Optional.empty(), NETWORK));
    assertThat(notes.stream().map(LedgerNote::deployment))
        .as("an operator finds a wrong key of a page")
        .containsExactly(Optional.of(real), Optional.of(invented));
  }

  private void refresh(Sid.Deployment deployment) {
    assertThatThrownBy(() -> noted.refresh(deployment, TOKEN, request(Optional.empty())))
        .isInstanceOf(Problem.class);
  }

  private static BrowserRequest request(Optional<Proof> proof) {
    return new BrowserRequest(
        Browser.CHROME_ON_WINDOWS.headers()::get, (_, _) -> {}, proof, NETWORK);
  }

  private static BrowserRequest headers(Map<String, String> headers) {
    return new BrowserRequest(headers::get, (_, _) -> {}, Optional.empty(), NETWORK);
  }

  @Test
  void an_unlisted_page_uses_up_the_part_of_its_network_at_init_and_at_availability()
      throws Exception {
    String key = orchestrator.configuration().deployment().text();
    Routes routes = new Routes(Errors.PLAIN);
    FlexWebchatOrchestratorHttp.serve(noted, new SignedCalls(orchestrator.clock), routes);
    String body = "{\"deploymentKey\":\"" + key + "\"}";
    try (Listener listener = Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), marked(routes))) {
      for (String call : List.of(
          "GET /v2/Webchat/Availability?deploymentKey=" + key + " HTTP/1.1\r\n" + ELSEWHERE
              + "Connection: close\r\n\r\n",
          "POST /v2/Webchat/Init HTTP/1.1\r\n" + ELSEWHERE + "Connection: close\r\n"
              + "Content-Type: application/json\r\nContent-Length: " + body.length()
              + "\r\n\r\n" + body)) {
        assertThat(Wire.exchange(listener.port(), call)).startsWith("HTTP/1.1 403");
      }
    }
    assertThat(shares).extracting(LedgerShare::network).containsOnly(Optional.of("7f0000"));
    assertThat(shares).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void a_client_of_the_realtime_socket_is_refused_under_the_deployment_of_its_token(Realtime call) {
    orchestrator.configure(Sensitivity.HIGH, AllowedOrigins.any());
    GuestToken token = orchestrator.init(Browser.CHROME_ON_WINDOWS).token();
    Sid.Deployment deployment = orchestrator.configuration().deployment();
    assertRefused(() -> call.of(noted, token, headers(Map.of())), ErrorCode.FINGERPRINT_IMPOSSIBLE);
    orchestrator.configure(
        Sensitivity.HIGH, new AllowedOrigins(List.of("https://other.example.com")));
    Map<String, String> elsewhere = Browser.CHROME_ON_WINDOWS
        .with("Origin", "https://elsewhere.example.com")
        .headers();
    assertRefused(() -> call.of(noted, token, headers(elsewhere)), ErrorCode.ORIGIN_NOT_ALLOWED);
    assertThat(notes)
        .extracting(LedgerNote::deployment)
        .containsExactly(Optional.of(deployment), Optional.of(deployment));
    assertThat(shares).containsOnly(new LedgerShare(Optional.of(deployment), NETWORK));
  }

  @ParameterizedTest
  @EnumSource
  void a_token_of_another_installation_names_no_deployment(Realtime call, @TempDir Path other) {
    GuestToken forged;
    try (TestOrchestrator another = new TestOrchestrator(other, Sensitivity.HIGH)) {
      forged = another.init(Browser.CHROME_ON_WINDOWS).token();
    }
    assertRefused(() -> call.of(noted, forged, request(Optional.empty())), ErrorCode.TOKEN_REFUSED);
    GuestToken malformed = new GuestToken("no token");
    assertRefused(
        () -> call.of(noted, malformed, request(Optional.empty())), ErrorCode.TOKEN_REFUSED);
    assertThat(notes)
        .extracting(LedgerNote::cause)
        .containsExactly("not sealed by a key of this installation", "malformed");
    assertThat(shares).containsOnly(new LedgerShare(Optional.empty(), NETWORK));
  }

  @ParameterizedTest
  @EnumSource
  void a_realtime_socket_that_is_off_is_noted_under_the_deployment_that_refuses(Realtime call) {
    orchestrator.configure(Sensitivity.HIGH, AllowedOrigins.any());
    GuestToken token = orchestrator.init(Browser.CHROME_ON_WINDOWS).token();
    Sid.Deployment deployment = orchestrator.configuration().deployment();
    orchestrator.configure(new TokenRules(Sensitivity.HIGH, ProofRule.PREFER, false));
    assertRefused(() -> call.of(noted, token, request(Optional.empty())), ErrorCode.TOKEN_REFUSED);
    assertRefused(
        () -> noted.readmitRealtime(deployment, request(Optional.empty())),
        ErrorCode.TOKEN_REFUSED);
    assertThat(notes).extracting(LedgerNote::cause).containsOnly("the realtime socket is off");
    assertThat(notes).extracting(LedgerNote::code).containsOnly(45775);
    assertThat(shares).hasSize(2).containsOnly(new LedgerShare(Optional.of(deployment), NETWORK));
  }

  @Test
  void a_long_call_with_a_text_that_cannot_be_a_token_is_noted() {
    orchestrator.configure(Sensitivity.HIGH, AllowedOrigins.any());
    Sid.Deployment deployment = orchestrator.configuration().deployment();
    assertRefused(
        () -> noted.longCallCredentials(
            deployment, new GuestToken("no token"), request(Optional.empty())),
        ErrorCode.TOKEN_REFUSED);
    assertThat(notes).extracting(LedgerNote::cause).containsExactly("malformed");
  }

  @Test
  void a_chat_that_needs_a_key_or_an_address_is_noted() {
    orchestrator.configure(Sensitivity.MEDIUM, AllowedOrigins.any());
    orchestrator.configure(new TokenRules(Sensitivity.MEDIUM, ProofRule.REQUIRE, false));
    assertRefused(this::init, ErrorCode.MALFORMED);
    orchestrator.configureWithoutAddress();
    assertRefused(this::init, ErrorCode.NO_ADDRESS);
    assertThat(notes)
        .extracting(LedgerNote::cause)
        .containsExactly(
            "the deployment requires a session with a key", "the deployment has no address");
  }

  private void init() {
    var _ = noted.init(
        new FlexWebchatOrchestrator.ChatRequest(
            orchestrator.configuration().deployment(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        request(Optional.empty()));
  }

  /** The calls of a client that names no deployment. */
  enum Realtime {
    SOCKET,
    UPDATE,
    FILE;

    GuestCredentials of(FlexWebchatOrchestrator fwo, GuestToken token, BrowserRequest request) {
      return switch (this) {
        case SOCKET -> fwo.realtimeCredentials(token, request);
        case UPDATE -> fwo.realtimeUpdateCredentials(token, request);
        case FILE -> fwo.realtimeCallCredentials(token, request);
      };
    }
  }

  private static void assertRefused(ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  /** Marks each call with its client, as the edge does. */
  private static Handler marked(Routes routes) {
    return new Handler.Wrapper(routes) {
      @Override
      public boolean handle(Request request, Response response, Callback callback)
          throws Exception {
        ClientMark.mark(request, "7f000001");
        return super.handle(request, response, callback);
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void a_token_is_presented_with_its_network_at_every_level_and_with_any_proof(
      Sensitivity sensitivity) {
    orchestrator.configure(sensitivity, new AllowedOrigins(List.of()));
    Sid.Deployment deployment = orchestrator.configuration().deployment();
    for (Optional<Proof> proof : List.of(Optional.<Proof>empty(), Optional.of(FORGED))) {
      assertThat(List.of(
              orchestrator.service.credentials(deployment, TOKEN, request(proof)),
              orchestrator.service.socketCredentials(deployment, TOKEN, request(proof))))
          .extracting(credentials -> credentials.presented().caller())
          .containsOnly(NETWORK);
    }
  }
}
