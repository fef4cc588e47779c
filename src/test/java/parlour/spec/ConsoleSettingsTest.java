package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.scopedauth.Sensitivity;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The part of the console that changes the settings of a deployment and tests pages, over HTTP. */
@ParameterizedClass
@InBothShapes
class ConsoleSettingsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final AgentBrowser ann;

  ConsoleSettingsTest(Shape shape) {
    installation = installations.in(shape);
    installation.configureAnew();
    ann = new AgentBrowser(installation);
  }

  @Test
  void the_form_has_the_options_of_the_command() throws IOException {
    String table = Files.readString(Path.of("docs/settings.md"))
        .split("## Options of a deployment", 2)[1]
        .split("Only `update` takes", 2)[0];
    List<String> options = Pattern.compile("(?m)^\\| `--([a-z-]+)`")
        .matcher(table)
        .results()
        .map(row -> row.group(1).replace('-', '_'))
        .filter(option -> !option.contains("origin"))
        .toList();
    assertThat(options).hasSizeGreaterThan(5);
    assertThat(settings().keySet()).containsAll(options);
  }

  @Test
  void an_admin_changes_a_setting_which_guests_get_and_the_ledger_notes() {
    Reply saved = save(version(), "\"token_ttl\":\"10m\",\"keep\":\"90d\",\"reopen\":\"off\"");
    assertThat(saved.status()).isEqualTo(200);
    assertThat(saved.json())
        .containsEntry("token_ttl", "10m")
        .containsEntry("keep", "90d")
        .containsEntry("reopen", "off")
        .containsEntry("session_ttl", "default")
        .containsEntry("proof", "prefer");
    assertThat(settings()).containsEntry("token_ttl", "10m");
    assertNoted("token_ttl", "10m");
    assertNoted("keep", "90d");
    assertNoted("reopen", "off");
    assertThat(notes("proof"))
        .as("it has not changed")
        .doesNotContain(installation.deployment.text());
    assertThat(save(version(), "\"keep\":\"forever\",\"address\":\"none\"").status())
        .isEqualTo(200);
    eventually(() -> installation.guest().init().code() == 45777);
  }

  @Test
  void a_wrong_value_changes_nothing_and_the_message_names_the_field() {
    String version = version();
    Map<String, String> wrong = Map.of(
        "\"token_ttl\":\"5s\"",
        "the token TTL must be from 60",
        "\"token_ttl\":\"soon\"",
        "\"token_ttl\": expected seconds",
        "\"idle_ttl\":\"never\"",
        "\"idle_ttl\": expected seconds (3600), or 90s, 15m, 6h, 2d, or default",
        "\"proof\":\"always\"",
        "\"proof\": send off, prefer or require",
        "\"sensitivity\":\"max\"",
        "\"sensitivity\": send off",
        "\"realtime\":\"yes\"",
        "\"realtime\": send on or off",
        "\"address\":\"IG1\"",
        "\"address\": send the sid",
        "\"address\":\"IG%s\"".formatted("0".repeat(32)),
        "your account has no such address",
        "\"name\":\"%s\"".formatted("x".repeat(101)),
        "\"name\": a name is one line");
    wrong.forEach((field, message) -> {
      Reply reply = save(version, "\"reopen\":\"1h\"," + field);
      assertThat(reply.status()).as(field).isEqualTo(400);
      assertThat(reply.text("message").replace("\\\"", "\"")).contains(message);
    });
    assertThat(settings()).containsEntry("version", version).containsEntry("reopen", "1d");
    assertThat(save("", "\"proof\":\"off\"").status()).isEqualTo(400);
  }

  @Test
  void the_later_one_of_two_admins_gets_the_current_values_and_nothing_is_lost() {
    AgentBrowser bob = new AgentBrowser(installation);
    String seen = version();
    assertThat(save(bob, seen, "\"keep\":\"90d\"").status()).isEqualTo(200);
    Reply late = save(seen, "\"proof\":\"off\"");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.code()).isEqualTo(45809);
    Map<?, ?> current = (Map<?, ?>) Objects.requireNonNull(late.json().get("current"));
    assertThat(current.get("keep")).isEqualTo("90d");
    assertThat(current.get("proof")).isEqualTo("prefer");
    assertThat(save(String.valueOf(current.get("version")), "\"proof\":\"off\"").json())
        .containsEntry("keep", "90d")
        .containsEntry("proof", "off");
  }

  @Test
  void only_one_of_several_admins_who_save_at_once_succeeds() {
    String seen = version();
    List<Integer> statuses =
        AtOnce.run(6, i -> save(seen, "\"token_ttl\":\"%dm\"".formatted(10 + i)).status());
    assertThat(statuses).filteredOn(status -> status == 200).hasSize(1);
    assertThat(statuses).filteredOn(status -> status == 409).hasSize(5);
  }

  @Test
  void a_change_of_the_list_of_origins_does_not_conflict() {
    String seen = version();
    assertThat(ann.posts(
                "/console/origins",
                "{\"deployment_key\":\"%s\",\"origin\":\"https://a.example.com\"}"
                    .formatted(installation.deployment.text()))
            .status())
        .isEqualTo(200);
    assertThat(save(seen, "\"proof\":\"off\"").json().get("allowed_origins"))
        .isEqualTo(List.of(Installation.ORIGIN, "https://a.example.com"));
  }

  @Test
  void the_admin_of_another_account_reads_changes_and_tests_nothing() {
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    assertThat(other.gets(path()).status()).isEqualTo(404);
    assertThat(save(other, version(), "\"proof\":\"off\"").status()).isEqualTo(404);
    assertThat(other
            .posts("/console/deployments/test", page("https://a.example.com"))
            .status())
        .isEqualTo(404);
    assertThat(rule(other, "browser", "observe").status()).isEqualTo(404);
    assertThat(other
            .gets("/console/deployments/signals?deployment=" + installation.deployment.text())
            .status())
        .isEqualTo(404);
    assertThat(settings()).containsEntry("proof", "prefer");
  }

  @Test
  void an_admin_sets_the_rule_for_a_signal_and_the_ledger_notes_it() {
    assertThat(signals())
        .contains("\"since\":null,\"networks\":0,\"signals\":[")
        .contains("{\"signal\":\"browser\",\"rule\":\"auto\",\"observes\":false,\"differing\":0}")
        .contains("\"system\"", "\"language\"", "\"cookies\"", "\"time-zone\"")
        .doesNotContain("decoders");
    Reply set = rule(ann, "browser", "observe");
    assertThat(set.status()).isEqualTo(200);
    assertThat(signals())
        .isEqualTo(set.response().body())
        .contains("{\"signal\":\"browser\",\"rule\":\"observe\",\"observes\":true,");
    eventually(() -> ann.gets("/console/ledger?all=true&cause=signal+rule+changed:+browser")
        .response()
        .body()
        .contains("\"object\":\"%s: observe\"".formatted(installation.deployment.text())));

    assertThat(rule(ann, "system", "observe").status()).as("of the same header").isEqualTo(200);
    Reply second = rule(ann, "language", "observe");
    assertThat(second.status()).isEqualTo(400);
    assertThat(second.text("message")).contains("while a signal of another header does");
    assertThat(rule(ann, "decoders", "observe").text("message"))
        .contains("browser, system, language, cookies, time-zone");
    assertThat(rule(ann, "browser", "off").text("message")).contains("auto, decide, observe");
    assertThat(rule(ann, "browser", "decide").status()).isEqualTo(200);
    assertThat(signals()).contains("\"rule\":\"decide\",\"observes\":false");
  }

  private Reply rule(AgentBrowser admin, String signal, String rule) {
    return admin.posts(
        "/console/deployments/signals",
        "{\"deployment_key\":\"%s\",\"signal\":\"%s\",\"rule\":\"%s\"}"
            .formatted(installation.deployment.text(), signal, rule));
  }

  private String signals() {
    return ann.gets("/console/deployments/signals?deployment=" + installation.deployment.text())
        .response()
        .body();
  }

  @Test
  void a_test_says_what_a_guest_of_the_page_would_get_and_why() {
    installation.configure(before -> new Accounts.Settings(
        before.address(),
        new AllowedOrigins(List.of(
            "https://shop.example.com",
            "https://*.example.org",
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "http://127.example.net")),
        new TokenRules(Sensitivity.MEDIUM, ProofRule.PREFER, false),
        Lifetimes.DEFAULT));
    Reply allowed = test("https://Shop.example.com:443/contact?x=1");
    assertThat(allowed.json())
        .containsEntry("origin", "https://shop.example.com")
        .containsEntry("is_let_in", true)
        .containsEntry("is_bound", true)
        .containsEntry("code", 0L);
    assertThat(reasons(allowed)).contains("they send https://shop.example.com");
    assertThat(test("http://localhost:3000").json())
        .containsEntry("is_let_in", true)
        .containsEntry("is_bound", true);
    assertThat(reasons(test("shop.example.com"))).contains("https is tested");
    assertThat(test("http://127.0.0.1:3000").json()).containsEntry("is_bound", true);
    assertThat(test("http://127.example.net").json())
        .as("a name that only looks like an address of the machine itself")
        .containsEntry("is_let_in", true)
        .containsEntry("is_bound", false);
    assertRefused(
        "http://shop.example.com", "The list has the other scheme: https://shop.example.com");
    assertRefused(
        "https://www.shop.example.com", "The list has https://shop.example.com: www is a part");
    assertRefused(
        "https://shop.example.com:8443", "The list has another port: https://shop.example.com");
    assertRefused("https://example.org", "https://*.example.org stands for the names below");
    assertRefused("file:///home/ann/page.html", "null, which no list can contain");
    assertRefused("https://other.example.net", "The list has https://shop.example.com, https://*");
    assertThat(test("https://a.example.org").json()).containsEntry("is_let_in", true);
    for (String wrong :
        List.of("https://", "two words", "https://*.example.org", "https://a@b:c:d")) {
      assertThat(test(wrong).status()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void a_test_and_a_guest_agree_and_a_test_is_not_noted() {
    installation.configure(before -> new Accounts.Settings(
        before.address(),
        new AllowedOrigins(List.of("http://shop.example.com")),
        new TokenRules(Sensitivity.MEDIUM, ProofRule.REQUIRE, false),
        Lifetimes.DEFAULT));
    for (String origin : List.of("http://shop.example.com", "https://shop.example.com", "null")) {
      eventually(() -> {
        Reply guest = installation.guest().from(origin).init();
        Reply tested = test(origin);
        return Objects.equals(tested.json().get("code"), (long) guest.code())
            && Objects.equals(tested.json().get("message"), guest.json().get("message"));
      });
    }
    assertThat(reasons(test("http://shop.example.com"))).contains("proof: require");
    String before = ann.gets("/console/ledger?cause=tested").response().body();
    assertThat(test("https://never-called.example.com").code()).isEqualTo(45772);
    assertThat(before).contains("\"entries\":[]");
    assertThat(ann.gets("/console/ledger").response().body())
        .doesNotContain("never-called.example.com");
  }

  private void assertNoted(String setting, String value) {
    eventually(() -> {
      String notes = notes(setting);
      return notes.contains("\"by\":\"" + ann.name())
          && notes.contains(
              "\"object\":\"%s: %s\"".formatted(installation.deployment.text(), value));
    });
  }

  private String notes(String setting) {
    return ann.gets("/console/ledger?all=true&cause=settings+changed:+" + setting)
        .response()
        .body();
  }

  private void assertRefused(String page, String reason) {
    Reply tested = test(page);
    assertThat(tested.json())
        .as(page)
        .containsEntry("is_let_in", false)
        .containsEntry("code", 45772L);
    assertThat(reasons(tested)).as(page).contains(reason);
  }

  private static String reasons(Reply tested) {
    return String.valueOf(tested.json().get("reasons"));
  }

  private Reply test(String page) {
    return ann.posts("/console/deployments/test", page(page));
  }

  private String page(String page) {
    return "{\"deployment_key\":\"%s\",\"page\":\"%s\"}"
        .formatted(installation.deployment.text(), page);
  }

  private String path() {
    return "/console/deployments/settings?deployment=" + installation.deployment.text();
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    ((Map<?, ?>) Objects.requireNonNull(ann.gets(path()).json().get("settings")))
        .forEach((name, value) -> settings.put(
            String.valueOf(name), Optional.ofNullable((Object) value).orElse("")));
    return settings;
  }

  private String version() {
    return String.valueOf(settings().get("version"));
  }

  private Reply save(String version, String fields) {
    return save(ann, version, fields);
  }

  private Reply save(AgentBrowser admin, String version, String fields) {
    return admin.posts(
        "/console/deployments/settings",
        "{\"deployment_key\":\"%s\",\"version\":\"%s\",%s}"
            .formatted(installation.deployment.text(), version, fields));
  }

  /** A process notices a change within a second. */
  private static void eventually(Supplier<Boolean> condition) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.get()) {
      assertThat(System.nanoTime()).isLessThan(giveUp);
      Installation.pause(Duration.ofMillis(50));
    }
  }
}
