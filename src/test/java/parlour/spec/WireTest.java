package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Sid;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.conversations.GuestCredentials;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.federatedauth.Outcome;
import parlour.http.Header;
import parlour.http.json.Json;
import parlour.http.server.BodyDeadline;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.server.Routes;
import parlour.media.FakeClamd;
import parlour.metrics.Metrics;
import parlour.oidc.FakeProvider;
import parlour.orchestrator.BrowserRequest;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.orchestrator.FlexWebchatOrchestratorHttp;
import parlour.orchestrator.SignedCalls;
import parlour.process.ServiceDecorators;
import parlour.rates.RateLimiter;
import parlour.scopedauth.GuestToken;
import parlour.spec.Installation.Shape;
import parlour.starship.FilesHost;
import parlour.starship.NotedOutages;
import parlour.starship.Starship;
import parlour.trace.Traces;

/** Every message of the contract, to the letter: what docs/wire shows is sent, and answered. */
class WireTest {
  private static final Faults faults = new Faults();

  @AutoClose
  private static final FakeClamd clamd = new FakeClamd();

  @AutoClose
  private static final BothShapes installations = new BothShapes(
      faults, Map.of(Setting.CLAMAV_ADDRESS, "127.0.0.1:" + clamd.address().getPort()));

  @AutoClose
  private static final FakeProvider provider = new FakeProvider();

  @AutoClose
  private static final BothShapes withProvider =
      new BothShapes(ServiceDecorators.NONE, ProviderBrowser.settings(provider));

  static Stream<Arguments> every_file_in_both_shapes() {
    return WireFile.all().stream()
        .flatMap(file -> Shape.BOTH.stream().map(shape -> Arguments.of(file, shape)));
  }

  @ParameterizedTest
  @MethodSource("every_file_in_both_shapes")
  void the_answer_is_the_one_that_is_drawn(WireFile file, Shape shape) {
    String given = file.note("given").orElse("a deployment");
    if (ProviderSituations.ALL.contains(given)) {
      Installation installation = withProvider.in(shape);
      Map<String, String> values = new ProviderSituations(installation, provider).given(given);
      Raw.Answer answer = send(file, installation, values, Optional.empty());
      assertThat(file.differences(answer, values)).as("%s", file).isEmpty();
      return;
    }
    Installation installation = installations.in(shape);
    try {
      Situations situations = new Situations(installation, faults);
      Map<String, String> values = situations.given(given);
      Raw.Answer answer = send(file, installation, values, situations.key());
      assertThat(file.differences(answer, values)).as("%s", file).isEmpty();
    } finally {
      faults.repair();
    }
  }

  private static Raw.Answer send(
      WireFile file,
      Installation installation,
      Map<String, String> values,
      Optional<GuestKey> key) {
    String to = file.note("to").orElse("starship");
    if (to.equals("an edge without patience")) {
      try (Listener impatient = edgeWithoutPatience()) {
        return file.send(URI.create("http://127.0.0.1:" + impatient.port()), values, key);
      }
    }
    Role role = Role.of(to).orElseThrow();
    return file.send(
        role == Role.STARSHIP ? installation.edge() : installation.internal(role), values, key);
  }

  private static Listener edgeWithoutPatience() {
    Routes routes =
        new Routes(Errors.PLAIN, new BodyDeadline(Duration.ofMillis(200), Duration.ofMillis(200)));
    FlexWebchatOrchestratorHttp.serve(
        new NeverAsked(), new SignedCalls(InstantSource.system()), routes);
    return Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
        new Starship(
            routes,
            new FilesHost(Optional.empty()),
            Proxies.NONE,
            RateLimiter.UNLIMITED,
            new Traces(),
            new Metrics(),
            NotedOutages.NONE,
            InstantSource.system()));
  }

  private static final class NeverAsked implements FlexWebchatOrchestrator {
    @Override
    public Chat init(ChatRequest chat, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public Availability availability(Sid.Deployment deployment, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public Outcome refresh(Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public GuestCredentials credentials(
        Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public GuestCredentials longCallCredentials(
        Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public GuestCredentials socketCredentials(
        Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public GuestCredentials realtimeCredentials(GuestToken token, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public GuestCredentials realtimeUpdateCredentials(GuestToken token, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public GuestCredentials realtimeCallCredentials(GuestToken token, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public void readmitRealtime(Sid.Deployment deployment, BrowserRequest request) {
      throw new AssertionError();
    }

    @Override
    public void readmit(Sid.Deployment deployment, BrowserRequest request) {
      throw new AssertionError();
    }
  }

  @Test
  void every_error_has_an_example_with_its_status_code_action_and_place_in_the_docs() {
    Set<ErrorCode> shown = EnumSet.noneOf(ErrorCode.class);
    for (WireFile file : WireFile.all()) {
      assertThat(file.note("error").isPresent())
          .as("%s: error", file)
          .isEqualTo(file.status() > 399);
      file.note("error").map(ErrorCode::valueOf).ifPresent(error -> {
        shown.add(error);
        Map<String, ?> body = Json.object(file.body()).orElseThrow();
        assertThat(file.status()).as("%s", file).isEqualTo(error.status());
        assertThat(body.get("status")).as("%s", file).isEqualTo((long) error.status());
        assertThat(body.get("code")).as("%s", file).isEqualTo((long) error.code());
        assertThat(body.get("action")).as("%s", file).isEqualTo(error.action());
        assertThat(body.get("more_info")).as("%s", file).isEqualTo(error.moreInfo());
      });
    }
    assertThat(shown).containsExactlyInAnyOrder(ErrorCode.values());
  }

  /** Arrows 10 and 11, 14 and 15: code and message pass through unchanged. */
  @Test
  void the_browser_gets_the_result_code_of_FederatedAuth() {
    for (String why : List.of("fingerprint", "token")) {
      Map<String, ?> inside =
          Json.object(WireFile.named("tokens-refresh-refused-" + why).body()).orElseThrow();
      Map<String, ?> outside =
          Json.object(WireFile.named("refresh-refused-" + why).body()).orElseThrow();
      for (String member : List.of("valid", "code", "message")) {
        assertThat(outside.get(member)).isEqualTo(inside.get(member)).isNotNull();
      }
    }
  }

  @Test
  void the_comparison_sees_what_differs() {
    WireFile drawn = WireFile.parse("drawn", """
        # given: nothing

        GET / HTTP/1.1

        HTTP/1.1 200 OK
        Content-Type: application/json

        {"a": "{{traceId}}", "b": null, "c": [1, 2], "d": {"e": "x {{seconds}} y"}}
        """);
    List<Header> json = List.of(new Header("Content-Type", "application/json"));

    assertThat(drawn.differences(
            new Raw.Answer(
                200,
                json,
                "{\"a\":\"0123456789ab\",\"b\":null,\"c\":[1,2],\"d\":{\"e\":\"x 7 y\"}}"),
            Map.of()))
        .isEmpty();
    assertThat(drawn.differences(
            new Raw.Answer(
                201,
                List.of(new Header("Vary", "Origin")),
                "{\"a\":\"0123456789aX\",\"c\":[1,3],\"d\":{\"e\":\"x y\",\"f\":1}}"),
            Map.of()))
        .containsExactly(
            "status: drawn 200, seen 201",
            "Content-Type: drawn \"application/json\", seen nothing",
            "Vary: drawn nothing, seen \"Origin\"",
            "body.a: drawn \"{{traceId}}\", seen \"0123456789aX\"",
            "body.b: drawn, not seen",
            "body.c[1]: drawn 2, seen 3",
            "body.d.e: drawn \"x {{seconds}} y\", seen \"x y\"",
            "body.d.f: seen, not drawn");
    assertThat(drawn.differences(
            new Raw.Answer(
                200, json, "{\"a\":\"0123456789ab\",\"b\":1,\"c\":[1,2],\"d\":{\"e\":\"x 7 y\"}}"),
            Map.of("traceId", "ffffffffffff")))
        .hasSize(2);
  }
}
