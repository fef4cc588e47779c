package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Limits;
import parlour.orchestrator.UserAgents.Family;

/** A browser keeps its family through updates, and no two browsers of today share one. */
class UserAgentsTest {
  private static final String APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
  private static final String BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)";

  private final UserAgents userAgents = new UserAgents();

  static Stream<Arguments> today() {
    return Stream.concat(chromiumToday(), othersToday());
  }

  /** Chrome, Edge, Samsung Internet and Opera; {@code %d} stands for the version. */
  private static Stream<Arguments> chromiumToday() {
    return Stream.of(
        browser(
            "Chrome",
            "Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + BLINK
                + " Chrome/%d.0.0.0 Safari/537.36"),
        browser(
            "Chrome",
            "Mac OSX",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + BLINK
                + " Chrome/%d.0.0.0 Safari/537.36"),
        browser(
            "Chrome",
            "Linux",
            "Mozilla/5.0 (X11; Linux x86_64) " + BLINK + " Chrome/%d.0.0.0 Safari/537.36"),
        browser(
            "Chrome",
            "ChromeOS",
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + BLINK + " Chrome/%d.0.0.0 Safari/537.36"),
        browser(
            "Chrome",
            "Android",
            "Mozilla/5.0 (Linux; Android 10; K) " + BLINK
                + " Chrome/%d.0.0.0 Mobile Safari/537.36"),
        browser(
            "Chrome",
            "iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) " + APPLE
                + " CriOS/%d.0.7444.77 Mobile/15E148 Safari/604.1"),
        browser(
            "Edge",
            "Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + BLINK
                + " Chrome/%1$d.0.0.0 Safari/537.36 Edg/%1$d.0.0.0"),
        browser(
            "Edge",
            "Android",
            "Mozilla/5.0 (Linux; Android 10; K) " + BLINK
                + " Chrome/%1$d.0.0.0 Mobile Safari/537.36 EdgA/%1$d.0.0.0"),
        browser(
            "Edge",
            "iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) " + APPLE
                + " Version/18.0 EdgiOS/%d.0.3595.66 Mobile/15E148 Safari/604.1"),
        browser(
            "Samsung Internet",
            "Android",
            "Mozilla/5.0 (Linux; Android 10; K) " + BLINK
                + " SamsungBrowser/%d.0 Chrome/136.0.0.0 Mobile Safari/537.36"),
        browser(
            "Opera",
            "Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + BLINK
                + " Chrome/%1$d.0.0.0 Safari/537.36 OPR/%1$d.0.0.0"));
  }

  /** Firefox and Safari; {@code %d} stands for the version. */
  private static Stream<Arguments> othersToday() {
    return Stream.of(
        browser(
            "Firefox",
            "Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:%1$d.0) Gecko/20100101 Firefox/%1$d.0"),
        browser(
            "Firefox",
            "Mac OSX",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:%1$d.0)"
                + " Gecko/20100101 Firefox/%1$d.0"),
        browser(
            "Firefox",
            "Linux",
            "Mozilla/5.0 (X11; Linux x86_64; rv:%1$d.0) Gecko/20100101 Firefox/%1$d.0"),
        browser(
            "Firefox",
            "Android",
            "Mozilla/5.0 (Android 15; Mobile; rv:%1$d.0) Gecko/%1$d.0 Firefox/%1$d.0"),
        browser(
            "Firefox",
            "iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) " + APPLE
                + " FxiOS/%d.0 Mobile/15E148 Safari/604.1"),
        browser(
            "Safari",
            "Mac OSX",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + APPLE
                + " Version/%d.1 Safari/605.1.15"),
        browser(
            "Safari",
            "iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS %1$d_6 like Mac OS X) " + APPLE
                + " Version/%1$d.1 Mobile/15E148 Safari/604.1"),
        browser(
            "Safari",
            "iPad",
            "Mozilla/5.0 (iPad; CPU OS %1$d_7 like Mac OS X) " + APPLE
                + " Version/%1$d.7 Mobile/15E148 Safari/604.1"));
  }

  private static Arguments browser(String browser, String system, String pattern) {
    return Arguments.of(browser, system, pattern);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("today")
  void an_update_changes_neither_the_family_nor_the_system(
      String browser, String system, String pattern) {
    for (int version : List.of(17, 26, 99, 100, 115, 142, 143, 199, 200, 1000)) {
      assertThat(userAgents.family(pattern.formatted(version)))
          .isEqualTo(new Family(browser, system));
    }
  }

  @Test
  void an_upgrade_of_windows_does_not_change_the_system() {
    for (String version : List.of("6.1", "6.2", "6.3", "10.0")) {
      assertThat(userAgents.family("Mozilla/5.0 (Windows NT " + version
              + "; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0"))
          .isEqualTo(new Family("Firefox", "Windows"));
    }
  }

  @Test
  void no_two_browsers_of_today_have_the_same_family_and_system() {
    List<Family> families = today()
        .map(each -> (String) each.get()[2])
        .map(pattern -> userAgents.family(pattern.formatted(142)))
        .toList();
    assertThat(families).doesNotHaveDuplicates();
  }

  @Test
  void every_text_has_a_family_and_always_the_same_one() {
    Random random = new Random(7);
    Stream<String> odd = Stream.of(
        "",
        " ",
        "-",
        "Mozilla/5.0",
        "Chrome/",
        "Chrome/\u0000",
        "(".repeat(100_000),
        "Mozilla/5.0 (" + "Windows NT 10.0; ".repeat(10_000),
        "Safari".repeat(1_000),
        "Version/".repeat(1_000),
        "é".repeat(1_000),
        "\ud800".repeat(600));
    Stream<String> noise = IntStream.range(0, 500).mapToObj(i -> {
      byte[] bytes = new byte[random.nextInt(600)];
      random.nextBytes(bytes);
      return new String(bytes, StandardCharsets.ISO_8859_1);
    });
    Stream.concat(odd, noise).forEach(text -> {
      Family family = userAgents.family(text);
      assertThat(family.browser()).isNotBlank();
      assertThat(family.system()).isNotBlank();
      assertThat(new UserAgents().family(text)).isEqualTo(family);
    });
  }

  @Test
  void the_end_of_a_user_agent_that_is_too_long_is_ignored() {
    String chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + BLINK + " Chrome/142.0.0.0";
    String padded = chrome + " ".repeat(Limits.USER_AGENT_CHARACTERS);
    assertThat(userAgents.family(padded + "Firefox/1")).isEqualTo(userAgents.family(padded));
  }
}
