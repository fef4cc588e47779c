package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.spec.Browser.CHROME_ON_WINDOWS;
import static parlour.spec.Browser.FIREFOX_ON_LINUX;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.TokenRules;
import parlour.conversations.GuestCredentials;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.federatedauth.Outcome;
import parlour.rates.Rate;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Verdict;
import parlour.spec.Browser;
import parlour.spec.GuestKey;

/**
 * A client that Parlour did not make, on its socket: it names no deployment, and of its browser
 * only the headers that each browser sends by itself are known.
 */
class RealtimeCredentialsTest {
  private static final String PAGE = TestOrchestrator.PAGE;

  /** The headers of a browser in the handshake of a WebSocket. */
  private static final Browser HANDSHAKE = upgrade(CHROME_ON_WINDOWS);

  private TestOrchestrator fwo;

  @BeforeEach
  void open(@TempDir Path folder) {
    fwo = new TestOrchestrator(folder, Sensitivity.MEDIUM);
  }

  @AfterEach
  void close() {
    fwo.close();
  }

  private static Browser upgrade(Browser browser) {
    return new Browser(Map.of(
        "Origin", PAGE,
        "User-Agent", browser.headers().getOrDefault("User-Agent", ""),
        "Accept-Language", browser.headers().getOrDefault("Accept-Language", "")));
  }

  @Test
  void the_deployment_is_the_one_of_the_token() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    GuestCredentials credentials = credentials(token, HANDSHAKE);
    assertThat(credentials.audience().account()).isEqualTo(fwo.configuration().account());
    assertThat(credentials.audience().deployment())
        .isEqualTo(fwo.configuration().deployment());
    assertThat(validated(credentials)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_text_that_is_not_a_token_is_refused_as_every_refused_token() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    for (String text :
        List.of("", "nonsense", "plr1.x", token.text() + "x", token.text().substring(1), "é😀")) {
      assertRefused(ErrorCode.TOKEN_REFUSED, new GuestToken(text), HANDSHAKE);
    }
    assertThat(fwo.lastSession().incidents().refusals()).isZero();
  }

  @Test
  void a_token_of_another_installation_is_refused(@TempDir Path elsewhere) {
    try (TestOrchestrator other = new TestOrchestrator(elsewhere, Sensitivity.MEDIUM)) {
      assertRefused(ErrorCode.TOKEN_REFUSED, other.init(CHROME_ON_WINDOWS).token(), HANDSHAKE);
    }
  }

  @Test
  void a_forged_token_is_refused_without_the_store_and_an_outage_refuses_no_token(
      @TempDir Path elsewhere) {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    try (TestOrchestrator other = new TestOrchestrator(elsewhere, Sensitivity.MEDIUM)) {
      GuestToken forged = other.init(CHROME_ON_WINDOWS).token();
      fwo.scopedAuthIsDown.set(true);
      assertRefused(ErrorCode.TOKEN_REFUSED, forged, HANDSHAKE);
    }
    assertThat(credentials(token, HANDSHAKE).presented().token()).isEqualTo(token);
    fwo.directoryIsDown = true;
    assertRefused(ErrorCode.CONFIGURATION_UNAVAILABLE, token, HANDSHAKE);
  }

  @Test
  void a_token_of_a_deleted_deployment_is_refused() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    fwo.forgetDeployment();
    assertRefused(ErrorCode.TOKEN_REFUSED, token, HANDSHAKE);
  }

  @Test
  void a_deployment_without_the_realtime_socket_refuses_as_every_refused_token_and_logs_why() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    fwo.configure(TokenRules.DEFAULT);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(RealtimeSwitch.class);
    @Nullable Level before = logger.getLevel();
    lines.start();
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    logger.addAppender(lines);
    try {
      assertRefused(ErrorCode.TOKEN_REFUSED, token, HANDSHAKE);
      assertRefused(ErrorCode.TOKEN_REFUSED, token, HANDSHAKE.with("Origin", "https://a.example"));
      assertRefused(ErrorCode.TOKEN_REFUSED, new GuestToken("nonsense"), HANDSHAKE);
    } finally {
      logger.detachAppender(lines);
      logger.setAdditive(true);
      logger.setLevel(before);
    }
    String key = fwo.configuration().deployment().text();
    assertThat(lines.list)
        .hasSize(2)
        .allSatisfy(line -> assertThat(line.getFormattedMessage())
            .contains("./parlour deployments update " + key + " --realtime on")
            .doesNotContain(token.text()));
    fwo.configure(TokenRules.DEFAULT.withRealtime());
    assertThat(validated(credentials(token, HANDSHAKE))).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void an_open_socket_loses_its_admission_with_the_origin_the_switch_or_the_deployment() {
    var deployment = fwo.configuration().deployment();
    BrowserRequest open = TestOrchestrator.request(HANDSHAKE);
    fwo.service.readmitRealtime(deployment, open);
    fwo.configure(Sensitivity.MEDIUM, new AllowedOrigins(List.of("https://other.example")));
    assertProblem(
        ErrorCode.ORIGIN_NOT_ALLOWED, () -> fwo.service.readmitRealtime(deployment, open));
    fwo.configure(TokenRules.DEFAULT);
    assertProblem(ErrorCode.TOKEN_REFUSED, () -> fwo.service.readmitRealtime(deployment, open));
    fwo.forgetDeployment();
    assertProblem(
        ErrorCode.UNKNOWN_DEPLOYMENT_KEY, () -> fwo.service.readmitRealtime(deployment, open));
  }

  @Test
  void the_page_must_be_on_the_list_of_the_tokens_deployment() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    fwo.configure(Sensitivity.MEDIUM, new AllowedOrigins(List.of(PAGE)));
    assertThat(validated(credentials(token, HANDSHAKE))).isInstanceOf(Verdict.Authorized.class);
    assertRefused(
        ErrorCode.ORIGIN_NOT_ALLOWED, token, HANDSHAKE.with("Origin", "https://a.example"));
    assertRefused(ErrorCode.ORIGIN_NOT_ALLOWED, token, HANDSHAKE.without("Origin"));
  }

  @Test
  void a_further_token_on_an_open_socket_is_checked_and_uses_up_no_socket_of_the_deployment() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    fwo.counted.clear();
    BrowserRequest here = TestOrchestrator.request(HANDSHAKE);
    assertThat(validated(fwo.service.realtimeUpdateCredentials(token, here)))
        .isInstanceOf(Verdict.Authorized.class);
    assertThat(fwo.counted).isEmpty();
    credentials(token, HANDSHAKE);
    assertThat(fwo.counted).containsExactly(Rate.ORIGIN_STREAMS, Rate.DEPLOYMENT_STREAMS);
    fwo.configure(Sensitivity.MEDIUM, new AllowedOrigins(List.of("https://a.example")));
    assertProblem(
        ErrorCode.ORIGIN_NOT_ALLOWED, () -> fwo.service.realtimeUpdateCredentials(token, here));
  }

  @Test
  void a_call_may_have_no_origin_and_is_otherwise_as_a_socket() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    fwo.configure(Sensitivity.MEDIUM, new AllowedOrigins(List.of(PAGE)));
    for (Browser good : List.of(HANDSHAKE, HANDSHAKE.without("Origin"))) {
      assertThat(validated(callCredentials(token, good))).isInstanceOf(Verdict.Authorized.class);
    }
    assertThat(validated(callCredentials(token, upgrade(FIREFOX_ON_LINUX))))
        .isInstanceOf(Verdict.Refused.class);
    Browser elsewhere = HANDSHAKE.with("Origin", "https://a.example");
    assertProblem(ErrorCode.ORIGIN_NOT_ALLOWED, () -> callCredentials(token, elsewhere));
    fwo.configure(TokenRules.DEFAULT);
    assertProblem(ErrorCode.TOKEN_REFUSED, () -> callCredentials(token, HANDSHAKE));
  }

  private GuestCredentials callCredentials(GuestToken token, Browser browser) {
    return fwo.service.realtimeCallCredentials(token, TestOrchestrator.request(browser));
  }

  @ParameterizedTest
  @EnumSource
  void the_headers_of_the_browser_are_compared_as_the_level_says(Sensitivity level) {
    fwo.configure(level);
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    boolean refuses = level.compareTo(Sensitivity.LOW) >= 0;
    String updated = HANDSHAKE.headers().getOrDefault("User-Agent", "").replace("142", "143");
    assertAuthorized(true, token, HANDSHAKE);
    assertAuthorized(!refuses, token, upgrade(FIREFOX_ON_LINUX));
    assertAuthorized(level != Sensitivity.HIGH, token, HANDSHAKE.with("User-Agent", updated));
    assertAuthorized(level != Sensitivity.HIGH, token, HANDSHAKE.with("Accept-Language", "ja"));
    assertAuthorized(level != Sensitivity.HIGH, token, HANDSHAKE.without("Accept-Language"));
  }

  @ParameterizedTest
  @EnumSource
  void a_program_without_an_origin_need_not_name_its_browser_and_a_page_must(Sensitivity level) {
    fwo.configure(level);
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    Browser nothing = new Browser(Map.of());
    Browser hiding = new Browser(Map.of("Origin", PAGE));
    boolean refuses = level.compareTo(Sensitivity.LOW) >= 0;
    if (refuses) {
      assertRefused(ErrorCode.FINGERPRINT_IMPOSSIBLE, token, hiding);
    } else {
      assertAuthorized(true, token, hiding);
    }
    if (level == Sensitivity.HIGH) {
      assertRefused(ErrorCode.FINGERPRINT_IMPOSSIBLE, token, nothing);
      assertAuthorized(true, token, HANDSHAKE.without("Origin").without("User-Agent"));
    } else {
      assertAuthorized(true, token, nothing);
    }
  }

  @Test
  void leaving_headers_out_helps_nowhere_else() {
    GuestToken token = fwo.init(CHROME_ON_WINDOWS).token();
    Browser without = HANDSHAKE.without("Origin");
    var deployment = fwo.configuration().deployment();
    assertThat(validated(
            fwo.service.credentials(deployment, token, TestOrchestrator.request(without))))
        .isEqualTo(new Verdict.Refused(Verdict.Failure.FINGERPRINT_VALIDATION_FAILED));
    assertThat(validated(
            fwo.service.socketCredentials(deployment, token, TestOrchestrator.request(HANDSHAKE))))
        .isEqualTo(new Verdict.Refused(Verdict.Failure.FINGERPRINT_VALIDATION_FAILED));
    assertThat(fwo.refresh(token, without)).isInstanceOf(Outcome.Refused.class);
    assertThat(validated(credentials(token, without))).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_token_that_is_bound_to_a_key_opens_nothing_here() {
    GuestToken bound =
        fwo.initWithKey(CHROME_ON_WINDOWS, GuestKey.next().publicKey()).token();
    for (Browser browser : List.of(HANDSHAKE, CHROME_ON_WINDOWS, new Browser(Map.of()))) {
      assertAuthorized(false, bound, browser);
    }
    assertThat(fwo.lastSession().incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("key: missing");
  }

  private GuestCredentials credentials(GuestToken token, Browser browser) {
    return fwo.service.realtimeCredentials(
        token, TestOrchestrator.request(browser.headers(), new HashMap<>()));
  }

  private Verdict validated(GuestCredentials credentials) {
    return fwo.scopedAuth.validate(credentials.presented(), credentials.audience(), Purpose.CALL);
  }

  private void assertAuthorized(boolean expected, GuestToken token, Browser browser) {
    assertThat(validated(credentials(token, browser)) instanceof Verdict.Authorized)
        .as("%s", browser)
        .isEqualTo(expected);
  }

  private void assertRefused(ErrorCode code, GuestToken token, Browser browser) {
    assertProblem(code, () -> credentials(token, browser));
  }

  private static void assertProblem(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
