package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.config.Role;
import parlour.inbox.Agents;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The console of an account's admins, over HTTP. */
@ParameterizedClass
@InBothShapes
class ConsoleTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Faults faults = new Faults();

  @AutoClose
  private static final BothShapes installations = new BothShapes(faults, Map.of());

  private final Installation installation;
  private final AgentBrowser ann;

  ConsoleTest(Shape shape) {
    installation = installations.in(shape);
    installation.configureAnew();
    ann = new AgentBrowser(installation);
  }

  @AfterEach
  void repair() {
    faults.repair();
  }

  @Test
  void an_internal_search_of_the_ledger_that_lost_its_scope_is_refused() {
    for (String scope : List.of(
        "", "\"scope\":{\"type\":\"everything\"},", "\"scope\":{\"type\":\"of_deployments\"},")) {
      HttpResponse<String> answer = Http.post(
          installation.internal(Role.SCOPED_AUTH).resolve("/v1/Ledger/newest"),
          installation.internalSecret(),
          "{\"query\":{" + scope + """
              "since":"2026-01-01T00:00:00Z","refusals_only":false,"limit":9}}""");
      assertThat(answer.statusCode())
          .as(answer.body())
          .isEqualTo(scope.contains("everything") ? 200 : 400);
    }
  }

  @Test
  void every_route_of_the_console_is_for_admins_alone() {
    AgentBrowser agent = new AgentBrowser(installation, installation.agent(Agents.Role.AGENT));
    AgentBrowser auditor = new AgentBrowser(installation, installation.agent(Agents.Role.AUDITOR));
    List<InboxRoutes.Route> routes = InboxRoutes.ofConsole();
    assertThat(routes).contains(new InboxRoutes.Route("post", "/console/origins"));
    for (InboxRoutes.Route route : routes) {
      for (AgentBrowser other : List.of(agent, auditor)) {
        Reply reply = route.method().equals("get")
            ? other.gets(route.path().replaceAll("\\{\\w+}", "9560079653d3"))
            : other.posts(route.path(), "{}");
        assertThat(reply.status()).as(route.path()).isEqualTo(403);
        assertThat(reply.code()).as(route.path()).isEqualTo(45789);
      }
    }
  }

  @Test
  void a_refused_guest_is_found_by_what_they_read_out_and_their_request_is_drawn() {
    Guest guest = installation.guest().starts();
    Reply refused = guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    assertThat(refused.code()).isEqualTo(45779);
    Reply found =
        eventually(() -> trace(refused.traceId()), one -> !list(one, "entries").isEmpty());
    assertThat(found.json())
        .containsEntry("trace", refused.traceId())
        .containsEntry("is_recorded", true);
    assertThat(list(found, "entries").getFirst())
        .containsEntry("code", 45779L)
        .containsEntry("cause", "from another browser")
        .containsEntry("deployment_key", installation.deployment.text())
        .containsEntry("page", Installation.ORIGIN);
    assertThat(list(found, "arrows"))
        .extracting(arrow -> arrow.get("from"))
        .contains("FlexWebchatOrchestratorService", "ScopedAuthService");
    assertThat(list(entries("?since=1h&cause=from+another+browser"), "entries"))
        .anyMatch(one -> String.valueOf(one.get("trace")).startsWith(refused.traceId()));
    assertThat(list(entries("?cause=another"), "entries")).isEmpty();
    assertThat(found.response().body())
        .doesNotContain(guest.token(), "127.0.0.1", "Mozilla", "Firefox/");
  }

  @Test
  void a_request_that_is_no_longer_in_memory_is_drawn_from_its_entry() {
    Reply refused = installation.guest().from("https://evil.example.com").init();
    assertThat(refused.code()).isEqualTo(45772);
    eventually(() -> trace(refused.traceId()), one -> !list(one, "entries").isEmpty());
    String id =
        String.valueOf(list(trace(refused.traceId()), "entries").getFirst().get("trace"));
    installation.restart(Role.ORCHESTRATOR);
    Reply found = eventually(() -> trace(id), one -> one.status() == 200);
    assertThat(found.json()).containsEntry("is_recorded", false);
    assertThat(list(found, "arrows"))
        .hasSize(3)
        .anyMatch(arrow -> "the page's origin is not on the list".equals(arrow.get("text")));
  }

  @Test
  void a_request_that_failed_is_drawn_while_the_ledger_cannot_be_read() {
    Guest guest = installation.guest().starts();
    faults.storeDown(Role.SCOPED_AUTH);
    Reply failed = guest.reloads();
    assertThat(failed.status()).isEqualTo(503);
    Reply shown = ann.gets("/console/traces/" + failed.traceId());
    assertThat(shown.status()).as(shown.response().body()).isEqualTo(200);
    assertThat(shown.json())
        .containsEntry("is_recorded", true)
        .containsEntry("is_ledger_down", true)
        .containsEntry("entries", List.of());
    assertThat(shown.response().body()).contains("no answer");
    assertThat(ann.gets("/console/traces/0123456789ab").status()).isEqualTo(503);
  }

  @Test
  void an_admin_lets_a_page_in_and_the_ledger_says_who_did() {
    Guest guest = installation.guest().from("https://www.example.com");
    Reply refused = guest.init();
    assertThat(refused.code()).isEqualTo(45772);
    Reply found =
        eventually(() -> trace(refused.traceId()), one -> !list(one, "entries").isEmpty());
    assertThat(list(found, "entries").getFirst()).containsEntry("can_allow", true);
    Reply allowed = ann.posts("/console/origins", change("https://www.example.com/"));
    assertThat(allowed.status()).isEqualTo(200);
    assertThat(allowed.json().get("allowed_origins"))
        .isEqualTo(List.of(Installation.ORIGIN, "https://www.example.com"));
    eventually(guest::init, one -> one.status() == 201);
    assertThat(list(trace(refused.traceId()), "entries").getFirst())
        .containsEntry("can_allow", false);
    Reply noted = eventually(
        () -> entries("?all=true&cause=origin+added"),
        one -> !list(one, "entries").isEmpty());
    assertThat(list(noted, "entries").getFirst())
        .containsEntry("event", "console")
        .containsEntry("by", ann.name())
        .containsEntry("page", "https://www.example.com")
        .containsEntry("object", installation.deployment.text());
    assertThat(ann.posts("/console/origins/remove", change("https://www.example.com"))
            .status())
        .isEqualTo(200);
    eventually(guest::init, one -> one.status() == 403 && one.code() == 45772);
  }

  @Test
  void a_change_is_checked_as_that_of_a_command_is() {
    for (String wrong : List.of("shop.example.com", "https://shop.example.com/path", "null", "*")) {
      Reply reply = ann.posts("/console/origins", change(wrong));
      assertThat(reply.status()).as(wrong).isEqualTo(400);
      assertThat(reply.text("message")).contains(wrong);
    }
    Reply last = ann.posts("/console/origins/remove", change(Installation.ORIGIN));
    assertThat(last.status()).isEqualTo(400);
    assertThat(last.text("message")).contains("the list would be empty");
    assertThat(ann.posts("/console/origins/remove", change("https://a.example.com"))
            .text("message"))
        .contains("is not on the list");
    assertThat(ann.posts("/console/origins", "{}").status()).isEqualTo(400);
    assertThat(ann.gets("/console/traces/45779").status()).isEqualTo(400);
    assertThat(ann.gets("/console/ledger?since=soon").status()).isEqualTo(400);
    assertThat(ann.gets("/console/traces/00000000").status()).isEqualTo(404);
    assertThat(list(ann.gets("/console/deployments"), "deployments"))
        .singleElement()
        .matches(one -> List.of(Installation.ORIGIN).equals(one.get("allowed_origins")))
        .matches(
            one -> "6h".equals(one.get("token_ttl")) && Boolean.TRUE.equals(one.get("realtime")));
  }

  @Test
  void an_admin_of_another_account_sees_and_changes_nothing_of_this_one() {
    Reply refused =
        installation.guest().starts().copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    eventually(() -> trace(refused.traceId()), one -> !list(one, "entries").isEmpty());
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    String key = installation.deployment.text();
    assertThat(other.gets("/console/traces/" + refused.traceId()).status()).isEqualTo(404);
    assertThat(list(other.gets("/console/ledger?all=true"), "entries")).isEmpty();
    assertThat(other.gets("/console/ledger?deployment=" + key).status()).isEqualTo(404);
    assertThat(list(other.gets("/console/deployments"), "deployments")).isEmpty();
    assertThat(other.posts("/console/origins", change("https://a.example.com")).status())
        .isEqualTo(404);
    assertThat(list(trace(refused.traceId()), "entries")).isNotEmpty();
    assertThat(list(entries("?all=true"), "entries"))
        .isNotEmpty()
        .allMatch(one -> key.equals(one.get("deployment_key")));
  }

  @Test
  void an_admin_finds_a_session_and_ends_it_and_all_of_a_deployment() {
    Guest guest = installation.guest().starts();
    Map<String, Object> session = session(guest.conversation());
    assertThat(session)
        .containsEntry("state", "live")
        .containsEntry("deployment_key", installation.deployment.text());
    String sid = String.valueOf(session.get("sid"));
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    String body = "{\"session_sid\":\"%s\"}".formatted(sid);
    assertThat(other.gets("/console/sessions?id=" + sid).status()).isEqualTo(404);
    assertThat(other.posts("/console/sessions/revoke", body).status()).isEqualTo(404);
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(ann.posts("/console/sessions/revoke", body).json())
        .containsEntry("state", "revoked")
        .containsEntry("revoked_why", "by an admin");
    assertThat(guest.reloads().code()).isEqualTo(45775);
    assertThat(session(sid)).containsEntry("state", "revoked");
    assertThat(ann.gets("/console/sessions?id=GS1").status()).isEqualTo(400);
    assertThat(ann.posts(
                "/console/sessions/revoke",
                "{\"session_sid\":\"%s\"}".formatted(guest.conversation()))
            .status())
        .isEqualTo(400);

    Guest second = installation.guest().starts();
    Guest third = installation.guest().starts();
    String deployment = "{\"deployment_key\":\"%s\"}".formatted(installation.deployment.text());
    String live = "/console/sessions/live?deployment=" + installation.deployment.text();
    assertThat(ann.gets(live).json()).containsEntry("live", 2L);
    assertThat(other.posts("/console/sessions/end", deployment).status()).isEqualTo(404);
    assertThat(ann.posts("/console/sessions/end", deployment).json())
        .containsEntry("ended", 2L)
        .containsEntry("has_more", false);
    assertThat(second.reloads().code()).isEqualTo(45775);
    assertThat(third.reloads().code()).isEqualTo(45775);
    Reply noted = eventually(
        () -> entries("?all=true&cause=sessions+ended"),
        one -> !list(one, "entries").isEmpty());
    assertThat(list(noted, "entries").getFirst())
        .containsEntry("by", ann.name())
        .containsEntry("object", "2 sessions");
  }

  @Test
  void an_admin_sees_tests_and_repeats_the_deliveries_to_a_webhook() {
    try (WebhookReceiver receiver = new WebhookReceiver()) {
      receiver.answering(one -> one.type().equals("test")
          ? WebhookReceiver.Answer.of(200)
          : new WebhookReceiver.Answer(503, "600"));
      installation.answeredBy(receiver.url());
      Guest guest = installation.guest().starts();
      Map<String, Object> webhook = webhook(one -> one.get("last_error") != null);
      assertThat(webhook)
          .containsEntry("state", "held-back")
          .containsEntry("name", "Front desk")
          .containsEntry("waiting", 1L)
          .containsEntry("last_error", "answered 503")
          .containsEntry("given_up", 0L)
          .containsEntry(
              "origin", receiver.url().getScheme() + "://" + receiver.url().getAuthority());
      assertThat(webhook.get("waiting_since")).isNotNull();
      String address = "{\"address_sid\":\"%s\"}".formatted(webhook.get("address_sid"));
      assertThat(ann.posts("/console/webhooks/test", address).json())
          .containsEntry("accepted", true)
          .containsEntry("why", null);
      Reply noted = eventually(
          () -> entries("?all=true&cause=webhook+tested"),
          one -> !list(one, "entries").isEmpty());
      assertThat(list(noted, "entries").getFirst())
          .containsEntry("by", ann.name())
          .containsEntry("object", webhook.get("address_sid"));
      AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
      assertThat(list(other.gets("/console/webhooks"), "webhooks")).isEmpty();
      for (String path : List.of("/console/webhooks/test", "/console/webhooks/again")) {
        assertThat(other.posts(path, address).status()).isEqualTo(404);
        assertThat(ann.posts(path, "{\"address_sid\":\"IG1\"}").status()).isEqualTo(400);
        assertThat(ann.posts(path, "{}").status()).isEqualTo(400);
      }
      assertThat(receiver.all()).filteredOn(one -> one.type().equals("test")).hasSize(1);
      receiver.answering(
          one -> WebhookReceiver.Answer.of(one.type().equals("message.added") ? 410 : 200));
      assertThat(ann.posts("/console/webhooks/again", address).json())
          .containsEntry("conversations", 1L)
          .containsEntry("given_up", 0L)
          .containsEntry("has_more", false);
      guest.says("one", "a");
      Map<String, Object> after = webhook(one -> Long.valueOf(1).equals(one.get("given_up")));
      assertThat(after.get("last_accepted")).isNotNull();
      assertThat(after.get("newest_given_up"))
          .asInstanceOf(InstanceOfAssertFactories.list(Map.class))
          .singleElement()
          .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
          .containsOnlyKeys("event_id", "type", "conversation_sid", "at", "why", "is_due")
          .containsEntry("conversation_sid", guest.conversation());
      receiver.answering(200);
      assertThat(ann.posts("/console/webhooks/again", address).json())
          .containsEntry("given_up", 1L);
      assertThat(webhook(one -> Long.valueOf(0).equals(one.get("given_up"))))
          .containsEntry("state", "delivering")
          .containsEntry("waiting", 0L);
      assertThat(receiver.bodies()).containsExactly("one");
    }
  }

  @Test
  void an_admin_of_the_only_account_rotates_the_token_keys_and_no_guest_is_interrupted() {
    Guest guest = installation.guest().starts();
    Reply before = ann.gets("/console/keys");
    assertThat(before.json()).containsEntry("is_shared", false).containsEntry("can_rotate", true);
    List<Map<String, Object>> keys = list(before, "keys");
    assertThat(keys)
        .allSatisfy(key -> assertThat(key)
            .containsOnlyKeys("id", "state", "created", "primary_from", "opens_until"));
    assertThat(keys).last().matches(key -> "primary".equals(key.get("state")));
    String newest = "{\"newest\":\"%s\"}".formatted(keys.getLast().get("id"));
    for (String wrong : List.of("{}", "{\"newest\":\"1\"}", "{\"newest\":\"zzzzzzzz\"}")) {
      assertThat(ann.posts("/console/keys/rotate", wrong).status()).isEqualTo(400);
    }
    assertThat(ann.posts("/console/keys/rotate", newest).json())
        .containsEntry("outcome", "rotated");
    assertThat(ann.posts("/console/keys/rotate", newest).json())
        .as("the key is not the newest any more")
        .containsEntry("outcome", "changed");
    assertThat(list(ann.gets("/console/keys"), "keys"))
        .hasSize(keys.size() + 1)
        .last()
        .matches(key -> "next".equals(key.get("state")));
    installation.clock.pass(Limits.KEY_DISTRIBUTION);
    List<Map<String, Object>> after = list(ann.gets("/console/keys"), "keys");
    assertThat(after).last().matches(key -> "primary".equals(key.get("state")));
    assertThat(after.get(after.size() - 2))
        .containsEntry("state", "opens")
        .matches(key -> key.get("opens_until") != null);
    assertThat(guest.reloads().status()).isEqualTo(200);
    Reply noted = eventually(
        () -> entries("?all=true&cause=token+key+rotated"),
        one -> !list(one, "entries").isEmpty());
    assertThat(list(noted, "entries").getFirst())
        .containsEntry("by", ann.name())
        .containsEntry("object", keys.getLast().get("id"));
  }

  @Test
  void the_token_keys_of_several_accounts_are_shown_to_no_admin_and_rotated_by_none() {
    String newest = "{\"newest\":\"%s\"}"
        .formatted(list(ann.gets("/console/keys"), "keys").getLast().get("id"));
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    for (AgentBrowser admin : List.of(ann, other)) {
      Reply shown = admin.gets("/console/keys");
      assertThat(shown.json())
          .containsEntry("is_shared", true)
          .containsEntry("can_rotate", false)
          .containsEntry("keys", List.of());
      Reply refused = admin.posts("/console/keys/rotate", newest);
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.code()).isEqualTo(45789);
      assertThat(refused.text("message")).contains("parlour keys rotate");
    }
  }

  private Map<String, Object> webhook(Predicate<Map<String, Object>> isThere) {
    return list(
            eventually(
                () -> ann.gets("/console/webhooks"),
                one -> !list(one, "webhooks").isEmpty()
                    && isThere.test(list(one, "webhooks").getFirst())),
            "webhooks")
        .getFirst();
  }

  @Test
  void an_admin_lists_the_sessions_of_a_deployment_and_sees_why_they_ended() {
    Guest first = installation.guest().starts();
    Guest second = installation.guest().starts();
    Reply refused = second.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    assertThat(refused.code()).isEqualTo(45779);
    String sid = String.valueOf(session(first.conversation()).get("sid"));
    ann.posts("/console/sessions/revoke", "{\"session_sid\":\"%s\"}".formatted(sid));
    assertThat(conversations("")).contains(first.conversation(), second.conversation());
    assertThat(conversations("&state=live")).containsExactly(second.conversation());
    assertThat(conversations("&state=revoked&binding=any")).containsExactly(first.conversation());
    assertThat(conversations("&state=refused")).containsExactly(second.conversation());
    Reply page = ann.gets(listed("&state=refused"));
    assertThat(list(page, "sessions").getFirst())
        .containsEntry("last_refused_why", "from another browser");
    assertThat(page.response().body())
        .doesNotContain(first.token(), second.token(), "127.0.0.1", "Mozilla", "Firefox/");
    String next =
        "&before=%d-%s".formatted(installation.clock.instant().plusSeconds(1).toEpochMilli(), sid);
    assertThat(conversations(next)).hasSize(2);
    assertThat(conversations("&before=0-" + sid)).isEmpty();
    for (String wrong : List.of(
        "&state=Live",
        "&state=every",
        "&binding=1",
        "&before=1",
        "&before=1-GS1",
        "&before=-1-" + sid)) {
      assertThat(ann.gets(listed(wrong)).status()).as(wrong).isEqualTo(400);
    }
    assertThat(ann.gets("/console/sessions/list").status()).isEqualTo(400);
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    assertThat(other.gets(listed("")).status()).isEqualTo(404);
  }

  private String listed(String filters) {
    return "/console/sessions/list?deployment=" + installation.deployment.text() + filters;
  }

  private List<Object> conversations(String filters) {
    return list(ann.gets(listed(filters)), "sessions").stream()
        .map(one -> one.get("conversation_sid"))
        .toList();
  }

  private Map<String, Object> session(String id) {
    return list(ann.gets("/console/sessions?id=" + id), "sessions").getFirst();
  }

  private String change(String origin) {
    return "{\"deployment_key\":\"%s\",\"origin\":\"%s\"}"
        .formatted(installation.deployment.text(), origin);
  }

  private Reply trace(String reference) {
    return ann.gets("/console/traces/" + URLEncoder.encode(reference, StandardCharsets.UTF_8));
  }

  private Reply entries(String query) {
    return ann.gets("/console/ledger" + query);
  }

  /** The ledger is written beside the requests, and a process notices a change within a second. */
  private Reply eventually(Supplier<Reply> call, Predicate<Reply> isThere) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    Reply reply = call.get();
    while (!isThere.test(reply)) {
      assertThat(System.nanoTime()).as(reply.response().body()).isLessThan(giveUp);
      Installation.pause(Duration.ofMillis(50));
      reply = call.get();
    }
    return reply;
  }

  private static List<Map<String, Object>> list(Reply reply, String name) {
    if (reply.status() != 200) {
      return List.of();
    }
    List<Map<String, Object>> list = new ArrayList<>();
    for (Object one : (List<?>) Objects.requireNonNull(reply.json().get(name))) {
      Map<String, Object> object = new HashMap<>();
      ((Map<?, ?>) one).forEach((key, value) -> object.put(String.valueOf(key), value));
      list.add(object);
    }
    return list;
  }
}
