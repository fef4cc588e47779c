package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.scopedauth.Sensitivity;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/**
 * Thieves who have copied everything that leaves the browser of a guest, but not its key: none of
 * them reads a message, writes one or ends the chat, and the guest goes on.
 */
@ParameterizedClass
@InBothShapes(always = true)
class ThiefTest {
  private static final String PUSH_SUBSCRIPTION =
      new PushBrowser().subscription("https://push.example.com/1", "Shop", "New message");
  private static final String MESSAGES = "/v2/Webchat/Messages";
  private static final String READ = "/v2/Webchat/Read";
  private static final String REFRESH = "/v2/Webchat/Token/Refresh";
  private static final String SECRET = "my card number is 4111";
  private static final String JSON = "{\"body\":\"hello\",\"client_id\":\"a\",\"index\":0}";

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;
  private final String identity;

  ThiefTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().withKey(GuestKey.next());
    identity = guest.begins().text("identity");
    assertThat(guest.says(SECRET, "secret").status()).isEqualTo(201);
  }

  /** A call that the thief has recorded, in the form of a HAR: all that was sent. */
  record Recorded(String method, String target, String body, Map<String, String> headers) {
    Recorded with(String header, UnaryOperator<String> changed) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.computeIfPresent(header, (_, value) -> changed.apply(value));
      return new Recorded(method, target, body, more);
    }

    Recorded without(String... names) {
      Map<String, String> fewer = new LinkedHashMap<>(headers);
      fewer.keySet().removeAll(List.of(names));
      return new Recorded(method, target, body, fewer);
    }

    Recorded as(String method, String target, String body) {
      return new Recorded(method, target, body, headers);
    }
  }

  /**
   * One way to use a call that was recorded.
   *
   * @param status of every answer to it
   */
  record Theft(String what, int status, BiFunction<ThiefTest, Recorded, List<Recorded>> attempts) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Theft> thefts() {
    return Stream.of(otherSignatures(), otherCalls(), otherKeys()).flatMap(thefts -> thefts);
  }

  private static Stream<Theft> otherSignatures() {
    return Stream.of(
        each(
            "the signature is stripped",
            403,
            call -> call.without("Signature", "Signature-Input", "Content-Digest")),
        each("half of the signature is stripped", 400, call -> call.without("Signature")),
        each("the signature's name is stripped", 400, call -> call.without("Signature-Input")),
        each(
            "the components are reordered",
            400,
            call -> call.with(
                "Signature-Input",
                input -> input.replace("\"@method\" \"@path\"", "\"@path\" \"@method\""))),
        each(
            "fewer components are signed",
            400,
            call -> call.with("Signature-Input", input -> input.replace(" \"authorization\"", ""))),
        each(
            "another nonce",
            403,
            call -> call.with(
                "Signature-Input", input -> input.replaceFirst("nonce=\"....", "nonce=\"AAAA"))),
        each(
            "another time",
            403,
            call -> call.with(
                "Signature-Input",
                input -> input.replaceFirst("created=\\d+", "created=" + seconds(input, 1)))),
        each(
            "another MAC",
            403,
            call -> call.with(
                "Signature",
                mac -> mac.charAt(3) == 'A'
                    ? mac.replaceFirst("p=:.", "p=:B")
                    : mac.replaceFirst("p=:.", "p=:A"))));
  }

  private static Stream<Theft> otherCalls() {
    return Stream.of(
        new Theft(
            "another method",
            403,
            (test, call) -> List.of(
                test.signedByGuest("HEAD", MESSAGES, "").as("GET", MESSAGES, ""),
                test.signedByGuest("DELETE", READ, JSON).as("POST", READ, JSON))),
        new Theft(
            "another path",
            403,
            (test, call) -> List.of(
                test.signedByGuest("GET", "/v2/Webchat/Read", "").as("GET", MESSAGES, ""),
                test.signedByGuest("POST", READ, JSON).as("POST", MESSAGES, JSON),
                test.signedByGuest("POST", READ, JSON).as("POST", "/v2/Webchat/End", JSON),
                test.signedByGuest("POST", "/v2/Webchat/End", JSON)
                    .as("POST", "/v2/Webchat/Reopen", JSON))),
        new Theft(
            "another query",
            403,
            (test, call) -> List.of(test.signedByGuest("GET", MESSAGES + "?limit=1", "")
                .as("GET", MESSAGES + "?limit=9", ""))),
        new Theft(
            "no query",
            400,
            (test, call) -> List.of(
                test.signedByGuest("GET", MESSAGES + "?limit=1", "").as("GET", MESSAGES, ""),
                test.signedByGuest("GET", MESSAGES, "").as("GET", MESSAGES + "?limit=9", ""))),
        new Theft(
            "another body",
            400,
            (test, call) -> List.of(test.signedByGuest("POST", MESSAGES, JSON)
                .as("POST", MESSAGES, JSON.replace("h", "j")))),
        new Theft(
            "another body with its digest",
            403,
            (test, call) -> List.of(test.signedByGuest("POST", MESSAGES, JSON)
                .with("Content-Digest", _ -> GuestKey.digest(JSON.replace("h", "j")))
                .as("POST", MESSAGES, JSON.replace("h", "j")))));
  }

  private static Stream<Theft> otherKeys() {
    return Stream.of(
        new Theft("another token of the guest", 403, (test, call) -> {
          test.guest.reloads();
          return List.of(call.with("Authorization", _ -> "Bearer " + test.guest.token()));
        }),
        new Theft("another session's key", 403, (test, call) -> {
          Guest other = test.installation.guest().withKey(GuestKey.next()).starts();
          GuestKey own = GuestKey.next();
          own.agree(GuestKey.next().publicKey(), test.guest.conversation());
          return List.of(
              test.signed(other.key(), "GET", MESSAGES, ""), test.signed(own, "GET", MESSAGES, ""));
        }),
        new Theft(
            "an all-zero key",
            403,
            (test, call) ->
                List.of(test.signed(GuestKey.withSecret(new byte[32]), "GET", MESSAGES, ""))));
  }

  /** Changes both a reading and a writing call. */
  private static Theft each(String what, int status, UnaryOperator<Recorded> change) {
    return new Theft(
        what,
        status,
        (test, call) ->
            List.of(change.apply(call), change.apply(test.signedByGuest("POST", MESSAGES, JSON))));
  }

  private static long seconds(String input, int more) {
    return Long.parseLong(input.replaceFirst(".*created=(\\d+).*", "$1")) + more;
  }

  @ParameterizedTest
  @MethodSource("thefts")
  void a_recorded_call_is_good_for_nothing_else(Theft theft) {
    for (Recorded attempt : theft.attempts().apply(this, signedByGuest("GET", MESSAGES, ""))) {
      Reply reply = send(installation.guest(), attempt);
      assertThat(reply.status()).as(reply.response().body()).isEqualTo(theft.status());
      assertThat(reply.response().body()).doesNotContain(SECRET).doesNotContain("plr1.");
    }
    assertTheGuestGoesOn();
  }

  @Test
  void guesses_of_the_key_never_succeed_and_do_not_harm_the_guest() {
    SecureRandom random = new SecureRandom();
    String body = refreshBody(guest.token());
    for (int i = 0; i < 2 * Limits.REFUSALS_PER_SESSION; i++) {
      byte[] guess = new byte[32];
      random.nextBytes(guess);
      GuestKey key = GuestKey.withSecret(guess);
      Reply reply = send(
          installation.guest(),
          i % 2 == 0 ? signed(key, "GET", MESSAGES, "") : signed(key, "POST", REFRESH, body));
      assertThat(reply.status()).isIn(403, 429);
      assertThat(reply.response().body()).doesNotContain(SECRET).doesNotContain("plr1.");
      try (GuestSocket socket = installation.guest().opensSocket()) {
        socket.says(guest.hello(-1, answerOf(key, socket)));
        assertThat(socket.receives()).containsEntry("type", "refused");
      }
    }
    assertTheGuestGoesOn();
  }

  @Test
  void a_copied_token_is_good_for_no_call_and_no_socket_with_or_without_all_headers() {
    for (Browser browser : List.of(Browser.FIREFOX_ON_LINUX, Browser.CHROME_ON_WINDOWS)) {
      assertIsUseless(guest.copiedTo(browser));
    }
    assertTheGuestGoesOn();
  }

  @Test
  void the_token_of_another_deployment_of_the_site_does_not_help() {
    Sid.Deployment other = installation.deploy(installation.defaults());
    Recorded call = signedByGuest("GET", MESSAGES, "");
    Reply moved =
        send(installation.guest(), call.with("Webchat-Deployment-Key", _ -> other.text()));
    assertThat(moved.status()).isEqualTo(401);
    assertThat(moved.response().body()).doesNotContain(SECRET);
    assertTheGuestGoesOn();
  }

  @Test
  void a_reading_call_that_was_answered_is_not_answered_again() {
    Recorded call = signedByGuest("GET", MESSAGES, "");
    assertThat(send(guest, call).response().body()).contains(SECRET);
    for (Duration later : List.of(Duration.ofSeconds(1), Limits.PROOF_WINDOW.plusSeconds(5))) {
      installation.clock.pass(later);
      Reply again = send(installation.guest(), call);
      assertThat(again.status()).isIn(401, 428);
      assertThat(again.response().body()).doesNotContain(SECRET);
    }
    assertTheGuestGoesOn();
  }

  @Test
  void the_token_of_a_repeated_refresh_is_useless_without_the_key() {
    Recorded call = signedByGuest("POST", REFRESH, refreshBody(guest.token()));
    for (int i = 0; i < 2; i++) {
      Reply again = send(installation.guest(), call);
      assertThat(again.status()).isEqualTo(200);
      assertIsUseless(installation.guest().holding(again.text("token")));
    }
    Reply another =
        send(installation.guest(), call.as("POST", REFRESH, refreshBody(guest.token()) + " "));
    assertThat(another.status()).isEqualTo(400);
    assertTheGuestGoesOn();
  }

  @Test
  void a_repeated_init_gives_a_token_that_is_useless_without_the_key() {
    GuestKey key = GuestKey.next();
    Guest starting = installation.guest();
    String init = "{\"deploymentKey\":\"%s\",\"idempotencyKey\":\"%s\"%s}";
    String secret = "0123456789abcdef".repeat(2);
    String own = init.formatted(
        guest.deployment().text(), secret, ",\"proofKey\":\"" + key.publicKey() + "\"");
    Reply first = posts(starting, "/v2/Webchat/Init", own);
    key.agree(first.text("proof_key"), first.text("conversation_sid"));
    starting.withKey(key).holding(first.text("token"));
    assertThat(starting.says(SECRET, "a").status()).isEqualTo(201);
    Reply raced = posts(installation.guest(), "/v2/Webchat/Init", own);
    assertIsUseless(installation.guest().holding(raced.text("token")));
    for (String proofKey : List.of("", ",\"proofKey\":\"" + GuestKey.next().publicKey() + "\"")) {
      Reply downgraded = posts(
          installation.guest(),
          "/v2/Webchat/Init",
          init.formatted(guest.deployment().text(), secret, proofKey));
      assertThat(downgraded.text("conversation_sid")).isNotEqualTo(first.text("conversation_sid"));
    }
    assertThat(starting.get(MESSAGES).response().body()).contains(SECRET);
    assertThat(starting.reloads().status()).isEqualTo(200);
  }

  @Test
  void a_thief_whose_repeated_init_is_answered_before_the_guests_gets_nothing()
      throws InterruptedException {
    GuestKey key = GuestKey.next();
    String own = "{\"deploymentKey\":\"%s\",\"idempotencyKey\":\"%s\",\"proofKey\":\"%s\"}"
        .formatted(guest.deployment().text(), "fedcba9876543210".repeat(2), key.publicKey());
    Reply stolen = posts(installation.guest(), "/v2/Webchat/Init", own);
    List<Reply> replies = AtOnce.run(3, _ -> posts(installation.guest(), "/v2/Webchat/Init", own));
    Reply first = replies.getLast();
    key.agree(first.text("proof_key"), first.text("conversation_sid"));
    Guest starting = installation.guest().withKey(key).holding(first.text("token"));
    assertThat(starting.says(SECRET, "a").status()).isEqualTo(201);
    assertIsUseless(installation.guest().holding(stolen.text("token")));
    for (Reply reply : replies) {
      Reply read = installation.guest().holding(reply.text("token")).get(MESSAGES);
      assertThat(read.status()).isEqualTo(403);
      assertThat(read.response().body()).doesNotContain(SECRET);
    }
    assertThat(starting.get(MESSAGES).response().body()).contains(SECRET);
    assertThat(starting.reloads().status()).isEqualTo(200);
  }

  /** A setting that an operator changes applies to chats that begin later. */
  @Test
  void no_later_setting_of_the_deployment_opens_a_bound_session_to_a_copy() {
    try {
      for (Sensitivity level : List.of(Sensitivity.OFF, Sensitivity.OBSERVE)) {
        installation.configure(settings -> new Accounts.Settings(
            settings.address(),
            settings.allowedOrigins(),
            new TokenRules(level, ProofRule.OFF, false).withRealtime(),
            settings.lifetimes()));
        assertIsUseless(guest.copiedTo(Browser.CHROME_ON_WINDOWS));
      }
      assertTheGuestGoesOn();
    } finally {
      installation.configure(settings -> settings);
    }
  }

  @Test
  void neither_a_superseded_token_nor_a_recorded_hello_opens_a_socket() {
    List<String> hellos = new ArrayList<>();
    try (GuestSocket socket = guest.opensSocket()) {
      String recorded = guest.hello(
          -1,
          guest
              .key()
              .answer(socket.challenge(), guest.token(), guest.deployment().text()));
      socket.says(recorded).receivesUntil(SECRET);
      hellos.add(recorded);
    }
    hellos.add(guest.hello(-1));
    guest.reloads();
    assertThat(guest.get(MESSAGES).status()).isEqualTo(200);
    for (Duration later : List.of(Duration.ZERO, Limits.GENERATION_GRACE.plusSeconds(1))) {
      installation.clock.pass(later);
      hellos.forEach(this::assertOpensNoSocket);
    }
    assertTheGuestGoesOn();
  }

  @Test
  void a_copy_of_another_tabs_traffic_is_good_for_nothing() {
    Recorded read = signedByGuest("GET", MESSAGES, "");
    Recorded refresh = signedByGuest("POST", REFRESH, refreshBody(guest.token()));
    Guest tab = installation.guest().withKey(guest.key()).holding(guest.token());
    String hello;
    try (GuestSocket socket = tab.opensSocket()) {
      hello = tab.hello(
          -1, tab.key().answer(socket.challenge(), tab.token(), tab.deployment().text()));
      socket.says(hello).receivesUntil(SECRET);
    }
    assertThat(send(tab, read).response().body()).contains(SECRET);
    String newest = send(tab, refresh).text("token");
    assertIsUseless(installation.guest().holding(newest));
    for (Recorded call : List.of(read, read.with("Authorization", _ -> "Bearer " + newest))) {
      Reply again = send(installation.guest(), call);
      assertThat(again.status()).isIn(401, 403);
      assertThat(again.response().body()).doesNotContain(SECRET);
    }
    assertOpensNoSocket(hello);
    guest.holding(newest);
    assertTheGuestGoesOn();
  }

  @Test
  void a_copy_of_localStorage_is_good_for_nothing_and_its_identity_opens_no_old_chat() {
    GuestKey own = GuestKey.next();
    own.agree(GuestKey.next().publicKey(), guest.conversation());
    assertIsUseless(guest.copiedTo(Browser.CHROME_ON_WINDOWS));
    assertIsUseless(guest.copiedTo(Browser.CHROME_ON_WINDOWS).withKey(own));
    Guest thief = installation.guest();
    Reply begun = posts(
        thief,
        "/v2/Webchat/Init",
        "{\"deploymentKey\":\"%s\",\"identity\":\"%s\"}"
            .formatted(guest.deployment().text(), identity));
    assertThat(begun.text("conversation_sid")).isNotEqualTo(guest.conversation());
    assertThat(thief.holding(begun.text("token")).get(MESSAGES).response().body())
        .doesNotContain(SECRET);
    assertTheGuestGoesOn();
  }

  @Test
  void the_answers_to_a_wrong_key_and_to_a_wrong_fingerprint_are_the_same() {
    Guest unbound = installation.guest().starts();
    Guest elsewhere = unbound.copiedTo(Browser.FIREFOX_ON_LINUX);
    Guest withoutKey = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
    Guest withoutAnything = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
    GuestKey wrong = GuestKey.withSecret(new byte[32]);
    assertThat(Stream.of(
                elsewhere.get(MESSAGES),
                withoutKey.get(MESSAGES),
                withoutAnything.get(MESSAGES),
                send(installation.guest(), signed(wrong, "GET", MESSAGES, "")))
            .map(ThiefTest::seen)
            .distinct())
        .hasSize(1);
    String body = refreshBody(guest.token());
    assertThat(Stream.of(
                elsewhere.reloads(),
                withoutKey.reloads(),
                withoutAnything.reloads(),
                send(installation.guest(), signed(wrong, "POST", REFRESH, body)))
            .map(ThiefTest::seen)
            .distinct())
        .hasSize(1);
    assertTheGuestGoesOn();
  }

  @Test
  void a_socket_and_an_expired_token_do_not_say_what_is_wrong_either() {
    Guest expiring = installation.guest().withKey(GuestKey.next());
    expiring.begins();
    installation.clock.pass(Duration.ofDays(3));
    guest.get(MESSAGES); // renews nothing: its token has expired, too
    GuestKey wrong = GuestKey.withSecret(new byte[32]);
    List<Guest> thieves = List.of(
        expiring.copiedTo(Browser.CHROME_ON_WINDOWS),
        expiring.copiedTo(Browser.FIREFOX_ON_LINUX),
        expiring.copiedTo(Browser.CHROME_ON_WINDOWS).withKey(wrong),
        expiring.copiedTo(Browser.FIREFOX_ON_LINUX).withKey(wrong));
    assertThat(thieves.stream().map(thief -> seen(thief.get(MESSAGES))).distinct())
        .hasSize(1);
    assertThat(thieves.stream().map(thief -> seen(thief.reloads())).distinct()).hasSize(1);
    assertThat(expiring.reloads().status()).isEqualTo(200);
    List<Map<String, @Nullable Object>> frames = new ArrayList<>();
    for (Guest thief : List.of(
        expiring.copiedTo(Browser.CHROME_ON_WINDOWS),
        expiring.copiedTo(Browser.FIREFOX_ON_LINUX))) {
      for (GuestKey key : List.of(wrong, GuestKey.withSecret(new byte[] {1}))) {
        try (GuestSocket socket = thief.opensSocket()) {
          socket.says(thief.hello(
              -1,
              key.answer(socket.challenge(), thief.token(), thief.deployment().text())));
          frames.add(new TreeMap<>(socket.receives()));
        }
      }
      try (GuestSocket socket = thief.opensSocket().says(thief.hello(-1))) {
        frames.add(new TreeMap<>(socket.receives()));
      }
    }
    frames.forEach(frame -> frame.remove("trace_id"));
    assertThat(frames.stream().distinct()).hasSize(1);
  }

  /** All of an answer but its time and its trace. */
  private static String seen(Reply reply) {
    Map<String, @Nullable Object> body = new TreeMap<>(reply.json());
    body.remove("trace_id");
    Map<String, Object> headers = new TreeMap<>(reply.response().headers().map());
    for (String changing : List.of("date", "parlour-time", "parlour-trace-id")) {
      headers.computeIfPresent(changing, (_, _) -> "any");
    }
    return "%d %s %s".formatted(reply.status(), headers, body);
  }

  // ---- the thief's calls

  /** So that a call that is added later is among those of {@link #assertIsUseless}. */
  @Test
  void a_thief_tries_every_call_that_guests_have() throws IOException {
    Set<String> paths = new TreeSet<>();
    for (String part : List.of("guests", "orchestrator")) {
      try (Stream<Path> files = Files.list(Path.of("src/main/java/parlour", part))) {
        for (Path file : files.toList()) {
          Pattern.compile("\"(/v2/Webchat/[^\"]*)\"")
              .matcher(Files.readString(file))
              .results()
              .forEach(path -> paths.add(path.group(1)));
        }
      }
    }
    assertThat(paths)
        .containsExactlyInAnyOrder(
            MESSAGES,
            READ,
            "/v2/Webchat/Typing",
            "/v2/Webchat/End",
            "/v2/Webchat/Reopen",
            "/v2/Webchat/Push",
            "/v2/Webchat/Push/End",
            "/v2/Webchat/Media",
            "/v2/Webchat/Stream",
            REFRESH,
            "/v2/Webchat/Tokens/Refresh",
            "/v2/Webchat/Init", // these two begin another chat, without a token
            "/v2/Webchat/Token",
            "/v2/Webchat/Availability"); // takes no token, and says nothing of a chat
  }

  /** Tries a token everywhere. */
  private void assertIsUseless(Guest thief) {
    Map<String, String> file = new LinkedHashMap<>(thief.bearer());
    file.put("Content-Type", "text/plain");
    List<Reply> replies = List.of(
        thief.get(MESSAGES),
        thief.get(MESSAGES + "?limit=5"),
        thief.says("mine now", "b"),
        thief.posts(READ, "{\"index\":0}"),
        thief.posts("/v2/Webchat/Typing", ""),
        thief.posts("/v2/Webchat/End", "{\"forget\":true}"),
        thief.posts("/v2/Webchat/Reopen", "{}"),
        thief.get("/v2/Webchat/Push"),
        thief.posts("/v2/Webchat/Push", PUSH_SUBSCRIPTION),
        thief.posts("/v2/Webchat/Push/End", "{}"),
        thief.send("POST", "/v2/Webchat/Media?Filename=a.txt&ClientId=c", "text", file),
        thief.get("/v2/Webchat/Media/ME" + "0".repeat(32)),
        posts(thief, "/v2/Webchat/Tokens/Refresh", refreshBody(thief.token())),
        thief.refreshes(thief.token()));
    assertThat(replies).allSatisfy(reply -> {
      assertThat(reply.status()).as(reply.response().body()).isEqualTo(403);
      assertThat(reply.response().body()).doesNotContain(SECRET).doesNotContain("plr1.");
    });
    assertOpensNoSocket(thief.hello(-1));
  }

  private void assertOpensNoSocket(String hello) {
    try (GuestSocket socket = installation.guest().opensSocket().says(hello)) {
      assertThat(socket.receives()).containsEntry("type", "refused");
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
  }

  private String answerOf(GuestKey key, GuestSocket socket) {
    return key.answer(socket.challenge(), guest.token(), guest.deployment().text());
  }

  private void assertTheGuestGoesOn() {
    assertThat(guest.get(MESSAGES).response().body()).contains(SECRET).doesNotContain("mine now");
    assertThat(guest.reloads().status()).isEqualTo(200);
    assertThat(guest.says("still here", "c").status()).isEqualTo(201);
    try (GuestSocket socket = guest.entersSocket(-1)) {
      assertThat(socket.receivesUntil("still here")).containsExactly(SECRET, "still here");
    }
  }

  private static Reply send(Guest thief, Recorded call) {
    return thief.send(call.method(), call.target(), call.body(), call.headers());
  }

  private static Reply posts(Guest who, String target, String body) {
    return who.send("POST", target, body, Map.of("Content-Type", "application/json"));
  }

  private String refreshBody(String token) {
    return "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}"
        .formatted(guest.deployment().text(), token);
  }

  private Recorded signedByGuest(String method, String target, String body) {
    return signed(guest.key(), method, target, body);
  }

  /** All that a browser sends with a call, which the thief has as well. */
  private Recorded signed(GuestKey key, String method, String target, String body) {
    Map<String, String> headers = new LinkedHashMap<>();
    if (!target.equals(REFRESH)) {
      headers.putAll(guest.bearer());
    }
    Instant now = installation.clock.instant();
    headers.putAll(key.sign(GuestKey.Call.of(method, target, body, headers, now)));
    if (!body.isEmpty()) {
      headers.put("Content-Type", "application/json");
    }
    return new Recorded(method, target, body, headers);
  }
}
