package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The routes of the inbox as {@code InboxHttp} declares them, so that a test of all of them also
 * covers a route that is added later.
 */
final class InboxRoutes {
  private InboxRoutes() {}

  private static final Path SOURCE = Path.of("src/main/java/parlour/inbox/InboxHttp.java");
  private static final Pattern ROUTE = Pattern.compile("routes\\s*\\.(?<method>\\w+)\\(");
  private static final Pattern CHANGE =
      Pattern.compile("routes\\s*\\.post\\(\\s*(?<base>API|ONE) \\+ \"(?<path>/[^\"]+)\"");

  /** Stands in a path for the sid of a conversation. */
  static final String CONVERSATION = "{ConversationSid}";

  static final Set<String> WITHOUT_SIGN_IN = Set.of("/sign-in", "/sign-out");

  /** What agents change of themselves, which an auditor can do, too. */
  static final Set<String> OF_EVERY_AGENT = Set.of(
      "/sign-in",
      "/sign-out",
      "/here",
      "/me",
      "/password",
      "/browsers/end",
      "/browsers/end-others");

  /** The paths below {@code /inbox/api} of all calls that change something. */
  static List<String> changing() {
    String source;
    try {
      source = Files.readString(SOURCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> methods =
        ROUTE.matcher(source).results().map(route -> route.group("method")).toList();
    assertThat(methods).as("kinds of routes").isSubsetOf("get", "post", "socket");
    List<MatchResult> changes = CHANGE.matcher(source).results().toList();
    assertThat(changes).hasSize((int) methods.stream().filter("post"::equals).count());
    return changes.stream()
        .map(one -> (one.group("base").equals("ONE") ? "/conversations/" + CONVERSATION : "")
            + one.group("path"))
        .toList();
  }
}
