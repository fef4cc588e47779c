package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.spec.Browser.CHROME_ON_WINDOWS;
import static parlour.spec.Browser.FIREFOX_ON_LINUX;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Limits;
import parlour.accounts.Configuration;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.federatedauth.Outcome;
import parlour.federatedauth.Refusal;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Sensitivity;
import parlour.spec.Browser;

/** The changes of a browser that each sensitivity tolerates, from the headers to the verdict. */
class FingerprintTest {
  private static final Outcome ANOTHER_BROWSER = new Outcome.Refused(Refusal.FINGERPRINT);

  private static final String SETTINGS = "x-twilio-sec-usersettings";
  private static final String INFO = "x-twilio-sec-webchatinfo";
  private static final String DECODERS = "x-twilio-sec-decoders";

  /** All tests share it; each test starts a chat of its own. */
  private static TestOrchestrator fwo;

  @BeforeAll
  static void open(@TempDir Path folder) {
    fwo = new TestOrchestrator(folder, Sensitivity.MEDIUM);
  }

  @AfterAll
  static void close() {
    fwo.close();
  }

  /** A change of the browser, and the lowest level that refuses it; OFF if no level does. */
  record Change(String name, Browser after, Sensitivity refusedFrom) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Change> CHANGES = List.of(
      new Change("nothing", CHROME_ON_WINDOWS, Sensitivity.OFF),
      new Change("an update of the browser", chrome("143.0.0.0"), Sensitivity.HIGH),
      new Change("an update by many versions", chrome("150.0.0.0"), Sensitivity.HIGH),
      new Change(
          "another operating system",
          userAgent("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36"
              + " (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"),
          Sensitivity.LOW),
      new Change(
          "another browser on the same machine",
          userAgent(
              "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"),
          Sensitivity.LOW),
      new Change(
          "Edge, which is nearly Chrome",
          userAgent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
              + " (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"),
          Sensitivity.LOW),
      new Change(
          "no User-Agent any more", CHROME_ON_WINDOWS.without("User-Agent"), Sensitivity.LOW),
      new Change("another language", settings("fr-FR", true, -60), Sensitivity.HIGH),
      new Change("cookies switched off", settings("en-GB", false, -60), Sensitivity.HIGH),
      new Change("another time zone", settings("en-GB", true, 300), Sensitivity.HIGH),
      new Change(
          "another language and time zone", settings("ja-JP", true, -540), Sensitivity.MEDIUM),
      new Change(
          "another language and no cookies", settings("ja-JP", false, -60), Sensitivity.MEDIUM),
      new Change(
          "another time zone and no cookies", settings("en-GB", false, 0), Sensitivity.MEDIUM),
      new Change("all three of them", settings("ja-JP", false, 0), Sensitivity.MEDIUM),
      new Change("no settings any more", CHROME_ON_WINDOWS.without(SETTINGS), Sensitivity.MEDIUM),
      new Change(
          "settings that are not JSON",
          CHROME_ON_WINDOWS.with(SETTINGS, "en-GB"),
          Sensitivity.MEDIUM),
      new Change(
          "settings written in another order",
          CHROME_ON_WINDOWS.with(
              SETTINGS,
              " { \"userTimezone\": -60, \"cookieEnabled\":true, \"language\":\"en-GB\" }"),
          Sensitivity.OFF),
      new Change(
          "settings with one more member",
          CHROME_ON_WINDOWS.with(
              SETTINGS,
              "{\"language\":\"en-GB\",\"cookieEnabled\":true,\"userTimezone\":-60,\"new\":1}"),
          Sensitivity.OFF),
      new Change(
          "another Accept-Language",
          CHROME_ON_WINDOWS.with("Accept-Language", "en-GB,en;q=0.8"),
          Sensitivity.HIGH),
      new Change(
          "no Accept-Language", CHROME_ON_WINDOWS.without("Accept-Language"), Sensitivity.HIGH),
      new Change("other decoders", CHROME_ON_WINDOWS.with(DECODERS, "{}"), Sensitivity.HIGH),
      new Change(
          "another login timestamp",
          CHROME_ON_WINDOWS.with(INFO, "{\"loginTimestamp\":1763800000001}"),
          Sensitivity.HIGH),
      new Change(
          "another header beside the login timestamp",
          CHROME_ON_WINDOWS.with(INFO, "{\"loginTimestamp\":1763800000000,\"more\":true}"),
          Sensitivity.OFF),
      new Change(
          "a language and a time zone and an update",
          settings("ja-JP", true, 0).with("User-Agent", chromeUserAgent("143.0.0.0")),
          Sensitivity.MEDIUM),
      new Change("everything", FIREFOX_ON_LINUX, Sensitivity.LOW));

  static Stream<Arguments> changesAtEveryLevel() {
    return CHANGES.stream()
        .flatMap(change ->
            Arrays.stream(Sensitivity.values()).map(level -> Arguments.of(change, level)));
  }

  @ParameterizedTest(name = "{0}, at {1}")
  @MethodSource("changesAtEveryLevel")
  void a_browser_can_change_as_much_as_the_level_tolerates(Change change, Sensitivity level) {
    fwo.configure(level);
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    boolean low = level == Sensitivity.LOW;
    if (low && !change.after().headers().containsKey("User-Agent")) {
      assertImpossible(token, change.after());
      return;
    }
    boolean refused = change.refusedFrom() != Sensitivity.OFF
        && level != Sensitivity.OBSERVE
        && level.compareTo(change.refusedFrom()) >= 0;
    if (refused) {
      assertThat(fwo.refresh(token, change.after())).isEqualTo(ANOTHER_BROWSER);
      assertThat(fwo.lastSession().incidents().refusals()).isEqualTo(1);
    } else {
      fwo.refreshed(token, change.after());
      assertThat(fwo.lastSession().incidents().refusals()).isZero();
    }
    boolean beyondMedium =
        change.refusedFrom() == Sensitivity.LOW || change.refusedFrom() == Sensitivity.MEDIUM;
    assertThat(fwo.lastSession().incidents().observed())
        .isEqualTo(level == Sensitivity.OBSERVE && beyondMedium ? 1 : 0);
    // In each case the guest's own browser is still accepted.
    fwo.refreshed(token, CHROME_ON_WINDOWS);
  }

  static Stream<Arguments> twoLevels() {
    return Arrays.stream(Sensitivity.values())
        .flatMap(before ->
            Arrays.stream(Sensitivity.values()).map(after -> Arguments.of(before, after)));
  }

  @ParameterizedTest(name = "from {0} to {1}")
  @MethodSource("twoLevels")
  void a_token_is_compared_at_the_lower_of_the_level_at_issue_and_the_level_now(
      Sensitivity before, Sensitivity now) {
    Sensitivity lower = before.compareTo(now) <= 0 ? before : now;
    for (Change change : CHANGES) {
      if (!change.after().headers().containsKey("User-Agent")) {
        continue;
      }
      fwo.configure(before);
      GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
      fwo.configure(now);
      boolean refused = lower.compareTo(Sensitivity.LOW) >= 0
          && change.refusedFrom() != Sensitivity.OFF
          && lower.compareTo(change.refusedFrom()) >= 0;
      assertThat(fwo.refresh(token, change.after()).equals(ANOTHER_BROWSER))
          .as("%s", change)
          .isEqualTo(refused);
    }
  }

  @Test
  void a_token_issued_at_the_level_off_is_bound_to_the_browser_at_its_next_refresh() {
    fwo.configure(Sensitivity.OFF);
    GuestToken unbound = fwo.init(CHROME_ON_WINDOWS).token();
    fwo.configure(Sensitivity.MEDIUM);
    GuestToken bound = fwo.refreshed(unbound, CHROME_ON_WINDOWS);
    assertThat(fwo.refresh(bound, FIREFOX_ON_LINUX)).isEqualTo(ANOTHER_BROWSER);
    fwo.refreshed(bound, CHROME_ON_WINDOWS);
  }

  @Test
  void a_higher_level_interrupts_nobody_and_applies_from_the_next_refresh_on() {
    Browser travelling = settings("en-GB", true, 300);
    fwo.configure(Sensitivity.MEDIUM);
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    fwo.configure(Sensitivity.HIGH);
    GuestToken next = fwo.refreshed(token, travelling);
    assertThat(fwo.refresh(next, CHROME_ON_WINDOWS)).isEqualTo(ANOTHER_BROWSER);
    fwo.refreshed(next, travelling);
  }

  @Test
  void
      a_client_that_knows_its_login_time_only_after_init_is_bound_to_it_from_the_first_refresh_on() {
    fwo.configure(Sensitivity.HIGH);
    Browser starting = CHROME_ON_WINDOWS.with(INFO, "{\"loginTimestamp\":\"9999999\"}");
    GuestToken first = fwo.init(starting).token();
    assertThat(fwo.refresh(first, starting.with("Accept-Language", "fr")))
        .isEqualTo(ANOTHER_BROWSER);
    GuestToken next = fwo.refreshed(first, CHROME_ON_WINDOWS);
    Browser another = CHROME_ON_WINDOWS.with(INFO, "{\"loginTimestamp\":1763800000001}");
    for (Browser thief : List.of(another, starting)) {
      assertThat(fwo.refresh(next, thief)).isEqualTo(ANOTHER_BROWSER);
    }
    fwo.refreshed(next, CHROME_ON_WINDOWS);
  }

  @Test
  void a_lower_level_applies_at_once() {
    fwo.configure(Sensitivity.HIGH);
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    assertThat(fwo.refresh(token, chrome("143.0.0.0"))).isEqualTo(ANOTHER_BROWSER);
    fwo.configure(Sensitivity.LOW);
    fwo.refreshed(token, chrome("143.0.0.0"));
  }

  @Test
  void tolerated_differences_of_several_refreshes_do_not_add_up() {
    fwo.configure(Sensitivity.MEDIUM);
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    for (Browser now : List.of(
        settings("en-GB", true, 300),
        settings("fr-FR", true, -60),
        settings("fr-FR", true, -60).with("User-Agent", chromeUserAgent("143.0.0.0")))) {
      token = fwo.refreshed(token, now);
    }
    assertThat(fwo.refresh(token, settings("fr-FR", true, 300))).isEqualTo(ANOTHER_BROWSER);
    fwo.refreshed(token, CHROME_ON_WINDOWS);
  }

  @ParameterizedTest
  @EnumSource
  void a_fingerprint_is_impossible_only_if_every_header_that_it_needs_is_absent(Sensitivity level) {
    Browser nothing = new Browser(Map.of());
    Browser onlySettings = new Browser(Map.of(SETTINGS, "{}"));
    Browser onlyLanguage = new Browser(Map.of("Accept-Language", "en"));
    FingerprintMaker maker = new FingerprintMaker(new UserAgents());
    Configuration configuration = TestOrchestrator.configuration(new SecureRandom(), level);
    List<Browser> impossible = switch (level) {
      case OFF, OBSERVE -> List.of();
      case LOW -> List.of(nothing, onlySettings, onlyLanguage);
      case MEDIUM -> List.of(nothing, onlyLanguage);
      case HIGH -> List.of(nothing);
    };
    for (Browser browser : List.of(nothing, onlySettings, onlyLanguage, CHROME_ON_WINDOWS)) {
      if (impossible.contains(browser)) {
        assertThatThrownBy(() -> maker.make(TestOrchestrator.request(browser), configuration))
            .isInstanceOfSatisfying(
                Problem.class,
                problem -> assertThat(problem.code()).isEqualTo(ErrorCode.FINGERPRINT_IMPOSSIBLE));
      } else {
        assertThat(maker.make(TestOrchestrator.request(browser), configuration).sensitivity())
            .isEqualTo(level);
      }
    }
  }

  @Test
  void a_remembered_digest_belongs_to_its_account_and_its_header() {
    FingerprintMaker maker = new FingerprintMaker(new UserAgents());
    Configuration one = TestOrchestrator.configuration(new SecureRandom(), Sensitivity.HIGH);
    Configuration other = TestOrchestrator.configuration(new SecureRandom(), Sensitivity.HIGH);
    Browser both = new Browser(Map.of("Accept-Language", "en", DECODERS, "en"));
    List<Browser> browsers = List.of(
        both,
        both.without(DECODERS),
        both.without("Accept-Language"),
        both.with(INFO, "{\"loginTimestamp\":\"1\"}"),
        both.with(INFO, "{\"loginTimestamp\":\"2\"}"),
        both.with(DECODERS, "d".repeat(2 * Limits.USER_AGENT_CHARACTERS)));
    Set<String> different = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      for (Configuration account : List.of(one, other)) {
        for (Browser browser : browsers) {
          String text = maker.make(TestOrchestrator.request(browser), account).text();
          assertThat(text)
              .isEqualTo(new FingerprintMaker(new UserAgents())
                  .make(TestOrchestrator.request(browser), account)
                  .text());
          different.add(text);
        }
      }
    }
    assertThat(different).hasSize(2 * browsers.size());
  }

  @Test
  void the_older_prefixes_of_the_headers_are_accepted() {
    for (String spelling : List.of("x-sec-", "i-twilio-sec-", "X-Twilio-Sec-", "X-SEC-")) {
      Browser older = CHROME_ON_WINDOWS;
      for (String name : List.of("usersettings", "webchatinfo", "decoders")) {
        String value = CHROME_ON_WINDOWS.headers().getOrDefault("x-twilio-sec-" + name, "");
        older = older.without("x-twilio-sec-" + name).with(spelling + name, value);
      }
      assertThat(digests(older)).as(spelling).isEqualTo(digests(CHROME_ON_WINDOWS));
    }
  }

  @Test
  void an_absent_header_differs_from_an_empty_one_and_from_the_text_null() {
    List<List<String>> different = List.of(
        digests(CHROME_ON_WINDOWS.without(DECODERS)),
        digests(CHROME_ON_WINDOWS.with(DECODERS, "")),
        digests(CHROME_ON_WINDOWS.with(DECODERS, "=")),
        digests(CHROME_ON_WINDOWS.with(DECODERS, "null")));
    assertThat(new HashSet<>(different)).hasSize(4);
    assertThat(digests(CHROME_ON_WINDOWS.with(INFO, "{\"loginTimestamp\":null}")))
        .isEqualTo(digests(CHROME_ON_WINDOWS.with(INFO, "{}")));
  }

  @Test
  void headers_that_are_not_json_make_a_fingerprint_too() {
    Set<List<String>> seen = new HashSet<>();
    for (String odd : List.of(
        "",
        " ",
        "{",
        "[]",
        "null",
        "42",
        "\"en-GB\"",
        "{\"language\":\"en-GB\"",
        "{\"language\":\"en-GB\"}}",
        "{'language':'en-GB'}",
        "[".repeat(16 * 1024),
        "{\"a\":".repeat(3_000),
        "{\"language\":" + "9".repeat(16_000) + "}",
        "é\u0000ÿ",
        "{\"language\":{\"deep\":[1,2,{\"x\":null}]}}")) {
      Browser browser = CHROME_ON_WINDOWS.with(SETTINGS, odd).with(INFO, odd).with(DECODERS, odd);
      List<String> digests = digests(browser);
      assertThat(digests).isEqualTo(digests(browser));
      assertThat(seen.add(digests))
          .as(odd.substring(0, Math.min(30, odd.length())))
          .isTrue();
    }
  }

  @Test
  void a_guest_whose_headers_are_not_json_is_accepted_and_another_browser_is_not() {
    fwo.configure(Sensitivity.HIGH);
    Browser odd = CHROME_ON_WINDOWS.with(SETTINGS, "[".repeat(16 * 1024)).with(INFO, "not json");
    GuestToken token = fwo.init(odd).token();
    assertThat(fwo.refresh(token, odd.with(INFO, "not json either"))).isEqualTo(ANOTHER_BROWSER);
    fwo.refreshed(token, odd);
  }

  @Test
  void the_same_browser_under_two_accounts_shares_no_digest() {
    List<String> here = digests(CHROME_ON_WINDOWS);
    List<String> there =
        digests(CHROME_ON_WINDOWS, TestOrchestrator.configuration(RANDOM, Sensitivity.HIGH));
    assertThat(here).hasSize(9).doesNotHaveDuplicates().doesNotContainAnyElementsOf(there);
  }

  @Test
  void equal_values_of_different_signals_have_different_digests() {
    Browser same = new Browser(
        Map.of("User-Agent", "x", "Accept-Language", "x", SETTINGS, "x", INFO, "x", DECODERS, "x"));
    assertThat(digests(same)).hasSize(9).doesNotHaveDuplicates();
    assertThat(digests(new Browser(Map.of(SETTINGS, "{}")))).doesNotHaveDuplicates();
  }

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Configuration ACCOUNT =
      TestOrchestrator.configuration(RANDOM, Sensitivity.HIGH);

  private static List<String> digests(Browser browser) {
    return digests(browser, ACCOUNT);
  }

  /** The nine digests of a fingerprint, in hex. */
  private static List<String> digests(Browser browser, Configuration configuration) {
    String text = new FingerprintMaker(new UserAgents())
        .make(TestOrchestrator.request(browser), configuration)
        .text();
    byte[] vector = Base64.getUrlDecoder().decode(text.substring(text.lastIndexOf('.') + 1));
    List<String> digests = new ArrayList<>();
    for (int i = 0; i < vector.length; i += 8) {
      digests.add(HexFormat.of().formatHex(vector, i, i + 8));
    }
    return digests;
  }

  private static void assertImpossible(GuestToken token, Browser browser) {
    assertThatThrownBy(() -> fwo.refresh(token, browser))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ErrorCode.FINGERPRINT_IMPOSSIBLE));
  }

  private static Browser chrome(String version) {
    return userAgent(chromeUserAgent(version));
  }

  private static String chromeUserAgent(String version) {
    return "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
        + " (KHTML, like Gecko) Chrome/" + version + " Safari/537.36";
  }

  private static Browser userAgent(String userAgent) {
    return CHROME_ON_WINDOWS.with("User-Agent", userAgent);
  }

  private static Browser settings(String language, boolean cookies, int zone) {
    return CHROME_ON_WINDOWS.with(
        SETTINGS,
        "{\"language\":\"%s\",\"cookieEnabled\":%s,\"userTimezone\":%d}"
            .formatted(language, cookies, zone));
  }
}
