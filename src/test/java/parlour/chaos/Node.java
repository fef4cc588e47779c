package parlour.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import parlour.cli.Main;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.spec.ProgramFiles;

/** One process of Parlour with one role. */
final class Node extends Part {
  private static final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Role role;
  private final int publicPort;
  private final int internalPort;
  private final Path folder;
  private final Map<String, String> environment;
  private volatile Duration ahead = Duration.ZERO;

  Node(
      Role role,
      int number,
      int publicPort,
      int internalPort,
      Path folder,
      Path logs,
      Map<String, String> environment) {
    super(role.word() + "-" + number, logs);
    this.role = role;
    this.publicPort = publicPort;
    this.internalPort = internalPort;
    this.folder = folder.resolve(name());
    this.environment = environment;
  }

  URI edge() {
    return URI.create("http://127.0.0.1:" + publicPort);
  }

  URI internal() {
    return URI.create("http://127.0.0.1:" + internalPort);
  }

  Role role() {
    return role;
  }

  /** Makes its clock run ahead by this from its next start on. */
  void clockIsAhead(Duration time) {
    ahead = time;
  }

  @Override
  ProcessBuilder program() {
    Map<Setting, String> settings = new EnumMap<>(Map.of(
        Setting.ROLES, role.word(),
        Setting.DATA, folder.toString(),
        Setting.INTERNAL_PORT, String.valueOf(internalPort),
        Setting.PUBLIC_HOST, "127.0.0.1",
        Setting.PUBLIC_PORT, String.valueOf(publicPort)));
    List<String> arguments = new ArrayList<>();
    if (ahead.isZero()) {
      arguments.addAll(List.of(Main.class.getName(), "serve"));
      settings.forEach(
          (name, value) -> arguments.addAll(List.of("--set", name.key() + "=" + value)));
    } else {
      arguments.addAll(List.of(FakeNode.class.getName(), String.valueOf(ahead.toSeconds())));
      settings.forEach((name, value) -> arguments.add(name.name() + "=" + value));
    }
    return java(arguments);
  }

  /** A command with this node's settings, as an operator runs it. */
  ProcessBuilder command(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(Main.class.getName()));
    command.addAll(arguments);
    return java(command);
  }

  private ProcessBuilder java(List<String> arguments) {
    List<String> command = new ArrayList<>(ProgramFiles.javaWithTests(List.of("-Xmx160m")));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("PARLOUR_"));
    builder.environment().putAll(environment);
    return builder;
  }

  @Override
  boolean isReady() throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(internal().resolve("/health/ready"))
          .timeout(Duration.ofSeconds(2))
          .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }
}
