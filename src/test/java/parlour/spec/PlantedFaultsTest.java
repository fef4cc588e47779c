package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.DiagramTest.drawn;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Sid;
import parlour.federatedauth.FederatedAuth;
import parlour.federatedauth.NewGuest;
import parlour.federatedauth.Outcome;
import parlour.federatedauth.Refusal;
import parlour.federatedauth.Validity;
import parlour.process.ServiceDecorators;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Guest;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;
import parlour.scopedauth.NewSession;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.RefusedToken;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Session;
import parlour.scopedauth.TestGuests;
import parlour.scopedauth.TokenAudience;
import parlour.scopedauth.TokenGeneration;
import parlour.scopedauth.Verdict;
import parlour.spec.Installation.Shape;
import parlour.trace.Diagram;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/** Tests the tests: each planted fault is found, and at the right arrow. */
class PlantedFaultsTest {
  private static final String OTHER_BROWSER = "good token, other fingerprint";
  private static final String BAD_TOKEN = "token refused";

  @ParameterizedTest
  @InBothShapes(always = true)
  void a_system_without_a_fault_differs_in_nothing(Shape shape) {
    assertThat(differences(shape, ServiceDecorators.NONE, OTHER_BROWSER)).isEmpty();
    assertThat(differences(shape, ServiceDecorators.NONE, BAD_TOKEN)).isEmpty();
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void swapped_codes_are_noticed_at_the_arrows_that_carry_them(Shape shape) {
    var swapping = new ServiceDecorators() {
      @Override
      public FederatedAuth federatedAuth(FederatedAuth federatedAuth) {
        return new SwappedCodes(federatedAuth);
      }
    };
    assertThat(differences(shape, swapping, OTHER_BROWSER))
        .satisfiesExactly(
            arrow10 -> assertThat(arrow10).startsWith("arrow 10:").contains("45775"),
            arrow11 -> assertThat(arrow11).startsWith("arrow 11:").contains("401"));
    assertThat(differences(shape, swapping, BAD_TOKEN))
        .satisfiesExactly(
            arrow14 -> assertThat(arrow14).startsWith("arrow 14:").contains("45779"),
            arrow15 -> assertThat(arrow15).startsWith("arrow 15:").contains("403"));
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void a_skipped_hop_is_noticed_where_it_should_have_been(Shape shape) {
    var skipping = new ServiceDecorators() {
      @Override
      public FederatedAuth federatedAuth(FederatedAuth federatedAuth) {
        return new WithoutAsking(federatedAuth);
      }
    };
    assertThat(differences(shape, skipping, BAD_TOKEN)).first().asString().startsWith("arrow 7:");
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void a_fingerprint_checked_before_the_token_is_noticed(Shape shape) {
    var fingerprintFirst = new ServiceDecorators() {
      @Override
      public ScopedAuth scopedAuth(ScopedAuth scopedAuth) {
        return new FingerprintFirst(scopedAuth);
      }
    };
    assertThat(differences(shape, fingerprintFirst, BAD_TOKEN))
        .satisfiesExactly(
            arrow12 -> assertThat(arrow12).startsWith("arrow 12:"),
            arrow13 -> assertThat(arrow13)
                .startsWith("arrow 13:")
                .contains("seen \"SAS->>FAS: 200 {authorized: false,"
                    + " message: fingerprint_validation_failed}\""),
            arrow14 -> assertThat(arrow14).startsWith("arrow 14:"),
            arrow15 -> assertThat(arrow15).startsWith("arrow 15:"));
  }

  @ParameterizedTest
  @InBothShapes(always = true)
  void the_right_arrows_in_the_wrong_order_are_noticed(Shape shape) {
    var hasty = new ServiceDecorators() {
      @Override
      public ScopedAuth scopedAuth(ScopedAuth scopedAuth) {
        return new SealsBeforeItChecks(scopedAuth);
      }
    };
    try (Installation installation = Installation.start(shape, hasty)) {
      parlour.spec.Guest.Reply reply = installation.guest().starts().reloads();
      Diagram seen = installation.trace(reply.traceId());
      Diagram drawn = drawn("refresh-succeeded").seenByServers();

      assertThat(lines(seen)).containsExactlyInAnyOrderElementsOf(lines(drawn));
      assertThat(drawn.differences(seen)).first().asString().startsWith("arrow 8:");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create-session    | ''",
        "refresh-succeeded | ''",
        "refresh-failed    | good token, other fingerprint",
        "refresh-failed    | token refused",
      })
  void a_drawing_with_one_arrow_less_or_two_exchanged_differs(String name, String alternative) {
    Diagram whole = alternative.isEmpty() ? drawn(name) : drawn(name).alternative(alternative);
    Diagram drawn = whole.seenByServers();
    assertThat(drawn.arrows()).hasSizeGreaterThan(9);
    for (int i = 0; i < drawn.arrows().size(); i++) {
      List<Diagram.Numbered> fewer = new ArrayList<>(drawn.arrows());
      Diagram.Numbered missing = fewer.remove(i);
      assertThat(new Diagram(fewer).differences(drawn))
          .as("without %s", missing)
          .isNotEmpty();
      assertThat(drawn.differences(new Diagram(fewer)))
          .as("%s did not happen", missing)
          .first()
          .asString()
          .startsWith("arrow %d:".formatted(missing.number()));
    }
    for (int i = 1; i < drawn.arrows().size(); i++) {
      List<Diagram.Numbered> exchanged = new ArrayList<>(drawn.arrows());
      Collections.swap(exchanged, i - 1, i);
      assertThat(drawn.differences(new Diagram(exchanged)))
          .first()
          .asString()
          .startsWith("arrow %d:".formatted(drawn.arrows().get(i - 1).number()));
    }
  }

  @Test
  void an_edge_that_lets_everyone_read_is_noticed_by_the_golden_files() {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS);
        StandIn careless = StandIn.at(0, exchange -> forward(installation.edge(), exchange))) {
      Map<String, String> chat = Situations.chat(installation);
      WireFile refresh = WireFile.named("refresh");
      assertThat(
              refresh.differences(refresh.send(careless.address(), chat, Optional.empty()), chat))
          .containsExactly(
              "Access-Control-Allow-Origin: drawn \"https://shop.example.com\", seen \"*\"");
    }
  }

  /** The differences that the comparison finds for a refusal, in a system with these decorators. */
  private static List<String> differences(
      Shape shape, ServiceDecorators decorators, String alternative) {
    try (Installation installation = Installation.start(shape, decorators)) {
      parlour.spec.Guest thief = installation.guest().starts().copiedTo(Browser.FIREFOX_ON_LINUX);
      if (alternative.equals(BAD_TOKEN)) {
        installation.clock.pass(Duration.ofHours(7));
      }
      Diagram seen = installation.trace(thief.reloads().traceId());
      return drawn("refresh-failed").alternative(alternative).seenByServers().differences(seen);
    }
  }

  private static List<String> lines(Diagram diagram) {
    return diagram.arrows().stream().map(numbered -> numbered.arrow().line()).toList();
  }

  /** An edge that overwrites the orchestrator's decision. */
  private static void forward(URI edge, HttpExchange exchange) throws IOException {
    HttpRequest.Builder request = Http.request(edge.resolve(exchange.getRequestURI()));
    List<String> ofTheConnection = List.of("Host", "Connection", "Content-length");
    exchange.getRequestHeaders().forEach((name, values) -> {
      if (!ofTheConnection.contains(name)) {
        request.setHeader(name, values.getFirst());
      }
    });
    HttpResponse<String> response = Http.send(request
        .POST(HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
        .build());
    response.headers().map().forEach((name, values) -> {
      if (!name.equals("content-length")) {
        exchange.getResponseHeaders().put(name, values);
      }
    });
    exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
    byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(response.statusCode(), body.length);
    exchange.getResponseBody().write(body);
  }

  /** Swaps the refusals: a stolen token is reported as invalid, an invalid one as stolen. */
  private record SwappedCodes(FederatedAuth door) implements FederatedAuth {

    @Override
    public Outcome.Issued create(NewGuest guest) {
      return door.create(guest);
    }

    @Override
    public Outcome refresh(Audience audience, Presented presented, Duration tokenTtl) {
      return switch (door.refresh(audience, presented, tokenTtl)) {
        case Outcome.Issued issued -> issued;
        case Outcome.Refused(Refusal refusal) ->
          new Outcome.Refused(
              switch (refusal) {
                case FINGERPRINT -> Refusal.TOKEN;
                case TOKEN -> Refusal.FINGERPRINT;
              });
      };
    }

    @Override
    public Optional<TokenAudience> audienceOf(GuestToken token) {
      return door.audienceOf(token);
    }

    @Override
    public Validity validate(Audience audience, Presented presented) {
      return door.validate(audience, presented);
    }
  }

  /** Refuses without calling the next service. */
  private record WithoutAsking(FederatedAuth door) implements FederatedAuth {

    @Override
    public Outcome.Issued create(NewGuest guest) {
      return door.create(guest);
    }

    @Override
    public Outcome refresh(Audience audience, Presented presented, Duration tokenTtl) {
      return new Outcome.Refused(Refusal.TOKEN);
    }

    @Override
    public Optional<TokenAudience> audienceOf(GuestToken token) {
      return door.audienceOf(token);
    }

    @Override
    public Validity validate(Audience audience, Presented presented) {
      return new Validity.Refused(Refusal.TOKEN);
    }
  }

  /** Compares the fingerprint first, and so reveals that an expired token was genuine. */
  private static final class FingerprintFirst extends Passing {
    private @Nullable String bound;

    FingerprintFirst(ScopedAuth scopedAuth) {
      super(scopedAuth);
    }

    @Override
    public IssuedToken generate(NewSession session) {
      bound = session.fingerprint().text();
      return super.generate(session);
    }

    @Override
    public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
      if (!presented.fingerprint().text().equals(bound)) {
        Trace.current()
            .action(
                Lifeline.SAS,
                "checks the token: good, then the fingerprint: differs",
                "without a look at the token");
        return new Verdict.Refused(Verdict.Failure.FINGERPRINT_VALIDATION_FAILED);
      }
      return super.validate(presented, audience, purpose);
    }
  }

  /** Issues the next token before it has validated the last one. */
  private static final class SealsBeforeItChecks extends Passing {
    private final Map<Sid.Deployment, IssuedToken> sealed = new HashMap<>();
    private @Nullable NewSession opened;

    SealsBeforeItChecks(ScopedAuth scopedAuth) {
      super(scopedAuth);
    }

    @Override
    public IssuedToken generate(NewSession session) {
      opened = session;
      return super.generate(session);
    }

    @Override
    public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
      NewSession session = Objects.requireNonNull(opened);
      var guest = TestGuests.guest(
          session.owner(),
          new TokenGeneration(new Sid.Session("GS" + "0".repeat(32)), new Generation(1)),
          Instant.now().plusSeconds(600),
          Instant.now().plusSeconds(600));
      sealed.put(
          guest.deployment(),
          super.generate(guest, presented.fingerprint(), Duration.ofMinutes(5)));
      return super.validate(presented, audience, purpose);
    }

    @Override
    public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
      return Objects.requireNonNull(sealed.get(guest.deployment()));
    }
  }

  private abstract static class Passing implements ScopedAuth {
    private final ScopedAuth scopedAuth;

    Passing(ScopedAuth scopedAuth) {
      this.scopedAuth = scopedAuth;
    }

    @Override
    public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
      return scopedAuth.validate(presented, audience, purpose);
    }

    @Override
    public IssuedToken generate(NewSession session) {
      return scopedAuth.generate(session);
    }

    @Override
    public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
      return scopedAuth.generate(guest, fingerprint, tokenTtl);
    }

    @Override
    public Optional<TokenAudience> audienceOf(GuestToken token) {
      return scopedAuth.audienceOf(token);
    }

    @Override
    public boolean revoke(Sid.Session session, String why) {
      return scopedAuth.revoke(session, why);
    }

    @Override
    public int revokeAllOf(Sid.Conversation conversation, String why) {
      return scopedAuth.revokeAllOf(conversation, why);
    }

    @Override
    public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
      return scopedAuth.superseded(generations);
    }

    @Override
    public List<Revocation> revokedAfter(Revocation revocation) {
      return scopedAuth.revokedAfter(revocation);
    }

    @Override
    public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
      return scopedAuth.refusedSince(account, since);
    }

    @Override
    public boolean isLive(Sid.Session session) {
      return scopedAuth.isLive(session);
    }

    @Override
    public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
      return scopedAuth.sessionsOf(conversations);
    }

    @Override
    public List<Session> everySessionOf(Sid.Conversation conversation) {
      return scopedAuth.everySessionOf(conversation);
    }
  }
}
