package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.config.Role;
import parlour.spec.Installation.Shape;

/** No spelling of an internal path works from outside, and inside none works without the secret. */
@ParameterizedClass
@InBothShapes(always = true)
class InternalPathsTest {
  private static final Faults faults = new Faults();

  @AutoClose
  private static final BothShapes installations = new BothShapes(faults, Map.of());

  private final Installation installation;
  private String body = "";
  private int callsBefore;

  InternalPathsTest(Shape shape) {
    installation = installations.in(shape);
  }

  /** A request that ScopedAuthService would answer if it received it. */
  @BeforeEach
  void a_message_that_would_be_answered() {
    Map<String, String> session = new Situations(installation, faults).given("a session");
    body = """
        {"token":"%s","fingerprint":"%s","account_sid":"%s","deployment_key":"%s",\
        "revoke_on_replay":false}""".formatted(
            session.get("token"),
            session.get("fingerprint"),
            session.get("accountSid"),
            session.get("deploymentKey"));
    callsBefore = faults.calls();
  }

  @Test
  void the_message_itself_is_answered_where_it_belongs() {
    Raw.Answer answer = send(
        installation.internal(Role.SCOPED_AUTH),
        "POST /v1/ScopedAuthTokens/validate HTTP/1.1",
        "Host: inside",
        "Parlour-Internal-Secret: " + installation.internalSecret());
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json()).containsEntry("authorized", true);
    assertThat(faults.calls()).isGreaterThan(callsBefore);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/ScopedAuthTokens/validate",
        "/V1/SCOPEDAUTHTOKENS/VALIDATE",
        "//v1/ScopedAuthTokens/validate",
        "/v1//ScopedAuthTokens//validate",
        "/./v1/ScopedAuthTokens/validate",
        "/v2/../v1/ScopedAuthTokens/validate",
        "/v2/%2e%2e/v1/ScopedAuthTokens/validate",
        "/v2/.%2E/v1/ScopedAuthTokens/validate",
        "/v2/Webchat/Init/../../../v1/ScopedAuthTokens/validate",
        "/v2/Webchat/Init/..%2f..%2f..%2fv1/ScopedAuthTokens/validate",
        "/v2/Webchat/Init/..;/..;/..;/v1/ScopedAuthTokens/validate",
        "/v1/Conversations/../ScopedAuthTokens/validate",
        "/v1/Conversations/%2e%2e/ScopedAuthTokens/validate",
        "/v1/Conversations/..;/ScopedAuthTokens/validate",
        "/v1/Conversations/..%2fScopedAuthTokens/validate",
        "/v1/Conversations//../ScopedAuthTokens/validate",
        "/inbox/api/../../v1/ScopedAuthTokens/validate",
        "/inbox/api/..%2f..%2fv1/ScopedAuthTokens/validate",
        "/v1;x/ScopedAuthTokens/validate",
        "/v1/ScopedAuthTokens/validate;x=y",
        "/v1/ScopedAuthTokens;/validate",
        "/%76%31/ScopedAuthTokens/validate",
        "/v1%2fScopedAuthTokens%2fvalidate",
        "/v1/ScopedAuthTokens%2fvalidate",
        "/v1/ScopedAuthTokens/validate%00",
        "/v1/ScopedAuthTokens/validate%20",
        "/v1/ScopedAuthTokens/validate?/v2/Webchat/Init",
        "/v1/ScopedAuthTokens/validate#/v2/Webchat/Init",
        "/v1\\ScopedAuthTokens\\validate",
        "http://127.0.0.1/v1/ScopedAuthTokens/validate",
        "http://inside:8081/v1/ScopedAuthTokens/validate",
        "HTTP://INSIDE/V1/ScopedAuthTokens/validate",
        "/http://inside/v1/ScopedAuthTokens/validate",
        "v1/ScopedAuthTokens/validate",
        "*",
      })
  void no_spelling_of_a_path_leads_inside(String path) {
    for (String secret : List.of("guessed", installation.internalSecret())) {
      Raw.Answer answer = send(
          installation.edge(),
          "POST " + path + " HTTP/1.1",
          "Host: " + installation.edge().getAuthority(),
          "Parlour-Internal-Secret: " + secret);
      assertThat(answer.status()).as(answer.toString()).isIn(400, 404);
      assertThat(answer.text("code")).isEqualTo("45770");
      assertThat(answer.header("Access-Control-Allow-Origin")).contains("*");
    }
    assertThat(faults.calls()).isEqualTo(callsBefore);
  }

  @Test
  void no_other_internal_path_is_there_either() {
    String account = "/v1/Accounts/" + installation.account.text();
    for (String path : List.of(
        account + "/Tokens",
        account + "/Tokens/refresh",
        account + "/Tokens/validate",
        account + "/Conversations",
        account + "/Conversations/list",
        account + "/Conversations/counts",
        account + "/Conversations/unread",
        account + "/Conversations/of-guest",
        account + "/TeamConversations/history",
        account + "/TeamConversations/leave-all",
        account + "/Conversations/every-session",
        account + "/Conversations/erase-quiet-of-address",
        "/v1/GuestConversations/history",
        "/v1/GuestConversations/reopen",
        "/v1/GuestConversations/subscribe",
        "/v1/PushKeys/public",
        "/v1/PushKeys/sign",
        "/v1/PushRecords/of-conversation",
        "/v1/WakeUps/follow",
        "/v1/WakeUps/next",
        "/v1/ScopedAuthTokens/generate/internal",
        "/v1/ScopedAuthTokens/refresh",
        "/v1/ScopedAuthTokens/revoke",
        "/v1/ScopedAuthTokens/standing",
        "/v1/ScopedAuthTokens/sessions/conversation",
        "/v1/Ledger/entries",
        "/v1/Ledger/newest",
        "/v1/Ledger/trace",
        "/v1/Samples/store",
        "/v1/Samples/read",
        "/v1/Settings/media-url",
        "/v1/GuestSessions/find",
        "/v1/GuestSessions/page",
        "/v1/GuestSessions/revoke",
        "/v1/SealedSecrets/seal",
        "/v1/SealedSecrets/open",
        "/v1/KeyRing/list",
        "/v1/KeyRing/rotate",
        "/v1/SignalRules/read",
        "/v1/SignalRules/set",
        "/v1/Traces/0123456789ab")) {
      for (String method : List.of("GET", "POST")) {
        Raw.Answer answer = send(
            installation.edge(),
            method + " " + path + " HTTP/1.1",
            "Host: " + installation.edge().getAuthority(),
            "Parlour-Internal-Secret: " + installation.internalSecret());
        assertThat(answer.status()).as(path).isEqualTo(404);
      }
    }
    assertThat(faults.calls()).isEqualTo(callsBefore);
  }

  @Test
  void no_header_names_another_path_or_host() {
    URI inside = installation.internal(Role.SCOPED_AUTH);
    String path = "/v1/ScopedAuthTokens/validate";
    for (String header : List.of(
        "X-Original-URL: " + path,
        "X-Rewrite-URL: " + path,
        "X-Forwarded-Prefix: /v1",
        "X-Forwarded-Host: " + inside.getAuthority(),
        "Forwarded: host=" + inside.getAuthority())) {
      Raw.Answer answer = send(
          installation.edge(),
          "POST /nothing HTTP/1.1",
          "Host: " + inside.getAuthority(),
          "Parlour-Internal-Secret: " + installation.internalSecret(),
          header);
      assertThat(answer.status()).as(header).isEqualTo(404);
    }
    assertThat(faults.calls()).isEqualTo(callsBefore);
  }

  @ParameterizedTest
  @EnumSource
  void a_stranger_at_an_internal_listener_finds_nothing(Role role) {
    String account = "/v1/Accounts/" + installation.account.text();
    String secret = installation.internalSecret();
    for (String path : List.of(
        "/v1/ScopedAuthTokens/validate",
        "/v1/ScopedAuthTokens/generate/internal",
        "/v1/ScopedAuthTokens/refresh",
        "/v1/ScopedAuthTokens/revoke",
        "/v1/ScopedAuthTokens/standing",
        "/v1/Ledger/entries",
        "/v1/Ledger/trace",
        "/v1/Samples/store",
        "/v1/Samples/read",
        "/v1/GuestSessions/revoke",
        "/v1/SealedSecrets/open",
        "/v1/KeyRing/rotate",
        "/v1/SignalRules/set",
        account + "/Tokens/refresh",
        account + "/Conversations",
        account + "/Conversations/counts",
        account + "/Conversations/unread",
        account + "/Conversations/of-guest",
        account + "/TeamConversations/history",
        account + "/TeamConversations/leave-all",
        "/v2/Webchat/Init",
        "/v1/Traces/0123456789ab",
        "/nothing")) {
      for (String said : List.of(
          "X-Nothing: said",
          "Parlour-Internal-Secret:",
          "Parlour-Internal-Secret: guessed",
          "Parlour-Internal-Secret: " + secret.substring(1),
          "Parlour-Internal-Secret: " + secret + "0",
          "Parlour-Internal-Secret: guessed\nParlour-Internal-Secret: " + secret)) {
        Raw.Answer answer =
            send(installation.internal(role), "POST " + path + " HTTP/1.1", "Host: inside", said);
        assertThat(answer.status()).as(path + " " + said).isEqualTo(404);
        assertThat(answer.text("code")).isEqualTo("45770");
        assertThat(answer.header("Parlour-Trace")).isEmpty();
      }
    }
    assertThat(faults.calls()).isEqualTo(callsBefore);
  }

  /** The edge is what browsers reach: it adds entries to the ledger, and cannot read any. */
  @Test
  void an_orchestrator_apart_from_the_ledger_takes_entries_and_lets_nobody_read() {
    URI orchestrator = installation.internal(Role.ORCHESTRATOR);
    boolean isApart = !orchestrator.equals(installation.internal(Role.SCOPED_AUTH));
    body = """
        {"entries":[]}""";
    assertThat(sendInside(orchestrator, "/v1/Ledger/entries").status()).isEqualTo(200);
    body = """
        {"digits":"00000000"}""";
    assertThat(sendInside(installation.internal(Role.SCOPED_AUTH), "/v1/Ledger/trace")
            .status())
        .isEqualTo(200);
    assertThat(sendInside(orchestrator, "/v1/Ledger/trace").status())
        .isEqualTo(isApart ? 404 : 200);
    body = """
        {"samples":[]}""";
    assertThat(sendInside(orchestrator, "/v1/Samples/store").status()).isEqualTo(200);
    body = """
        {"span":"hour","now":"2026-01-01T00:00:00Z"}""";
    assertThat(sendInside(installation.internal(Role.SCOPED_AUTH), "/v1/Samples/read")
            .status())
        .isEqualTo(200);
    assertThat(sendInside(orchestrator, "/v1/Samples/read").status())
        .isEqualTo(isApart ? 404 : 200);
  }

  private Raw.Answer sendInside(URI to, String path) {
    return send(
        to,
        "POST " + path + " HTTP/1.1",
        "Host: inside",
        "Parlour-Internal-Secret: " + installation.internalSecret());
  }

  private Raw.Answer send(URI to, String... head) {
    return Raw.send(
        to,
        String.join("\n", head) + "\nContent-Type: application/json\nContent-Length: "
            + body.length(),
        body);
  }
}
