package parlour.cli;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.demo.DemoBrowser;
import parlour.http.json.Json;
import picocli.CommandLine;

/**
 * Runs every command in another process, as scripts do: stdout holds the command's output and
 * nothing else. Inside the tests' own process, a command would log as the tests do, and hide what it
 * prints.
 */
class StdoutTest {
  /** Commands without the option; their own tests check what they print. */
  private static final Set<String> WITHOUT_JSON = Set.of(
      "up",
      "serve",
      "demo",
      "migrate",
      "backup",
      "verify",
      "restore",
      "completion",
      "version",
      "guests export");

  private static final String NO_DEPLOYMENT = "CV00000000000000000000000000000000";
  private static final String SESSION = "GS00000000000000000000000000000000";

  @TempDir
  private static Path folder;

  private static Started instance;
  private static String account = "";
  private static String address = "";
  private static String deployment = "";
  private static String trace = "";
  private static String exported = "";
  private static String erased = "";

  @BeforeAll
  static void something_to_ask_about() {
    instance = Started.up(folder);
    try (HttpClient http = HttpClient.newHttpClient()) {
      DemoBrowser browser = new DemoBrowser(
          http,
          instance.edge(),
          "http://localhost:3000",
          instance.deploymentKey(),
          DemoBrowser.CHROME_ON_WINDOWS);
      DemoBrowser.Reply chat = browser.startsChat();
      trace = chat.traceId();
      exported = chat.text("conversation_sid");
      erased = browser.startsChat().text("conversation_sid");
    }
    deployment = instance.deploymentKey();
    account = instance.awaits("account +(AC[0-9a-f]{32})");
    address = Typed.in(folder, "addresses", "list", "--data", data(), "--json")
        .out()
        .replaceAll("(?s).*(IG[0-9a-f]{32}).*", "$1");
  }

  @AfterAll
  static void the_instance_ends() {
    instance.close();
  }

  /** Fails for a new command that has no line here. */
  private static Map<String, List<String>> commandLines() {
    Map<String, List<String>> lines = new LinkedHashMap<>();
    lines.put("check-config", List.of());
    lines.put("trace", List.of(trace));
    lines.put("refusals", List.of("--all"));
    lines.put("accounts create", List.of("--name", "Another"));
    lines.put("accounts update", List.of("--second-factor", "optional", "--account", account));
    lines.put("accounts list", List.of());
    lines.put("accounts reset-token", List.of("--account", account));
    lines.put("addresses create", List.of("--name", "Sales", "--account", account));
    lines.put("addresses update", List.of(address, "--name", "Desk"));
    lines.put("addresses list", List.of());
    lines.put("addresses test", List.of(address));
    lines.put("webhooks given-up", List.of(address));
    lines.put("webhooks redeliver", List.of(address));
    lines.put("addresses hours", List.of(address));
    lines.put("addresses members", List.of(address));
    lines.put(
        "deployments create",
        List.of("--name", "Shop", "--account", account, "--address", address));
    lines.put("deployments list", List.of());
    lines.put("deployments show", List.of(deployment));
    lines.put("deployments update", List.of(deployment, "--name", "Shop"));
    lines.put("deployments delete", List.of(NO_DEPLOYMENT, "--yes"));
    lines.put("agents create", List.of("ann", "--account", account));
    lines.put("agents update", List.of("agent", "--display-name", "Ann Lee"));
    lines.put("agents reset", List.of("agent"));
    lines.put("agents remove", List.of("nobody"));
    lines.put("agents admit", List.of("nobody"));
    lines.put("agents list", List.of());
    lines.put("sessions list", List.of());
    lines.put("sessions show", List.of(SESSION));
    lines.put("sessions revoke", List.of(SESSION));
    lines.put("sessions end-all", List.of("--deployment", NO_DEPLOYMENT, "--yes"));
    lines.put("guests erase", List.of("--conversation", erased, "--account", account, "--yes"));
    lines.put("api-keys create", List.of("bot", "--account", account));
    lines.put("api-keys list", List.of());
    lines.put("api-keys remove", List.of("SK00000000000000000000000000000000"));
    lines.put("keys list", List.of());
    lines.put("keys rotate", List.of());
    lines.put("keys reseal", List.of());
    return lines;
  }

  @Test
  void with_json_every_command_prints_one_object_or_the_reason_on_stderr() {
    Map<String, List<String>> lines = commandLines();
    assertThat(lines.keySet()).containsExactlyInAnyOrderElementsOf(commandsWithJson());
    Map<String, Typed> results = runTogether(lines, "--json");
    results.forEach((line, result) -> {
      if (result.exit() == 0) {
        assertThat(Json.object(result.out().strip())).as("%s: %s", line, result).isPresent();
        assertThat(result.err()).as(line).isEmpty();
      } else {
        assertThat(result.out()).as(line).isEmpty();
        assertThat(result.err()).as(line).startsWith("parlour: ").doesNotContain("\tat ", "a bug");
      }
    });
    assertThat(results.values()).filteredOn(result -> result.exit() == 0).hasSizeGreaterThan(15);
  }

  @Test
  void without_json_stdout_holds_no_line_of_a_log() {
    Map<String, List<String>> lines = commandLines();
    lines.keySet().retainAll(Set.of("check-config", "trace", "accounts list", "sessions list"));
    Map<String, Typed> results = new LinkedHashMap<>();
    lines.forEach((name, options) -> results.put(name, run(name, options)));
    assertThat(results.values()).allSatisfy(result -> {
      assertThat(result.exit()).isEqualTo(0);
      assertThat(result.err()).isEmpty();
      assertThat(result.out()).doesNotContain("DEBUG", "[main]", "logback");
    });
    assertThat(results.get("trace"))
        .extracting(Typed::out)
        .asString()
        .startsWith("%% trace " + trace);
  }

  @Test
  void an_export_is_one_object_and_no_line_of_a_log() {
    Typed result = run("guests export", List.of("--conversation", exported, "--account", account));
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(Json.object(result.out().strip())).isPresent();
  }

  /** In one process: {@code without_json…} starts one for each command. */
  private static Map<String, Typed> runTogether(Map<String, List<String>> lines, String more) {
    List<List<String>> commands = lines.entrySet().stream()
        .map(entry -> arguments(entry.getKey(), entry.getValue(), more))
        .toList();
    try (Started together = Started.commands(folder, commands)) {
      assertThat(together.exit()).as(together.err()).isZero();
      Iterator<Typed> results = Commands.results(together).iterator();
      Map<String, Typed> byName = new LinkedHashMap<>();
      lines.keySet().forEach(name -> byName.put(name, results.next()));
      assertThat(results).isExhausted();
      return byName;
    }
  }

  private static Typed run(String name, List<String> options) {
    String[] line = arguments(name, options).toArray(String[]::new);
    try (Started command = new Started(folder, line)) {
      return new Typed(command.exit(), command.out(), command.err());
    }
  }

  private static List<String> arguments(String name, List<String> options, String... more) {
    List<String> line = new ArrayList<>(List.of(name.split(" ")));
    line.addAll(options);
    line.addAll(List.of("--data", data()));
    line.addAll(List.of(more));
    return line;
  }

  private static Set<String> commandsWithJson() {
    CommandLine all = Cli.commands(
        Typed.terminal(folder, Map.of(), Optional.empty(), new StringWriter(), new StringWriter()));
    Set<String> names = new TreeSet<>();
    commandsWithoutSubcommands("", all).forEach((name, command) -> {
      if (command.getCommandSpec().findOption("--json") != null) {
        names.add(name);
      } else {
        assertThat(WITHOUT_JSON).contains(name);
      }
    });
    return names;
  }

  private static Map<String, CommandLine> commandsWithoutSubcommands(
      String prefix, CommandLine command) {
    return command.getSubcommands().entrySet().stream()
        .filter(sub -> !sub.getKey().equals("help"))
        .flatMap(sub -> sub.getValue().getSubcommands().isEmpty()
            ? Stream.of(Map.entry(prefix + sub.getKey(), sub.getValue()))
            : commandsWithoutSubcommands(prefix + sub.getKey() + " ", sub.getValue())
                .entrySet()
                .stream())
        .collect(toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static String data() {
    return folder.resolve("data").toString();
  }
}
