package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Eventually;
import parlour.accounts.SqlAccounts;
import parlour.http.json.Json;
import parlour.spec.Guest;
import parlour.spec.Http;
import parlour.spec.InBothShapes;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** API keys: from the command that makes one to the calls of a program that has it. */
@ParameterizedClass
@InBothShapes
class ApiKeysTest {
  private static final Map<Shape, Installation> started = new HashMap<>();

  private final Installation installation;
  private final Guest guest;

  ApiKeysTest(Shape shape) {
    installation = started.computeIfAbsent(shape, Installation::start);
    guest = installation.guest().starts();
  }

  @AfterAll
  static void stop() {
    started.values().forEach(Installation::close);
    started.clear();
  }

  private record Key(String sid, String secret) {}

  private Key create(String... options) {
    List<String> line = new ArrayList<>(List.of("api-keys", "create", "The bot", "--json"));
    line.addAll(List.of(options));
    Typed created = type(line.toArray(String[]::new));
    assertThat(created.exit()).as(created.err()).isZero();
    Map<String, @Nullable Object> json = created.json();
    assertThat(json.get("sid")).asString().matches("SK[0-9a-f]{32}");
    assertThat(json.get("secret")).asString().matches("[0-9a-f]{32}");
    return new Key(String.valueOf(json.get("sid")), String.valueOf(json.get("secret")));
  }

  private Guest.Reply call(Key key, String method, String path, String form) {
    String pair = key.sid() + ":" + key.secret();
    var response = Http.send(Http.request(installation.edge().resolve(path))
        .method(method, HttpRequest.BodyPublishers.ofString(form))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header(
            "Authorization",
            "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .build());
    return new Guest.Reply(response.statusCode(), response);
  }

  private String conversation() {
    return "/v1/Conversations/" + guest.conversation();
  }

  @Test
  void the_npm_package_uses_a_key_within_its_scopes() throws Exception {
    guest.says("Is it open?", "a");
    Map<String, @Nullable Object> reading = node(create());
    assertThat(reading).containsEntry("read", List.of("Is it open?"));
    assertRefused(reading.get("write"), 403, 45793, "the scope \"write\"");
    assertRefused(reading.get("erase"), 403, 45793, "the scope \"erase\"");

    Map<String, @Nullable Object> writing = node(create("--scope", "write", "--scope", "erase"));
    assertRefused(writing.get("read"), 403, 45793, "the scope \"read\"");
    assertThat(writing).containsEntry("write", "").containsEntry("erase", true);
    assertThat(call(create(), "GET", conversation(), "").status()).isEqualTo(404);
  }

  private static void assertRefused(@Nullable Object answer, long status, long code, String words) {
    Map<?, ?> refusal = (Map<?, ?>) Objects.requireNonNull(answer);
    assertThat(refusal.get("status")).isEqualTo(status);
    assertThat(refusal.get("code")).isEqualTo(code);
    assertThat(refusal.get("message")).asString().contains(words);
  }

  @Test
  void an_edit_that_changes_nothing_reads_nothing_and_an_edit_is_in_the_ledger() {
    Key write = create("--scope", "write");
    String one = conversation();
    String sid = call(write, "POST", one + "/Messages", "Body=a").text("sid");
    Guest.Reply refused = call(write, "POST", one + "/Messages/" + sid, "");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("message")).contains("Send Body or Attributes");
    assertThat(call(write, "POST", one + "/Messages/" + sid, "Body=b").status()).isEqualTo(200);
    Eventually.until(
        "the ledger has the edit",
        () -> type("refusals", "--all")
            .out()
            .lines()
            .anyMatch(line -> line.contains("message-edited") && line.contains(sid)));
  }

  @Test
  void a_key_that_may_not_read_gets_no_stored_text_in_the_answers_of_its_changes() {
    Key write = create("--scope", "write");
    String one = conversation();
    String messages = one + "/Messages";
    String sent = "Author=nightly&ClientId=a&Body=stored-body&Attributes=\"stored-attribute\"";
    Key both = create("--scope", "write", "--scope", "read");
    String sid = call(both, "POST", messages, sent).text("sid");
    String bot = call(
            both,
            "POST",
            one + "/Participants",
            "Identity=stored-identity&FriendlyName=stored-name&Attributes=\"stored-attribute\"")
        .text("sid");
    call(both, "POST", one, "Attributes=\"stored-attribute\"");
    Map<String, String> changes = Map.of(
        messages,
        "Author=nightly&ClientId=a&Body=other",
        messages + "/" + sid,
        "Attributes=1",
        one,
        "State=active",
        one + "/Participants/" + bot,
        "LastReadMessageIndex=0");
    changes.forEach((path, form) -> {
      Guest.Reply answer = call(write, "POST", path, form);
      assertThat(answer.status()).as(path).isEqualTo(200);
      assertThat(answer.text("sid")).as(path).isNotEmpty();
      assertThat(answer.text("date_updated")).as(path).isNotEmpty();
      assertThat(answer.response().body())
          .as(path)
          .doesNotContain("stored-", "nightly", "Ada")
          .contains("\"attributes\":\"{}\"");
      assertThat(call(both, "POST", path, form).response().body()).as(path).contains("stored-");
    });
  }

  @Test
  void each_call_needs_the_scope_of_its_kind() {
    Key read = create("--scope", "read");
    Key write = create("--scope", "write");
    Key erase = create("--scope", "erase");
    String one = conversation();
    String message =
        one + "/Messages/" + call(write, "POST", one + "/Messages", "Body=a").text("sid");
    String bot = one + "/Participants/"
        + call(write, "POST", one + "/Participants", "Identity=bot").text("sid");
    String media = "/v1/Services/IS" + installation.account.text().substring(2) + "/Media";
    Map<String, Key> calls = Map.ofEntries(
        Map.entry("GET /v1/Conversations", read),
        Map.entry("POST /v1/Conversations", write),
        Map.entry("GET " + one, read),
        Map.entry("POST " + one, write),
        Map.entry("GET " + one + "/Messages", read),
        Map.entry("POST " + one + "/Messages", write),
        Map.entry("GET " + message, read),
        Map.entry("POST " + message, write),
        Map.entry("GET " + message + "/Receipts", read),
        Map.entry(
            "GET " + message + "/Receipts/DY" + message.substring(message.length() - 32), read),
        Map.entry("GET " + one + "/Participants", read),
        Map.entry("POST " + one + "/Participants", write),
        Map.entry("GET " + bot, read),
        Map.entry("POST " + bot, write),
        Map.entry("POST " + media, write),
        Map.entry("GET " + media + "/ME" + "0".repeat(32), read),
        Map.entry("DELETE " + bot, write),
        Map.entry("DELETE " + message, erase),
        Map.entry("DELETE " + one, erase));
    calls.forEach((name, right) -> {
      String[] parts = name.split(" ", 2);
      for (Key key : List.of(read, write, erase)) {
        if (!key.equals(right)) {
          Guest.Reply refused = call(key, parts[0], parts[1], "");
          assertThat(refused.status()).as(name).isEqualTo(403);
          assertThat(refused.code()).as(name).isEqualTo(45793);
        }
      }
      if (!parts[0].equals("DELETE")) {
        assertThat(call(right, parts[0], parts[1], "").status()).as(name).isNotIn(401, 403);
      }
    });
    for (String last : List.of(bot, message, one)) { // in the order in which each still exists
      assertThat(call(Objects.requireNonNull(calls.get("DELETE " + last)), "DELETE", last, "")
              .status())
          .as(last)
          .isEqualTo(204);
    }
  }

  @Test
  void an_expired_key_is_refused_in_words_that_say_what_to_do() {
    Key key = create();
    assertThat(call(key, "GET", conversation(), "").status()).isEqualTo(200);
    expire(key);
    Guest.Reply expired = call(key, "GET", conversation(), "");
    assertThat(expired.status()).isEqualTo(401);
    assertThat(expired.code()).isEqualTo(45792);
    assertThat(expired.text("message")).contains("has expired", "parlour api-keys create");
    assertThat(expired.header("WWW-Authenticate")).isEqualTo("Basic realm=\"Parlour\"");
    Guest.Reply guessed = call(new Key(key.sid(), "0".repeat(32)), "GET", conversation(), "");
    assertThat(guessed.code()).as("a stranger does not learn it").isEqualTo(20003);
  }

  private void expire(Key key) {
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      int expired = database.write(sql -> sql.update(
          "UPDATE api_key SET expires_at = ? WHERE sid = ?",
          installation.clock.instant(),
          key.sid()));
      assertThat(expired).isEqualTo(1);
    }
  }

  @Test
  void a_removed_key_is_refused_by_the_next_call_and_others_go_on() {
    Key key = create();
    Key other = create();
    assertThat(call(key, "GET", conversation(), "").status()).isEqualTo(200);
    assertThat(type("api-keys", "remove", key.sid()).out()).contains("removed " + key.sid());
    assertThat(call(key, "GET", conversation(), "").code()).isEqualTo(20003);
    assertThat(call(other, "GET", conversation(), "").status()).isEqualTo(200);
    Typed reset = type("accounts", "reset-token", "--account", installation.account.text());
    assertThat(reset.out())
        .containsPattern("API keys +[1-9][0-9]* stay valid: parlour api-keys list");
    assertThat(call(other, "GET", conversation(), "").status()).isEqualTo(200);
    Typed again = type("api-keys", "remove", key.sid());
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err()).contains("parlour api-keys list");
  }

  @Test
  void the_list_says_when_a_key_was_used_and_holds_no_secret() {
    Key key = create("--scope", "write", "--scope", "read");
    assertThat(line(key)).contains("The bot", "read write", "valid", " - ");
    assertThat(call(key, "GET", conversation(), "").status()).isEqualTo(200);
    String today =
        LocalDate.ofInstant(installation.clock.instant(), ZoneOffset.UTC).toString();
    Eventually.until("the list has the day of the call", () -> line(key).contains(today));
    assertThat(
            type("api-keys", "list").out() + type("api-keys", "list", "--json").out())
        .doesNotContain(key.secret());
  }

  private String line(Key key) {
    return type("api-keys", "list")
        .out()
        .lines()
        .filter(one -> one.startsWith(key.sid()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void the_ledger_has_creation_removal_and_refusals_and_no_store_has_the_secret() {
    Key key = create();
    call(key, "DELETE", conversation(), "");
    call(new Key(key.sid(), "f".repeat(32)), "GET", conversation(), "");
    expire(key);
    call(key, "GET", conversation(), "");
    type("api-keys", "remove", key.sid());
    Eventually.until("the ledger has all", () -> {
      String all = type("refusals", "--all", "--limit", "1000").out();
      return all.contains("api-keys create")
          && all.contains("api-keys remove")
          && all.lines()
              .anyMatch(line -> line.contains("api-key-scope-missing") && line.contains(key.sid()))
          && all.lines()
              .anyMatch(line -> line.contains("api-key-refused") && line.contains(key.sid()))
          && all.lines()
              .anyMatch(line -> line.contains("api-key-expired") && line.contains(key.sid()));
    });
    assertThat(type("refusals", "--all", "--json", "--limit", "1000").out())
        .doesNotContain(key.secret());
    Key kept = create();
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      List<String> stored = database.read(sql -> sql.list(
          "SELECT sid, name, scopes, secret_digest FROM api_key",
          row -> row.getString("sid")
              + row.getString("name")
              + row.getString("scopes")
              + new String(row.getBytes("secret_digest"), StandardCharsets.ISO_8859_1)));
      assertThat(stored)
          .anyMatch(row -> row.startsWith(kept.sid()))
          .noneMatch(row -> row.contains(kept.secret()));
    }
  }

  @Test
  void mistakes_are_refused_with_the_remedy() {
    assertMistake(type("api-keys", "create", "bot", "--expires", "367d"), "from 1m to 366d");
    assertMistake(type("api-keys", "create", " "), "one line of 1 to 64 characters");
    Typed scope = type("api-keys", "create", "bot", "--scope", "everything");
    assertThat(scope.exit()).isEqualTo(2);
    assertThat(scope.err()).contains("--scope", "READ, WRITE, ERASE");
    assertThat(type("api-keys", "remove", "SK1").exit()).isEqualTo(2);
  }

  private static void assertMistake(Typed typed, String words) {
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err()).startsWith("parlour: ").contains(words);
  }

  private Map<String, @Nullable Object> node(Key key) throws Exception {
    Path browser = Path.of("browser");
    assertThat(Files.isDirectory(browser.resolve("node_modules/twilio")))
        .as("the npm packages of the tests: run npm ci in browser/, as ./dev does")
        .isTrue();
    ProcessBuilder node = new ProcessBuilder("node", "test/api-key.mjs")
        .directory(browser.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT);
    node.environment()
        .putAll(Map.of(
            "PARLOUR", installation.edge().toString(),
            "ACCOUNT_SID", installation.account.text(),
            "API_KEY", key.sid(),
            "API_SECRET", key.secret(),
            "CONVERSATION_SID", guest.conversation()));
    Process process = node.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(Duration.ofSeconds(30))).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    return Json.object(out).orElseThrow();
  }

  private Typed type(String... arguments) {
    Map<String, String> environment = new HashMap<>();
    installation.settings().forEach((setting, value) -> {
      if (setting.key().startsWith("database.")) {
        environment.put(setting.variable(), value);
      }
    });
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = installation.folder().toString();
    return Typed.in(installation.folder(), environment, all);
  }
}
