package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The routes of the inbox and of the console as {@code InboxHttp}, {@code ConsoleHttp}, {@code SettingsHttp} and {@code
 * AdminHttp} declare them, so that a test of all of them also covers a route that is added later.
 */
final class InboxRoutes {
  private InboxRoutes() {}

  private static final Path INBOX = Path.of("src/main/java/parlour/inbox/InboxHttp.java");
  private static final Path CONSOLE = Path.of("src/main/java/parlour/console/ConsoleHttp.java");
  private static final Path SETTINGS = Path.of("src/main/java/parlour/console/SettingsHttp.java");
  private static final Path ADMIN = Path.of("src/main/java/parlour/inbox/AdminHttp.java");
  private static final Pattern ANY = Pattern.compile("routes\\s*\\.\\w+\\(");
  private static final Pattern ROUTE = Pattern.compile(
      "routes\\s*\\.(?<method>\\w+)\\(\\s*(?<base>API|ONE)( \\+ \"(?<path>/[^\"]+)\")?");

  /** Stands in a path for the sid of a conversation. */
  static final String CONVERSATION = "{ConversationSid}";

  static final Set<String> WITHOUT_SIGN_IN =
      Set.of("/sign-in", "/sign-out", "/oidc/begin", "/oidc/finish");

  /** Calls that only read or change the agent's own settings, which an auditor can do, too. */
  static final Set<String> OF_EVERY_AGENT = Set.of(
      "/sign-in",
      "/sign-out",
      "/oidc/begin",
      "/oidc/finish",
      "/here",
      "/search",
      "/me",
      "/password",
      "/second-factor/begin",
      "/second-factor/confirm",
      "/second-factor/remove",
      "/push",
      "/push/end",
      "/browsers/end",
      "/browsers/end-others");

  /** Calls of the inbox that only an admin can make. */
  static final Set<String> OF_ADMINS =
      Set.of("/replies", "/replies/remove", "/agents/end-browsers");

  /**
   * A route.
   *
   * @param path below {@code /inbox/api}
   */
  record Route(String method, String path) {}

  /** The paths below {@code /inbox/api} of all calls that change something. */
  static List<String> changing() {
    return Stream.concat(
            declared(INBOX, Map.of("API", "", "ONE", "/conversations/" + CONVERSATION)).stream(),
            ofConsole().stream())
        .filter(one -> one.method().equals("post"))
        .map(Route::path)
        .toList();
  }

  /** All routes about one conversation. */
  static List<Route> ofOneConversation() {
    return declared(INBOX, Map.of("API", "", "ONE", "/conversations/" + CONVERSATION)).stream()
        .filter(one -> one.path().contains(CONVERSATION))
        .toList();
  }

  /** All routes of the console. */
  static List<Route> ofConsole() {
    return Stream.of(CONSOLE, SETTINGS, ADMIN)
        .flatMap(file -> declared(file, Map.of("API", "/console")).stream())
        .toList();
  }

  private static List<Route> declared(Path file, Map<String, String> bases) {
    String source;
    try {
      source = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Route> routes = ROUTE
        .matcher(source)
        .results()
        .map(one -> new Route(
            one.group("method"),
            bases.get(one.group("base")) + (one.group("path") == null ? "" : one.group("path"))))
        .toList();
    assertThat(routes).hasSize((int) ANY.matcher(source).results().count());
    assertThat(routes).extracting(Route::method).isSubsetOf("get", "post", "socket");
    return routes;
  }
}
