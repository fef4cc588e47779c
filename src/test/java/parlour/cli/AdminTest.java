package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Eventually;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.SqlAccounts;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.inbox.AgentLogins;
import parlour.inbox.Agents;
import parlour.inbox.SqlAgentLogins;
import parlour.scopedauth.MasterKey;
import parlour.spec.Browser;
import parlour.spec.Guest;
import parlour.spec.GuestKey;
import parlour.spec.InBothShapes;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.spec.WebhookReceiver;
import parlour.store.Database;

/** The commands for operators, beside a running instance. */
@ParameterizedClass
@InBothShapes(of = {Shape.ONE_PROCESS, Shape.OVER_POSTGRES})
class AdminTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String UNKNOWN = "0123456789abcdef0123456789abcdef";

  private static final Map<Shape, Installation> started = new EnumMap<>(Shape.class);

  private final Installation installation;

  AdminTest(Shape shape) {
    installation = started.computeIfAbsent(shape, Installation::start);
    installation.configureAnew();
  }

  @AfterAll
  static void stop() {
    started.values().forEach(Installation::close);
    started.clear();
  }

  @Test
  void an_account_with_an_address_and_a_deployment_serves_guests() {
    String account = text(type("accounts", "create", "--name", "Second", "--json"), "sid");
    assertThat(text(type("accounts", "create", "--name", "Third", "--json"), "auth_token"))
        .matches("[0-9a-f]{32}");
    String address =
        text(type("addresses", "create", "--name", "Desk", "--account", account, "--json"), "sid");
    Map<String, @Nullable Object> deployment = type(
            "deployments",
            "create",
            "--name",
            "Site",
            "--account",
            account,
            "--origin",
            Installation.ORIGIN,
            "--json")
        .json();
    assertThat(deployment)
        .containsEntry("account_sid", account)
        .containsEntry("address_sid", address)
        .containsEntry("fingerprint_sensitivity", "medium");
    Guest.Reply reply = installation.guest().post("/v2/Webchat/Init", """
        {"deploymentKey":"%s"}\
        """.formatted(
            deployment.get("deployment_key")));
    assertThat(reply.status()).isEqualTo(201);
  }

  /** Another operator's change takes place between the read and the write of each command. */
  @Test
  void a_command_undoes_no_change_that_another_operator_makes_at_the_same_moment() {
    Sid.Deployment deployment = installation.deployment;
    String desk = installation.address.text();
    assertThat(typeWhile(
            () -> changes(deployment, "https://between.example"),
            "deployments",
            "update",
            deployment.text(),
            "--add-origin",
            "https://late.example"))
        .contains("https://between.example", "https://late.example");
    typeWhile(
        () -> keeps(Duration.ofDays(9)), "addresses", "update", desk, "--greeting", "Good day");
    assertThat(address().greeting()).contains("Good day");
    assertThat(address().keep()).contains(Duration.ofDays(9));
    typeWhile(() -> keeps(Duration.ofDays(8)), "addresses", "hours", desk, "--away-text", "Later.");
    assertThat(address().attendance().awayText()).contains("Later.");
    assertThat(address().keep()).contains(Duration.ofDays(8));
  }

  /** Types a command whose first reading of the clock runs a change of somebody else. */
  private String typeWhile(Runnable change, String... arguments) {
    AtomicBoolean isDone = new AtomicBoolean();
    InstantSource clock = () -> {
      if (isDone.compareAndSet(false, true)) {
        change.run();
      }
      return Instant.now();
    };
    StringWriter out = new StringWriter();
    Terminal terminal = new Terminal(
        new PrintWriter(out, true),
        new PrintWriter(out, true),
        environment(),
        installation.folder(),
        Optional.empty(),
        clock,
        new SecureRandom());
    try {
      assertThat(Cli.run(terminal, withData(arguments))).as(out.toString()).isZero();
    } finally {
      Typed.restoreTestLogs();
    }
    return out.toString();
  }

  private void changes(Sid.Deployment key, String origin) {
    installation.accounts(accounts -> {
      Accounts.Deployment read = accounts.deployments().stream()
          .filter(deployment -> deployment.key().equals(key))
          .findFirst()
          .orElseThrow();
      Accounts.Settings settings = read.settings();
      assertThat(accounts.update(
              accounts.version(),
              new Accounts.Deployment(
                  key,
                  read.account(),
                  read.name(),
                  new Accounts.Settings(
                      settings.address(),
                      settings.allowedOrigins().changed(List.of(origin), List.of()),
                      settings.rules(),
                      settings.lifetimes()),
                  read.created(),
                  Instant.now())))
          .isTrue();
    });
  }

  private void keeps(Duration time) {
    installation.accounts(accounts -> assertThat(accounts.update(
            accounts.version(), address().keeping(Optional.of(time)), Instant.now()))
        .isTrue());
  }

  private Accounts.Address address() {
    List<Accounts.Address> found = new ArrayList<>();
    installation.accounts(accounts -> found.addAll(accounts.addresses()));
    return found.stream()
        .filter(address -> address.sid().equals(installation.address))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void an_address_has_a_greeting_and_a_webhook_whose_secret_is_shown_once() {
    String sid = installation.address.text();
    Map<String, @Nullable Object> changed = type(
            "addresses",
            "update",
            sid,
            "--greeting",
            "Welcome {name}",
            "--webhook",
            "https://bot.example.com",
            "--json")
        .json();
    String secret = String.valueOf(changed.get("webhook_secret"));
    assertThat(secret).matches("whsec_[0-9a-f]{64}");
    assertThat(changed)
        .containsEntry("greeting", "Welcome {name}")
        .containsEntry("answering", "webhook")
        .containsEntry("webhook_url", "https://bot.example.com/");
    Map<String, @Nullable Object> moved = type(
            "addresses", "update", sid, "--webhook", "https://new.example.com/x", "--json")
        .json();
    assertThat(moved.get("webhook_secret")).as("it is the one before").isNull();
    assertThat(moved).containsEntry("greeting", "Welcome {name}");
    assertThat(type("addresses", "list").out())
        .contains("https://new.example.com/x")
        .doesNotContain("whsec_");
    assertThat(type("addresses", "list", "--json").out()).doesNotContain("whsec_");
    assertThat(text(type("addresses", "update", sid, "--new-secret", "--json"), "webhook_secret"))
        .matches("whsec_[0-9a-f]{64}")
        .isNotEqualTo(secret);
    assertThat(type("addresses", "update", sid, "--inbox", "--no-greeting").out())
        .containsPattern("greeting +none")
        .containsPattern("answered by +inbox");
  }

  @Test
  void mistakes_about_an_address_name_the_option_and_the_remedy() {
    String sid = installation.address.text();
    assertMistake(
        type("addresses", "update", sid, "--webhook", "http://bot.example.com/"), "--plain-http");
    Typed password = type("addresses", "update", sid, "--webhook", "https://ann:geheim@b.example/");
    assertMistake(password, "--webhook: it has a name or password");
    assertThat(password.err()).doesNotContain("geheim");
    assertMistake(
        type("addresses", "update", sid, "--greeting", "x".repeat(1_001)),
        "--greeting: a greeting has at most 1000 characters");
    assertMistake(
        type("addresses", "update", sid, "--webhook", "https://b.example/", "--inbox"),
        "--webhook and --inbox contradict");
    assertMistake(
        type("addresses", "update", sid, "--greeting", "x", "--no-greeting"), "contradict");
    assertMistake(type("addresses", "update", sid, "--new-secret"), "give --webhook URL");
    assertMistake(type("addresses", "update", sid, "--inbox", "--new-secret"), "contradict");
    assertMistake(type("addresses", "update", sid, "--plain-http"), "--webhook URL");
    assertMistake(type("addresses", "update", "IG" + UNKNOWN, "--inbox"), "parlour addresses list");
    assertMistake(type("addresses", "test", sid), "--webhook URL");
  }

  @Test
  void an_address_has_members_until_the_last_one_is_removed() {
    String sid = installation.address.text();
    String ann = installation.agent(Agents.Role.AGENT).name();
    String ben = installation.agent(Agents.Role.AGENT).name();
    assertThat(type("addresses", "members", sid).out()).contains("none: all agents");
    assertThat(type("addresses", "members", sid, "--add", ann, "--add", ben, "--json")
            .json())
        .containsEntry("sid", sid)
        .containsEntry("members", Stream.of(ann, ben).sorted().toList());
    assertThat(type("addresses", "members", sid, "--remove", ben).out())
        .contains(ann)
        .doesNotContain(ben);
    assertMistake(type("addresses", "members", sid, "--remove", ben), "is not a member");
    assertMistake(type("addresses", "members", sid, "--add", "nobody"), "parlour agents list");
    assertMistake(type("addresses", "members", "IG" + UNKNOWN), "parlour addresses list");
    assertMistake(type("agents", "remove", ann), "the only member of " + sid);
    assertThat(type("addresses", "members", sid, "--remove", ann, "--json").json())
        .containsEntry("members", List.of());
    assertThat(type("agents", "remove", ann).exit()).isZero();
  }

  @Test
  void an_agent_of_a_provider_is_listed_has_no_password_and_is_admitted_after_a_removal() {
    AgentLogins.Login login =
        new AgentLogins.Login(installation.account, "https://id.example.com", "f81d4fae");
    Agents.Agent agent = new Agents.Agent(
        "pia",
        installation.account,
        Agents.Agent.nextIdentity(new SecureRandom()),
        "Pia",
        Agents.Role.AGENT,
        installation.clock.instant());
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      assertThat(new SqlAgentLogins(database)
              .signIn(login, agent, List.of(), new AgentLogins.Browser("a", "d", "")))
          .isEqualTo(AgentLogins.Outcome.SIGNED_IN);
    }
    assertThat(type("agents", "list").out()).containsPattern("pia .*provider +-");
    assertMistake(type("agents", "reset", "pia"), "has no password");
    assertMistake(type("agents", "admit", "pia"), "these are: nobody");
    assertThat(type("agents", "remove", "pia").out()).contains("parlour agents admit pia");
    assertMistake(type("agents", "admit", "ann"), "these are: pia");
    assertThat(type("agents", "admit", "pia", "--json").json()).containsEntry("admitted", true);
    assertMistake(type("agents", "admit", "pia"), "these are: nobody");
  }

  @Test
  void an_address_has_opening_hours_until_they_are_removed() {
    String sid = installation.address.text();
    assertThat(type("addresses", "hours", sid).out()).containsPattern("hours +at all hours");
    Map<String, @Nullable Object> changed = type(
            "addresses",
            "hours",
            sid,
            "--zone",
            "Europe/Berlin",
            "--open",
            "mon-fri 09:00-12:30,13:30-18:00",
            "--open",
            "sat 22:00-06:00",
            "--holiday",
            "2026-12-25",
            "--away-text",
            "Back soon",
            "--json")
        .json();
    assertThat(changed)
        .containsEntry("time_zone", "Europe/Berlin")
        .containsEntry("holidays", List.of("2026-12-25"))
        .containsEntry("away_text", "Back soon")
        .containsKeys("open", "opens_at");
    String shown = type("addresses", "hours", sid, "--no-holidays").out();
    assertThat(shown)
        .contains("fri 09:00-12:30,13:30-18:00; sat 22:00-06:00", "Back soon")
        .doesNotContain("2026-12-25");
    assertThat(type("addresses", "update", sid, "--greeting", "Hello").exit()).isZero();
    assertThat(type("addresses", "hours", sid).out()).contains("Europe/Berlin");
    assertThat(type("addresses", "hours", sid, "--always", "--no-away-text").out())
        .containsPattern("hours +at all hours")
        .containsPattern("now +open")
        .doesNotContain("Berlin", "Back soon");
  }

  @Test
  void hours_in_a_zone_that_this_machine_does_not_know_stay_as_they_are() {
    String sid = installation.address.text();
    assertThat(hours(sid, "--zone", "UTC", "--open", "mon 09:00-17:00").exit()).isZero();
    installation.storesTimeZone("Mars/Olympus");
    for (List<String> change : List.of(
        List.<String>of(),
        List.of("--away-text", "Back soon"),
        List.of("--open", "tue 09:00-17:00"),
        List.of("--zone", "UTC", "--open", "tue 09:00-17:00"))) {
      Typed refused = hours(sid, change.toArray(String[]::new));
      assertMistake(refused, "time zone is Mars/Olympus, so nothing was changed");
      assertMistake(refused, "update Java here");
    }
    assertThat(type("addresses", "update", sid, "--greeting", "Hello").exit()).isZero();
    installation.storesTimeZone("UTC");
    assertThat(hours(sid).out()).contains("mon 09:00-17:00").doesNotContain("Back soon");
    installation.storesTimeZone("Mars/Olympus");
    assertThat(hours(sid, "--zone", "UTC", "--open", "tue 09:00-17:00", "--no-holidays")
            .out())
        .contains("tue 09:00-17:00");
    installation.storesTimeZone("Mars/Olympus");
    assertThat(hours(sid, "--always").out()).containsPattern("hours +at all hours");
  }

  @Test
  void mistakes_about_opening_hours_name_the_option_and_the_remedy() {
    String sid = installation.address.text();
    assertMistake(hours(sid, "--open", "mon 09:00-10:00"), "--zone is missing");
    assertMistake(hours(sid, "--zone", "Europe/Berlin"), "--open is missing");
    assertMistake(
        hours(sid, "--zone", "Europe/Belrin", "--open", "mon 09:00-10:00"),
        "--zone: \"Europe/Belrin\" is not the IANA name of a time zone; give one such as");
    assertMistake(
        hours(sid, "--zone", "UTC", "--open", "mon 09:00-25:00"),
        "--open: 25:00 is not a time of day");
    assertMistake(
        hours(sid, "--zone", "UTC", "--open", "mon 09:00-12:00", "--open", "mon 11:00-13:00"),
        "--open: mon is given twice");
    assertMistake(hours(sid, "--zone", "UTC", "--open", "mon 09:00-12:00,11:00-13:00"), "overlap");
    assertMistake(
        hours(sid, "--zone", "UTC", "--open", "mon 09:00-12:00", "--holiday", "25.12.2026"),
        "--holiday: \"25.12.2026\" is not a date");
    assertMistake(
        hours(
            sid,
            "--zone",
            "UTC",
            "--open",
            "mon 09:00-12:00",
            "--holiday",
            "2026-12-25",
            "--holiday",
            "2026-12-25"),
        "--holiday: 2026-12-25 is given twice");
    assertMistake(hours(sid, "--away-text", "two\nlines"), "--away-text: an away text is one line");
    assertMistake(hours(sid, "--away-text", "x".repeat(201)), "at most 200 characters");
    assertMistake(hours(sid, "--always", "--zone", "UTC"), "--always removes the hours");
    assertMistake(hours(sid, "--away-text", "x", "--no-away-text"), "contradict");
    assertMistake(hours("IG" + UNKNOWN), "parlour addresses list");
  }

  private Typed hours(String sid, String... options) {
    List<String> words = new ArrayList<>(List.of("addresses", "hours", sid));
    words.addAll(List.of(options));
    return type(words.toArray(String[]::new));
  }

  @Test
  void a_test_event_prints_the_result_and_the_list_shows_waiting_events() {
    try (WebhookReceiver receiver = new WebhookReceiver()) {
      String sid = installation.address.text();
      type("addresses", "update", sid, "--webhook", receiver.url().toString());
      assertThat(type("addresses", "test", sid).out()).contains("accepted the event", "(204)");
      assertThat(receiver.taken()).singleElement().satisfies(one -> {
        assertThat(one.type()).isEqualTo("test");
        assertThat(one.signature()).startsWith("t=");
      });
      receiver.answering(401);
      assertMistake(
          type("addresses", "test", sid),
          "answered 401 (does it have the secret of this address?)");
      receiver.answering(410);
      assertMistake(type("addresses", "test", sid), "410");

      receiver.answering(302);
      installation.guest().starts();
      Map<?, ?> listed = Map.of();
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      while (listed.get("last_error") == null && System.nanoTime() < giveUp) {
        listed = addressListed();
      }
      assertThat(listed.get("conversations_waiting")).isEqualTo(1L);
      assertThat(listed.get("failing_since")).isNotNull();
      assertThat(String.valueOf(listed.get("last_error"))).startsWith("answered 302 (redirects");
      assertThat(type("addresses", "list").out()).contains("LAST ERROR", "answered 302");
    }
  }

  private Map<?, ?> addressListed() {
    List<?> all = (List<?>) type("addresses", "list", "--json").json().get("addresses");
    return (Map<?, ?>) Optional.ofNullable(all).orElseThrow().getFirst();
  }

  @Test
  void lists_are_tables_for_people_and_json_for_programs() {
    Typed table = type("deployments", "list");
    assertThat(table.out().lines().findFirst().orElseThrow()).startsWith("KEY ");
    assertThat(table.out()).contains(key(), Installation.ORIGIN, "medium", "6h", "1d");
    assertThat(type("deployments", "list", "--json").out())
        .contains("\"deployment_key\":\"" + key() + "\"", "\"token_ttl_seconds\":21600");
    assertThat(type("accounts", "list").out()).contains(installation.account.text());
    assertThat(type("addresses", "list").out()).contains(installation.address.text());
  }

  @Test
  void an_update_changes_only_the_given_options_and_a_running_instance_notices() {
    Guest elsewhere = installation.guest().from("https://new.example.com");
    assertThat(elsewhere.init().status()).isEqualTo(403);
    Typed updated = type(
        "deployments", "update", key(), "--origin", "https://*.example.com", "--token-ttl", "90m");
    assertThat(updated.exit()).isEqualTo(0);
    assertThat(updated.out()).contains("https://*.example.com", "90m", "medium");
    Guest.Reply reply = await(elsewhere::init, 201);
    assertThat(Instant.parse(reply.text("expiration")))
        .isBetween(
            Instant.now().plus(Duration.ofMinutes(89)), Instant.now().plus(Duration.ofMinutes(91)));
    assertThat(type("deployments", "update", key(), "--any-origin", "--name", "Open")
            .out())
        .containsPattern("allowed origins +any")
        .containsPattern("name +Open")
        .contains("90m");
  }

  @Test
  void an_origin_is_added_or_removed_without_changing_the_others() {
    type("deployments", "update", key(), "--origin", "https://a.example");
    Typed added = type("deployments", "update", key(), "--add-origin", "https://B.example/");
    assertThat(added.out()).containsPattern("allowed origins +https://a.example https://b.example");
    assertThat(added.err()).isEmpty();
    Typed removed = type("deployments", "update", key(), "--remove-origin", "https://a.example");
    assertThat(removed.out()).containsPattern("allowed origins +https://b.example\\R");
    assertThat(removed.err()).contains("no longer allowed: https://a.example");
    assertMistake(
        type("deployments", "update", key(), "--remove-origin", "https://a.example"),
        "https://a.example is not on the list, which is: https://b.example");
    assertMistake(
        type("deployments", "update", key(), "--remove-origin", "https://b.example"),
        "an empty list lets any page in");
    assertMistake(
        type(
            "deployments",
            "update",
            key(),
            "--origin",
            "https://c.example",
            "--add-origin",
            "https://d.example"),
        "contradict each other");
  }

  @Test
  void a_replaced_or_emptied_list_of_origins_names_those_that_lose_access() {
    type("deployments", "update", key(), "--any-origin");
    assertThat(type("deployments", "update", key(), "--add-origin", "https://a.example")
            .err())
        .contains("any page could use this deployment until now", "only: https://a.example");
    assertThat(type("deployments", "update", key(), "--origin", "https://c.example")
            .err())
        .contains("no longer allowed: https://a.example");
    assertThat(type("deployments", "update", key(), "--any-origin").err())
        .contains("from now on any page can use this deployment");
  }

  @Test
  void an_update_can_change_every_setting() {
    assertThat(type(
                "deployments",
                "update",
                key(),
                "--sensitivity",
                "high",
                "--session-ttl",
                "2d",
                "--revoke-on-replay",
                "on",
                "--realtime",
                "on",
                "--address",
                "none")
            .out())
        .containsPattern("sensitivity +high")
        .containsPattern("session TTL +2d\\R")
        .containsPattern("revoke on replay +on")
        .containsPattern("realtime +on")
        .containsPattern("address +none");
    assertThat(type("deployments", "list", "--json").out()).contains("\"realtime\":true");
    assertThat(type("deployments", "update", key(), "--keep", "90d").out())
        .containsPattern("kept +90d");
    assertThat(type("deployments", "list", "--json").out()).contains("\"keep_seconds\":7776000");
    String desk = installation.address.text();
    assertThat(type("addresses", "update", desk, "--keep", "90d").out())
        .containsPattern("kept +90d");
    assertThat(type("addresses", "update", desk, "--greeting", "Hello").out())
        .containsPattern("kept +90d");
    assertThat(type("addresses", "hours", desk, "--away-text", "Back soon").exit())
        .isZero();
    assertThat(type("addresses", "list", "--json").out()).contains("\"keep_seconds\":7776000");
    assertThat(type("addresses", "update", desk, "--keep", "forever").out())
        .containsPattern("kept +forever");
    assertMistake(
        type("addresses", "update", desk, "--keep", "1h"),
        "--keep: the time that conversations are kept must be from 86400");
    assertMistake(type("addresses", "update", desk, "--keep", "soon"), "or forever, not \"soon\"");
    assertThat(type("deployments", "update", key(), "--keep", "forever").out())
        .containsPattern("kept +forever")
        .containsPattern("reopen +within 1d");
    assertThat(type("deployments", "update", key(), "--reopen", "90m").out())
        .containsPattern("reopen +within 90m");
    assertThat(type("deployments", "list", "--json").out()).contains("\"reopen_seconds\":5400");
    for (String off : List.of("off", "0")) {
      assertThat(type("deployments", "update", key(), "--reopen", off).out())
          .containsPattern("reopen +off");
      assertThat(type("deployments", "list", "--json").out()).contains("\"reopen_seconds\":0");
      type("deployments", "update", key(), "--reopen", "1h");
    }
    assertThat(type("deployments", "update", key(), "--reopen", "soon").err())
        .contains("--reopen: expected seconds", "or off");
    assertThat(type("deployments", "update", key(), "--revoke-on-replay", "off").out())
        .containsPattern("revoke on replay +off")
        .containsPattern("realtime +on")
        .containsPattern("sensitivity +high");
    assertThat(type("deployments", "update", key(), "--realtime", "off").out())
        .containsPattern("realtime +off");
  }

  @Test
  void a_deployment_says_whether_sessions_are_bound_to_a_key_and_how_long_they_live() {
    assertThat(type("deployments", "show", key()).out())
        .containsPattern("proof +prefer")
        .containsPattern("session TTL +30d \\(unbound 1d\\)")
        .containsPattern("idle TTL +14d");
    assertThat(type("deployments", "list").out()).contains("PROOF", "30d (unbound 1d)");
    assertThat(type("deployments", "update", key(), "--proof", "require", "--idle-ttl", "12h")
            .out())
        .containsPattern("proof +require")
        .containsPattern("session TTL +30d\\R")
        .containsPattern("idle TTL +12h");
    assertThat(type("deployments", "show", key(), "--json").json())
        .containsEntry("proof", "require")
        .containsEntry("bound_session_ttl_seconds", 2_592_000L)
        .containsEntry("unbound_session_ttl_seconds", 86_400L)
        .containsEntry("idle_ttl_seconds", 43_200L);
    Typed shorter = type("deployments", "update", key(), "--proof", "OFF", "--session-ttl", "2d");
    assertThat(shorter.out()).containsPattern("proof +off").containsPattern("session TTL +2d\\R");
    assertThat(type(
                "deployments",
                "update",
                key(),
                "--session-ttl",
                "default",
                "--idle-ttl",
                "default",
                "--proof",
                "prefer")
            .out())
        .containsPattern("session TTL +30d \\(unbound 1d\\)")
        .containsPattern("idle TTL +14d");
    String created = text(
        type("deployments", "create", "--name", "Kiosk", "--proof", "require", "--json"),
        "deployment_key");
    assertThat(type("deployments", "show", created).out()).containsPattern("proof +require");
  }

  @Test
  void mistakes_about_keys_and_lifetimes_name_the_option_and_the_remedy() {
    String before = type("deployments", "list", "--json").out();
    Typed always = type("deployments", "update", key(), "--proof", "always");
    assertThat(always.exit()).isEqualTo(2);
    assertThat(always.err()).contains("'--proof'", "OFF, PREFER, REQUIRE", "'always'");
    assertMistake(
        type("deployments", "update", key(), "--idle-ttl", "never"),
        "--idle-ttl: expected seconds (3600), or 90s, 15m, 6h, 2d, or default, not \"never\"");
    assertMistake(
        type("deployments", "update", key(), "--session-ttl", "forever"), "or default, not");
    assertMistake(
        type("deployments", "update", key(), "--token-ttl", "60s", "--idle-ttl", "9m"),
        "the idle TTL must be from 600 to 2592000 seconds, not 540");
    assertMistake(
        type("deployments", "update", key(), "--idle-ttl", "11h"),
        "the idle TTL (11h) is less than 2 times the token TTL (6h)");
    assertMistake(
        type("deployments", "update", key(), "--idle-ttl", "3d", "--session-ttl", "2d"),
        "the idle TTL (3d) is longer than the session TTL (2d)");
    assertMistake(
        type("deployments", "show", "CV" + UNKNOWN), "parlour deployments list shows them all");
    assertThat(type("deployments", "list", "--json").out()).isEqualTo(before);
  }

  @Test
  void an_impossible_command_is_refused_with_the_remedy_and_changes_nothing() {
    String before = type("deployments", "list", "--json").out();
    assertMistake(
        type("deployments", "update", "CV" + UNKNOWN, "--name", "x"), "there is no deployment key");
    assertMistake(
        type("deployments", "update", key(), "--origin", "shop.example.com"),
        "\"shop.example.com\" is not an origin");
    assertMistake(
        type("deployments", "update", key(), "--token-ttl", "5s"),
        "the token TTL must be from 60 to 86400 seconds, not 5");
    assertMistake(
        type("deployments", "update", key(), "--address", "IG" + UNKNOWN), "has no address IG");
    assertMistake(
        type("deployments", "update", key(), "--any-origin", "--origin", "https://a.example"),
        "contradict each other");
    String other = text(type("accounts", "create", "--name", "Other", "--json"), "sid");
    String its =
        text(type("addresses", "create", "--name", "Desk", "--account", other, "--json"), "sid");
    assertMistake(type("deployments", "update", key(), "--address", its), "has no address " + its);
    assertMistake(type("deployments", "create", "--name", "x"), "there are 2 accounts: choose one");
    assertThat(type("deployments", "list", "--json").out()).isEqualTo(before);
  }

  @Test
  void a_deletion_asks_a_person_and_needs_an_option_without_one() {
    List<String> asked = new ArrayList<>();
    Typed kept = Typed.in(
        installation.folder(),
        environment(),
        Optional.of(question -> {
          asked.add(question);
          return "no";
        }),
        withData("deployments", "delete", key()));
    assertMistake(kept, "nothing was deleted");
    assertThat(asked).singleElement().asString().contains(key());
    assertMistake(type("deployments", "delete", key()), "add --yes to do it without a question");
    assertThat(type("deployments", "delete", key(), "--yes").out()).startsWith("deleted " + key());
    assertMistake(type("deployments", "delete", key(), "--yes"), "there is no deployment key");
    assertThat(await(installation.guest()::init, 404).code()).isEqualTo(45778);
  }

  @Test
  void keys_rotate_without_interrupting_anyone() {
    Guest guest = installation.guest().starts();
    Typed rotated = type("keys", "rotate");
    assertThat(rotated.exit()).isEqualTo(0);
    assertThat(rotated.out()).containsPattern("primary +\\S+ +\\S+\\R\\S+ +next ");
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(type("keys", "list", "--json").out())
        .contains("\"state\":\"primary\"", "\"state\":\"next\"")
        .doesNotContain("sealed");
  }

  @Test
  void the_master_key_is_replaced_without_interrupting_anyone() throws IOException {
    Guest guest = installation.guest().starts();
    Path file = installation.folder().resolve("master.key");
    String before = Files.readString(file);
    if (installation.settings().containsKey(Setting.DATABASE_URL)) {
      assertMistake(type("keys", "reseal", "--new-master-key"), "files of their own");
      assertThat(file).hasContent(before);
      Files.writeString(file, MasterKey.random(new SecureRandom()) + "\n" + before);
      assertThat(type("keys", "reseal").out())
          .contains("sealed again under the first master key: ")
          .doesNotContain(": 0");
      Files.writeString(file, MasterKey.split(Files.readString(file)).getFirst());
    } else {
      Typed replaced = type("keys", "reseal", "--new-master-key");
      assertThat(replaced.exit()).as(replaced.err()).isEqualTo(0);
      assertThat(replaced.out())
          .contains("sealed again under the new master key: ")
          .doesNotContain(": 0");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    String after = Files.readString(file);
    assertThat(MasterKey.split(after)).hasSize(1);
    assertThat(after.strip()).isNotEqualTo(before.strip());
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(type("keys", "rotate").exit()).isEqualTo(0);
    installation.stop(Role.SCOPED_AUTH);
    installation.startAllAgain();
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(type("keys", "reseal").out()).contains("sealed again under the first master key: 0");
    assertMistake(
        type("keys", "reseal", "--new-master-key", "--set", "master-key=" + after.strip()),
        "comes from the setting master-key");
  }

  @Test
  void an_interrupted_change_of_the_master_key_is_finished_by_the_next_one() throws IOException {
    if (installation.settings().containsKey(Setting.DATABASE_URL)) {
      return; // there it is changed by hand
    }
    Guest guest = installation.guest().starts();
    Path file = installation.folder().resolve("master.key");
    String before = Files.readString(file).strip();
    String made = MasterKey.random(new SecureRandom());
    Files.writeString(file, made + "\n" + before);
    installation.stop(Role.SCOPED_AUTH);
    installation.startAllAgain();
    assertThat(guest.reloads().status()).isEqualTo(200);
    for (int i = 0; i < Limits.MASTER_KEYS + 1; i++) { // the store cannot be reached
      assertThat(type("keys", "reseal", "--new-master-key", "--data", "/proc").exit())
          .isNotZero();
    }
    assertThat(file).hasContent(made + "\n" + before);
    assertThat(type("keys", "reseal", "--new-master-key").exit()).isEqualTo(0);
    assertThat(Files.readString(file).strip()).isEqualTo(made);
    assertThat(guest.reloads().status()).isEqualTo(200);
    Files.writeString(file, made + "\n" + before);
    assertThat(type("keys", "reseal", "--new-master-key").exit()).isEqualTo(0);
    assertThat(Files.readString(file)).doesNotContain(made, before);
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  @Test
  void a_session_shows_its_refusals_and_ends_when_it_is_revoked() {
    Guest guest = installation.guest().starts();
    assertThat(guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads().code()).isEqualTo(45779);
    Typed list = type("sessions", "list", "--deployment", key());
    assertThat(list.out()).containsPattern("GS[0-9a-f]{32} +live +1 .* 1 +from another browser");
    assertThat(type("sessions", "list", "--deployment", "CV" + UNKNOWN).out())
        .startsWith("no sessions");
    String sid = list.out().lines().skip(1).findFirst().orElseThrow().substring(0, 34);
    assertThat(type("sessions", "show", sid).out())
        .contains("from another browser")
        .doesNotContain(guest.token());
    assertThat(type("sessions", "revoke", sid, "--why", "reported as stolen").out())
        .startsWith("revoked " + sid);
    assertThat(guest.reloads().code()).isEqualTo(45775);
    assertThat(type("sessions", "show", sid, "--json").json())
        .containsEntry("state", "revoked")
        .containsEntry("revoked_why", "reported as stolen");
    assertThat(type("sessions", "revoke", sid).out()).contains("was revoked before");
    assertMistake(type("sessions", "show", "GS" + UNKNOWN), "there is no session");
  }

  @Test
  void a_session_shows_whether_it_is_bound_to_a_key_and_when_it_ends() {
    installation.guest().starts();
    Map<String, @Nullable Object> unbound = newestSession();
    assertThat(unbound).containsEntry("bound", false).containsEntry("idle_ttl_seconds", null);
    assertThat(unbound.get("absolute_end")).isEqualTo(unbound.get("expires"));
    String sid = String.valueOf(unbound.get("sid"));
    assertThat(type("sessions", "show", sid).out())
        .containsPattern("bound to a key +no")
        .containsPattern("expires +" + toSecond(unbound.get("expires")))
        .doesNotContain("expires when idle", "expires at the latest");

    installation.guest().withKey(GuestKey.next()).starts();
    Map<String, @Nullable Object> bound = newestSession();
    Instant created = Instant.parse(String.valueOf(bound.get("created")));
    assertThat(bound)
        .containsEntry("bound", true)
        .containsEntry("idle_ttl_seconds", 1_209_600L)
        .containsEntry(
            "expires",
            created
                .plus(Duration.ofDays(14))
                .plus(Duration.ofDays(14).dividedBy(Limits.IDLE_TTL_STEPS))
                .toString())
        .containsEntry("absolute_end", created.plus(Duration.ofDays(30)).toString());
    assertThat(type("sessions", "show", String.valueOf(bound.get("sid"))).out())
        .containsPattern("bound to a key +yes")
        .containsPattern("expires when idle +%s, unless a new token is used before \\(14d\\)"
            .formatted(toSecond(bound.get("expires"))))
        .containsPattern("expires at the latest +" + toSecond(bound.get("absolute_end")))
        .doesNotContainPattern("expires  ");
    assertThat(type("sessions", "list").out())
        .containsPattern("BOUND")
        .containsPattern(bound.get("sid") + " +live +1 +yes ")
        .containsPattern(sid + " +live +1 +no ");
  }

  @Test
  void a_session_shows_which_proofs_were_refused_and_does_not_end_by_them() {
    Guest guest = installation.guest().withKey(GuestKey.next()).starts();
    String sid = String.valueOf(newestSession().get("sid"));
    Guest keyless = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
    assertThat(keyless.reloads().code()).isEqualTo(45779);
    assertThat(type("sessions", "show", sid).out())
        .containsPattern("refusals +1")
        .containsPattern("last refusal +\\S+, key: missing");
    GuestKey another = GuestKey.next();
    another.agree(GuestKey.next().publicKey(), guest.conversation());
    assertThat(keyless.withKey(another).reloads().code()).isEqualTo(45779);
    assertThat(type("sessions", "list").out())
        .containsPattern(sid + " +live +1 +yes .* 2 +key: wrong");
    assertThat(type("sessions", "show", sid, "--json").json())
        .containsEntry("state", "live")
        .containsEntry("refusals", 2L)
        .containsEntry("last_refused_why", "key: wrong");
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  private Map<String, @Nullable Object> newestSession() {
    Typed list = type("sessions", "list", "--limit", "1");
    String sid = list.out().lines().skip(1).findFirst().orElseThrow().substring(0, 34);
    return type("sessions", "show", sid, "--json").json();
  }

  private static String toSecond(@Nullable Object instant) {
    return Instant.parse(String.valueOf(instant))
        .truncatedTo(ChronoUnit.SECONDS)
        .toString();
  }

  @Test
  void all_live_sessions_of_a_deployment_end_at_once_after_a_confirmation() {
    Guest one = installation.guest().starts();
    Guest two = installation.guest().starts();
    Typed kept = Typed.in(
        installation.folder(),
        environment(),
        Optional.of(question -> question.startsWith("End 2 sessions?") ? "n" : "y"),
        withData("sessions", "end-all", "--deployment", key()));
    assertMistake(kept, "nothing was ended");
    assertMistake(type("sessions", "end-all", "--deployment", key()), "--yes");
    assertThat(one.reloads().status()).isEqualTo(200);
    assertThat(type("sessions", "end-all", "--deployment", "CV" + UNKNOWN).out())
        .startsWith("ended 0 sessions");
    Typed ended = type("sessions", "end-all", "--deployment", key(), "--yes", "--json");
    assertThat(ended.json()).containsEntry("sessions_ended", 2L);
    assertThat(one.reloads().code()).isEqualTo(45775);
    assertThat(two.reloads().code()).isEqualTo(45775);
    assertMistake(
        type("sessions", "end-all", "--deployment", key(), "--account", "AC" + UNKNOWN),
        "contradict each other");
  }

  @Test
  void a_deleted_deployment_ends_its_sessions_with_the_reason() {
    installation.guest().starts();
    assertThat(type("deployments", "delete", key(), "--yes").out()).contains("ended 1 session");
    assertThat(type("sessions", "list", "--deployment", key()).out()).contains("revoked");
    assertThat(type("sessions", "list", "--deployment", key(), "--json").out())
        .contains("its deployment was deleted");
  }

  @Test
  void a_trace_shows_which_check_failed_and_which_signal_differed() {
    Guest guest = installation.guest().starts();
    Guest.Reply refused = guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    Typed typed = type("trace", refused.traceId());
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.out())
        .contains("sequenceDiagram", "then the fingerprint: differs", "differs in")
        .contains("403 {valid: false, code: 45779, message}");
    assertThat(text(type("trace", refused.traceId(), "--json"), "diagram"))
        .isEqualTo(typed.out().stripTrailing() + "\n");
    assertMistake(type("trace", "00000000"), "there is no trace 00000000");
    assertMistake(type("trace", "not-an-id"), "8 to 32 hex digits");
    assertMistake(
        type("trace", "00000000", "--set", "internal.secret=another"),
        "does not accept the internal secret");
    List<String> fromLedger =
        List.of("trace", refused.traceId(), "--set", "internal.secret=another");
    Eventually.until(
        "the ledger has the entry, which is written beside the request",
        () -> type(fromLedger.toArray(String[]::new)).out().contains("another browser"));
    Typed entry = type(fromLedger.toArray(String[]::new));
    assertThat(entry.err())
        .contains("only the entry in the ledger", "does not accept the internal secret");
  }

  @Test
  void over_postgresql_the_ledger_has_a_trace_without_a_folder(@TempDir Path elsewhere) {
    Guest.Reply refused =
        installation.guest().starts().copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    boolean server = installation.settings().containsKey(Setting.DATABASE_URL);
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    Typed typed = Typed.in(elsewhere, environment(), "trace", refused.traceId());
    while (server && typed.exit() != 0 && System.nanoTime() < giveUp) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos()); // entries are written in groups
      typed = Typed.in(elsewhere, environment(), "trace", refused.traceId());
    }
    assertThat(server ? typed.out() : typed.err())
        .contains(server ? "another browser" : "no data folder");
  }

  @Test
  void stored_data_can_be_shown_while_nothing_runs_but_traces_cannot() {
    installation.guest().starts();
    installation.stop(Role.STARSHIP);
    try {
      assertThat(type("sessions", "list").out()).contains("live");
      assertThat(type("deployments", "update", key(), "--name", "Renamed").exit())
          .isEqualTo(0);
      assertMistake(type("trace", "4bf92f3577b3"), "start the instance");
    } finally {
      installation.startAllAgain();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "create"})
  void over_postgresql_a_command_needs_no_folder(String command, @TempDir Path elsewhere) {
    String[] arguments = command.equals("list")
        ? new String[] {"accounts", "list", "--json"}
        : new String[] {"accounts", "create", "--name", "Other", "--json"};
    Typed typed = Typed.in(elsewhere, environment(), arguments);
    boolean server = installation.settings().containsKey(Setting.DATABASE_URL);
    assertThat(typed.exit()).as(typed.err()).isEqualTo(server ? 0 : 1);
    assertThat(server ? typed.out() : typed.err()).contains(server ? "{\"" : "no data folder");
  }

  /** Calls until running processes have read what was changed, and the answer has this status. */
  private static Guest.Reply await(Supplier<Guest.Reply> call, int status) {
    // Less than the time after which a process reads everything again, noticed or not.
    long giveUp = System.nanoTime() + Limits.DIRECTORY_CACHE_TTL.minusSeconds(2).toNanos();
    Guest.Reply reply = call.get();
    while (reply.status() != status && System.nanoTime() < giveUp) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      reply = call.get();
    }
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(status);
    return reply;
  }

  private String key() {
    return installation.deployment.text();
  }

  private Typed type(String... arguments) {
    return Typed.in(installation.folder(), environment(), withData(arguments));
  }

  /** The flags for a database that is not in the folder. */
  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    installation.settings().forEach((setting, value) -> {
      if (setting.key().startsWith("database.")) {
        environment.put(setting.variable(), value);
      }
    });
    return environment;
  }

  private String[] withData(String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = installation.folder().toString();
    return all;
  }

  private static String text(Typed typed, String member) {
    assertThat(typed.exit()).as(typed.err()).isEqualTo(0);
    return String.valueOf(typed.json().get(member));
  }

  private static void assertMistake(Typed typed, String words) {
    assertThat(typed.err()).startsWith("parlour: ").contains(words).doesNotContain("\tat ");
    assertThat(typed.out()).isEmpty();
    assertThat(typed.exit()).isEqualTo(1);
  }
}
