package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Invalid requests of a browser, and their answers. */
@ParameterizedClass
@InBothShapes
class BadInputTest {
  private static final String REFRESH = "/v2/Webchat/Token/Refresh";
  private static final String INIT = "/v2/Webchat/Init";

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;
  private final String key;

  BadInputTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest();
    key = installation.deployment.text();
  }

  // ---- bodies

  @Test
  void a_body_over_the_limit_is_too_large() {
    String body = "{\"deploymentKey\":\"%s\",\"rest\":\"%s\"}"
        .formatted(key, "x".repeat(Limits.WEBCHAT_BODY));
    assertRefused(guest.post(INIT, body), 413, 45770, "*");
    assertRefused(guest.post(REFRESH, body), 413, 45770, "*");
  }

  @Test
  void the_longest_body_is_accepted_and_a_longer_one_is_refused() {
    String start = "{\"deploymentKey\":\"%s\",\"rest\":\"".formatted(key);
    String body = start + "x".repeat(Limits.WEBCHAT_BODY - start.length() - 2) + "\"}";
    assertThat(body).hasSize(Limits.WEBCHAT_BODY);
    assertThat(guest.post(INIT, body).status()).isEqualTo(201);
    assertRefused(guest.post(INIT, body + " "), 413, 45770, "*");
  }

  @Test
  void a_refresh_needs_less_and_is_given_less() {
    String start = "{\"deploymentKey\":\"%s\",\"token\":\"".formatted(key);
    String body = start + "x".repeat(Limits.SMALL_BODY - start.length() - 2) + "\"}";
    assertThat(guest.post(REFRESH, body).status()).isEqualTo(401);
    assertRefused(guest.post(REFRESH, body + " "), 413, 45770, "*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"deploymentKey\":",
        "{\"deploymentKey\":\"CV",
        "[]",
        "null",
        "\"text\"",
        "{}{}",
        "{'deploymentKey':'CV'}",
        "{\"deploymentKey\":\"CV\",}",
        "deploymentKey=CV",
      })
  void a_body_other_than_a_JSON_object_is_malformed(String body) {
    assertRefused(guest.post(REFRESH, body), 400, 45770, "*");
    assertRefused(guest.post(INIT, body), 400, 45770, "*");
  }

  @Test
  void malformed_JSON_is_not_quoted_back() {
    Reply reply = guest.post(REFRESH, "{\"token\":\"plr1.secret\" oops}");
    assertRefused(reply, 400, 45770, "*");
    assertThat(reply.response().body()).doesNotContain("secret").doesNotContain("oops");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=iso-8859-1",
        "application/jsonp",
      })
  void another_content_type_is_unsupported(String type) {
    String body = "{\"deploymentKey\":\"%s\"}".formatted(key);
    assertRefused(guest.post(INIT, body, Map.of("Content-Type", type)), 415, 45770, "*");
  }

  @Test
  void no_content_type_is_unsupported() {
    var answer = Raw.send(installation.edge(), head("POST " + INIT, "Content-Length: 2"), "{}");
    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.text("code")).isEqualTo("45770");
  }

  @Test
  void unknown_fields_say_nothing() {
    assertThat(guest.post(INIT, """
            {"deploymentKey":"%s","unknown":{"a":[1,null]},"another":7}""".formatted(key)).status()).isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"deploymentKey\":\"%1$s\",\"deploymentKey\":\"%1$s\",\"token\":\"t\"}",
        "{\"deploymentKey\":\"%1$s\",\"deployment_key\":\"%1$s\",\"token\":\"t\"}",
        "{\"DeploymentKey\":\"%1$s\",\"token\":\"t\",\"deploymentKey\":\"CV\"}",
      })
  void a_field_that_is_given_twice_is_named(String body) {
    Reply reply = guest.post(REFRESH, body.formatted(key));
    assertRefused(reply, 400, 45770, "*");
    assertThat(reply.text("message")).contains("\"deploymentKey\"").contains("twice");
  }

  @Test
  void a_field_that_is_given_twice_in_a_form_is_named() {
    Reply reply = guest.post(
        REFRESH,
        "DeploymentKey=%s&Token=a&token=b".formatted(key),
        Map.of("Content-Type", "application/x-www-form-urlencoded"));
    assertRefused(reply, 400, 45770, "*");
    assertThat(reply.text("message")).contains("\"token\"").contains("twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "true", "null", "\"\"", "[\"t\"]", "{\"t\":1}"})
  void a_token_must_be_a_text(String token) {
    Reply reply =
        guest.post(REFRESH, "{\"deploymentKey\":\"%s\",\"token\":%s}".formatted(key, token));
    assertRefused(reply, 400, 45770, "*");
    assertThat(reply.text("message")).contains("\"token\"");
    assertThat(reply.json()).containsEntry("valid", false);
  }

  // ---- field names and paths

  @ParameterizedTest
  @ValueSource(
      strings = {
        "deploymentKey token",
        "DeploymentKey Token",
        "deployment_key token",
        "Deployment_Key TOKEN",
        "DEPLOYMENTKEY tOKEN",
      })
  void a_field_is_known_in_every_spelling_in_JSON_and_in_forms(String spelling) {
    String[] names = spelling.split(" ", -1);
    guest.starts();
    assertThat(guest
            .post(
                REFRESH,
                "{\"%s\":\"%s\",\"%s\":\"%s\"}".formatted(names[0], key, names[1], guest.token()))
            .status())
        .isEqualTo(200);
    assertThat(guest
            .post(
                REFRESH,
                "%s=%s&%s=%s".formatted(names[0], key, names[1], guest.token()),
                Map.of("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
            .status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/V2/Webchat/Token/Refresh",
        "/v2/webchat/tokens/refresh",
        "/V2/WEBCHAT/TOKENS/REFRESH",
        "/v2/WebChat/tOKEN/rEFRESH",
      })
  void a_refresh_is_known_by_its_paths_in_any_case(String path) {
    guest.starts();
    Reply reply = guest.post(
        path, "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}".formatted(key, guest.token()));
    assertThat(reply.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/V2/Webchat/Init", "/v2/webchat/INIT", "/v2/webchat/token", "/V2/WEBCHAT/TOKEN"})
  void an_init_is_known_by_its_paths_in_any_case(String path) {
    assertThat(guest.post(path, "{\"deploymentKey\":\"%s\"}".formatted(key)).status())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v2/Webchat",
        "/v2/Webchat/Tokens",
        "/v3/Webchat/Init",
        "/v2/Webchat/Init/",
        "/favicon.ico"
      })
  void another_path_is_not_found(String path) {
    assertRefused(guest.post(path, "{}"), 404, 45770, "*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE", "BREW"})
  void another_method_is_not_allowed(String method) {
    for (String path : List.of(INIT, REFRESH)) {
      var answer = Raw.send(installation.edge(), head(method + " " + path), "");
      assertThat(answer.status()).as(method).isEqualTo(405);
      assertThat(answer.header("Allow").orElse("").split(", ", -1))
          .contains("POST")
          .doesNotContain(method);
      assertThat(answer.header("Access-Control-Allow-Origin")).contains("*");
      if (!method.equals("HEAD")) {
        assertThat(answer.text("code")).isEqualTo("45770");
      }
    }
  }

  // ---- headers

  @Test
  void a_bomb_of_headers_is_refused() {
    var many = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      many.append("X-Bomb-%d: %s\n".formatted(i, "x".repeat(40)));
    }
    var answer =
        Raw.send(installation.edge(), head("POST " + INIT, many.toString().strip()), "");
    assertThat(answer.status()).isEqualTo(431);
    assertThat(answer.text("code")).isEqualTo("45770");
    assertThat(answer.text("action")).isEqualTo("fix");
    assertThat(answer.text("trace_id")).matches("[0-9a-f]{12}");
    assertThat(answer.header("Access-Control-Allow-Origin")).contains("*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"not json", "{\"language\":", "[1,2]", "\"x\""})
  void security_headers_that_are_not_JSON_are_taken_as_they_are(String value) {
    Browser odd = Browser.CHROME_ON_WINDOWS
        .with("x-twilio-sec-usersettings", value)
        .with("x-twilio-sec-webchatinfo", value)
        .with("x-twilio-sec-decoders", value);
    Guest oddGuest = installation.guest(odd).starts();
    assertThat(oddGuest.reloads().status()).isEqualTo(200);

    Browser another = odd.with("x-twilio-sec-usersettings", value + " other");
    Reply reply = oddGuest.copiedTo(another).reloads();
    assertRefused(reply, 403, 45779, Installation.ORIGIN);
  }

  @Test
  void the_older_spellings_of_the_security_headers_mean_the_same() {
    Guest chatting = guest.starts();
    for (String prefix : List.of("x-sec-", "i-twilio-sec-", "X-Twilio-Sec-")) {
      Browser older = Browser.CHROME_ON_WINDOWS;
      for (String name : List.of("usersettings", "webchatinfo", "decoders")) {
        String value = older.headers().getOrDefault("x-twilio-sec-" + name, "");
        older = older.without("x-twilio-sec-" + name).with(prefix + name, value);
      }
      assertThat(chatting.copiedTo(older).reloads().status()).as(prefix).isEqualTo(200);
    }
  }

  @Test
  void a_request_without_any_signal_is_refused_with_that_reason() {
    Browser bare = new Browser(Map.of("Accept-Language", "en"));
    String body = "{\"deploymentKey\":\"%s\",\"token\":\"t\"}".formatted(key);
    for (String path : List.of(INIT, REFRESH)) {
      var answer = Raw.send(
          installation.edge(),
          head(
              "POST " + path,
              "Content-Type: application/json",
              "Origin: " + Installation.ORIGIN,
              "Accept-Language: " + bare.headers().get("Accept-Language"),
              "Content-Length: " + body.length()),
          body);
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text("code")).isEqualTo("45772");
      assertThat(answer.text("action")).isEqualTo("fix");
    }
  }

  @Test
  void a_call_that_pretends_to_be_internal_changes_nothing() {
    guest.starts();
    String body = "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}".formatted(key, guest.token());
    String foreign = "0af7651916cd43dd8448eb211c80319c";
    Reply reply = guest.post(
        REFRESH,
        body,
        Map.of(
            "Content-Type", "application/json",
            "Parlour-Internal-Secret", "guessed",
            "Parlour-Trace", "Qg",
            "traceparent", "00-" + foreign + "-b7ad6b7169203331-01",
            "X-Forwarded-For", "203.0.113.9",
            "X-Forwarded-Host", "internal",
            "X-Forwarded-Proto", "https",
            "X-Real-IP", "203.0.113.9",
            "Forwarded", "for=203.0.113.9"));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(foreign).doesNotStartWith(reply.traceId());
    assertThat(reply.header("Parlour-Trace")).isNull();
    assertThat(reply.header("Parlour-Internal-Secret")).isNull();
    assertThat(DiagramTest.drawn("refresh-succeeded")
            .seenByServers()
            .differences(installation.trace(reply.traceId())))
        .isEmpty();
  }

  @Test
  void the_secret_itself_opens_nothing_at_the_edge() {
    var answer = Raw.send(
        installation.edge(),
        head(
            "POST /v1/ScopedAuthTokens/validate",
            "Parlour-Internal-Secret: " + installation.internalSecret(),
            "Content-Type: application/json",
            "Content-Length: 2"),
        "{}");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Access-Control-Allow-Origin")).contains("*");
  }

  // ---- deployments

  @Test
  void an_unknown_deployment_key_is_unknown() {
    String unknown = "CV" + UUID.randomUUID().toString().replace("-", "");
    for (String path : List.of(INIT, REFRESH)) {
      Reply reply =
          guest.post(path, "{\"deploymentKey\":\"%s\",\"token\":\"t\"}".formatted(unknown));
      assertRefused(reply, 404, 45778, "*");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CV1",
        "AC00000000000000000000000000000000",
        "CV0000000000000000000000000000000G",
        "' OR 1=1 --"
      })
  void a_malformed_deployment_key_is_malformed(String malformed) {
    for (String path : List.of(INIT, REFRESH)) {
      Reply reply =
          guest.post(path, "{\"deploymentKey\":\"%s\",\"token\":\"t\"}".formatted(malformed));
      assertRefused(reply, 400, 45770, "*");
      assertThat(reply.text("message")).contains("deploymentKey").doesNotContain(malformed);
    }
  }

  @Test
  void a_deleted_deployment_is_unknown_also_to_its_guests() {
    Sid.Deployment deployment = installation.deploy(installation.defaults());
    Guest chatting = installation.guest().of(deployment).starts();
    assertThat(chatting.reloads().status()).isEqualTo(200);

    installation.accounts(accounts -> assertThat(accounts.delete(deployment)).isTrue());
    Reply reply = chatting.reloads();
    for (int i = 0; i < 30 && reply.status() == 200; i++) { // not until it reads everything again
      Installation.pause(Duration.ofMillis(100));
      reply = chatting.reloads();
    }
    assertRefused(reply, 404, 45778, "*");
    assertRefused(chatting.init(), 404, 45778, "*");
  }

  @Test
  void a_deployment_without_an_address_starts_no_chat() {
    Sid.Deployment deployment = installation.deploy(settings(Optional.empty(), List.of()));
    assertRefused(installation.guest().of(deployment).init(), 409, 45777, "*");
  }

  // ---- origins

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://thief.example.net",
        "http://shop.example.com",
        "https://shop.example.com:8443",
        "https://shop.example.com.thief.example.net",
        "https://a.shop.example.com",
        "https://SHOP.example.com",
        "null",
        "https://shop.example.com,https://thief.example.net",
      })
  void a_page_that_is_not_on_the_list_is_refused_and_can_read_why(String origin) {
    Guest chatting = installation.guest().starts();
    for (Reply reply : List.of(chatting.from(origin).init(), chatting.reloads())) {
      assertRefused(reply, 403, 45772, "*");
      assertThat(reply.header("Vary")).isEqualTo("Origin");
      assertThat(reply.text("message")).contains(origin.equals("null") ? "sandboxed" : origin);
    }
  }

  @Test
  void a_call_without_an_origin_is_refused_if_there_is_a_list() {
    Guest chatting = installation.guest().starts();
    assertRefused(chatting.from(null).init(), 403, 45772, "*");
    assertRefused(chatting.reloads(), 403, 45772, "*");
  }

  @Test
  void without_a_list_pages_of_every_origin_are_accepted() {
    Sid.Deployment open =
        installation.deploy(settings(Optional.of(installation.address), List.of()));
    for (String origin : List.of("https://anywhere.example.net", "null")) {
      Guest anyone = installation.guest().of(open).from(origin).starts();
      Reply reply = anyone.reloads();
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.response().headers().allValues("Access-Control-Allow-Origin"))
          .containsExactly("*");
    }
    assertThat(installation.guest().of(open).from(null).init().status()).isEqualTo(201);
  }

  @Test
  void a_wildcard_is_answered_with_the_concrete_origin() {
    Sid.Deployment wild = installation.deploy(
        settings(Optional.of(installation.address), List.of("https://*.example.org")));
    Reply reply = installation.guest().of(wild).from("https://a.b.example.org").init();
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.response().headers().allValues("Access-Control-Allow-Origin"))
        .containsExactly("https://a.b.example.org");
    assertRefused(
        installation.guest().of(wild).from("https://example.org").init(), 403, 45772, "*");
  }

  @Test
  void a_preflight_is_answered_for_any_page_and_all_headers_of_every_spelling() {
    for (String path : List.of(INIT, REFRESH, "/v2/Webchat/Messages")) {
      var answer = Raw.send(
          installation.edge(),
          head(
              "OPTIONS " + path,
              "Origin: https://other.example.net",
              "Access-Control-Request-Method: POST",
              "Access-Control-Request-Headers: content-type"),
          "");
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("Access-Control-Allow-Origin")).contains("*");
      assertThat(answer.header("Access-Control-Max-Age")).contains("7200");
      assertThat(answer.header("Access-Control-Allow-Methods").orElse("")).contains("POST");
      assertThat(answer.header("Access-Control-Allow-Headers").orElse("").split(", ", -1))
          .contains("content-type", "authorization", "ui-version", "webchat-version")
          .contains("x-twilio-sec-usersettings", "x-sec-usersettings", "i-twilio-sec-usersettings")
          .contains("x-twilio-sec-webchatinfo", "x-sec-webchatinfo", "i-twilio-sec-webchatinfo")
          .contains("x-twilio-sec-decoders", "x-sec-decoders", "i-twilio-sec-decoders");
    }
  }

  // ---- what a page sends along

  @Test
  void pre_engagement_data_is_JSON_of_at_most_16_KB() {
    assertRefused(init("not json"), 400, 45733, Installation.ORIGIN);
    assertRefused(init("{\\\"a\\\":"), 400, 45733, Installation.ORIGIN);
    assertThat(init("\\\"" + "x".repeat(16 * 1024 - 2) + "\\\"").status()).isEqualTo(201);
    assertRefused(
        init("\\\"" + "x".repeat(16 * 1024 - 1) + "\\\""), 400, 45731, Installation.ORIGIN);
    assertRefused(init("\\\"" + "ä".repeat(8 * 1024) + "\\\""), 400, 45731, Installation.ORIGIN);
  }

  @Test
  void a_name_that_nobody_types_is_malformed() {
    Reply reply = guest.post(
        INIT,
        "{\"deploymentKey\":\"%s\",\"customerFriendlyName\":\"%s\"}"
            .formatted(key, "x".repeat(257)));
    assertRefused(reply, 400, 45770, Installation.ORIGIN);
    assertThat(reply.text("message")).contains("customerFriendlyName");
  }

  private Reply init(String preEngagementData) {
    return guest.post(
        INIT,
        "{\"deploymentKey\":\"%s\",\"preEngagementData\":\"%s\"}"
            .formatted(key, preEngagementData));
  }

  private static Accounts.Settings settings(Optional<Sid.Address> address, List<String> origins) {
    return new Accounts.Settings(
        address, new AllowedOrigins(origins), TokenRules.DEFAULT, Lifetimes.DEFAULT);
  }

  /** Everything that is the same in every error. */
  static void assertRefused(Reply reply, int status, int code, String allowOrigin) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(status);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.text("status")).isEqualTo(String.valueOf(status));
    assertThat(reply.text("message")).isNotBlank();
    assertThat(reply.text("action"))
        .isEqualTo(
            switch (code) {
              case 45775, 45779 -> "restart";
              case 45773, 45774, 45776, 45780 -> "retry";
              default -> "fix";
            });
    assertThat(reply.text("trace_id")).matches("[0-9a-f]{12}").isEqualTo(reply.traceId());
    assertThat(reply.text("more_info")).isEqualTo("docs/errors.md#" + code);
    assertThat(reply.response().headers().allValues("Access-Control-Allow-Origin"))
        .containsExactly(allowOrigin);
    boolean later = reply.text("action").equals("retry");
    assertThat(reply.header("Retry-After") != null).as("Retry-After").isEqualTo(later);
    assertThat(reply.json().containsKey("token")).isFalse();
  }

  private String head(String line, String... headers) {
    URI edge = installation.edge();
    return line + " HTTP/1.1\nHost: " + edge.getAuthority() + "\n" + String.join("\n", headers);
  }
}
