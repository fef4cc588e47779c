package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/**
 * Signed calls that Parlour cannot read, or that are not the call that was signed. Each is answered
 * before the token is judged, and names the header and the remedy.
 */
@ParameterizedClass
@InBothShapes
class BadProofsTest {
  private static final String MESSAGES = "/v2/Webchat/Messages";
  private static final String SAYS = "{\"body\":\"hello\",\"client_id\":\"a\"}";
  private static final String INPUT = "Signature-Input";
  private static final String SIGNATURE = "Signature";
  private static final String DIGEST = "Content-Digest";

  /** The point (0, √b) of the curve, whose x is written as the prime: the same to careless code. */
  private static final String X_IS_THE_PRIME =
      "BP____8AAAABAAAAAAAAAAAAAAAA________________ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q";

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;
  private final GuestKey key = GuestKey.next();

  BadProofsTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
    key.agree(GuestKey.next().publicKey(), guest.conversation());
  }

  /**
   * A damage to the headers of a signed message.
   *
   * @param header what the answer names
   */
  record Damage(String what, String header, UnaryOperator<String> damaged) {
    @Override
    public String toString() {
      return header + ": " + what;
    }
  }

  static Stream<Damage> damages() {
    return Stream.of(
        input("another label", text -> "q" + text.substring(1)),
        input("two members", text -> text + ", " + text),
        input("an unknown parameter", text -> text + ";keyid=\"k\""),
        input("a parameter of a component", text -> text.replace("\"@path\"", "\"@path\";req")),
        input("created is missing", text -> text.replaceFirst(";created=\\d+", "")),
        input("nonce is missing", text -> text.replaceFirst(";nonce=\"[^\"]*\"", "")),
        input("alg is missing", text -> text.replace(";alg=\"hmac-sha256\"", "")),
        input("created is repeated", text -> text.replaceFirst("(;created=\\d+)", "$1$1")),
        input("nonce is repeated", text -> text.replaceFirst("(;nonce=\"[^\"]*\")", "$1$1")),
        input("another algorithm", text -> text.replace("hmac-sha256", "hmac-sha512")),
        input("an algorithm of a public key", text -> text.replace("hmac-sha256", "ed25519")),
        input("a component is missing", text -> text.replace(" \"authorization\"", "")),
        input("the digest is not covered", text -> text.replace(" \"content-digest\"", "")),
        input("a component too many", text -> text.replace("@path\"", "@path\" \"@query\"")),
        input("a component twice", text -> text.replace("\"@path\"", "\"@path\" \"@path\"")),
        input(
            "another order",
            text -> text.replace("\"@method\" \"@path\"", "\"@path\" \"@method\"")),
        input("no list", text -> "p=created=1"),
        input("empty", text -> ""),
        input("not a dictionary", text -> "\"p\""),
        input("huge", text -> text + " ".repeat(4_000) + "x"),
        nonce("too short", "a".repeat(Limits.MIN_PROOF_NONCE_CHARACTERS - 1)),
        nonce("too long", "a".repeat(Limits.MAX_PROOF_NONCE_CHARACTERS + 1)),
        nonce("huge", "a".repeat(4_000)),
        nonce("other characters", "a".repeat(15) + "+"),
        nonce("empty", ""),
        created("negative", "-1"),
        created("a decimal", "1764280000.5"),
        created("a string", "\"1764280000\""),
        created("a date", "@1764280000"),
        created("too long", "1".repeat(Limits.PROOF_CREATED_DIGITS + 1)),
        created("with a leading zero", "01764280000"),
        signature("another label", text -> "q" + text.substring(1)),
        signature("two members", text -> text + ", " + text),
        signature("no byte sequence", text -> text.replace(":", "\"")),
        signature("no base64", text -> "p=:????:"),
        signature("too short", text -> "p=:AAAA:"),
        signature("too long", text -> "p=:" + "A".repeat(88) + ":"),
        signature("without padding", text -> text.replace("=:", ":").replaceFirst("p:", "p=:")),
        signature("with a parameter", text -> text + ";x=1"),
        signature("empty", text -> ""),
        digest("another algorithm", text -> text.replace("sha-256", "sha-512")),
        digest("an obsolete algorithm", text -> "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"),
        digest("two algorithms", text -> text + ", sha-512=:AAAA:"),
        digest("too short", text -> "sha-256=:AAAA:"),
        digest("with a parameter", text -> text + ";x=1"),
        digest("two members", text -> text + ", " + text),
        digest("no base64", text -> "sha-256=:????:"),
        digest("of the obsolete header", text -> text.replace("=:", "=").replaceFirst(":$", "")),
        digest("empty", text -> ""));
  }

  private static Damage input(String what, UnaryOperator<String> damaged) {
    return new Damage(what, INPUT, damaged);
  }

  private static Damage nonce(String what, String nonce) {
    return input(
        "nonce " + what, text -> text.replaceFirst("nonce=\"[^\"]*\"", "nonce=\"" + nonce + "\""));
  }

  private static Damage created(String what, String created) {
    return input(
        "created " + what, text -> text.replaceFirst("created=\\d+", "created=" + created));
  }

  private static Damage signature(String what, UnaryOperator<String> damaged) {
    return new Damage(what, SIGNATURE, damaged);
  }

  private static Damage digest(String what, UnaryOperator<String> damaged) {
    return new Damage(what, DIGEST, damaged);
  }

  /**
   * A call that Parlour cannot read.
   *
   * @param named what its answer and docs/errors.md name
   */
  record BadInput(String what, String named, Function<BadProofsTest, Reply> sent) {
    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<BadInput> badInputs() {
    Stream<BadInput> proofs = damages()
        .map(damage ->
            new BadInput(damage.toString(), damage.header(), test -> test.sendsDamaged(damage)));
    String otherBody = SAYS.replace("hello", "other");
    Stream<BadInput> bodies = Stream.of(new BadInput(
        "a body that is not the signed one",
        DIGEST,
        test -> test.guest.send("POST", MESSAGES, otherBody, test.signed("POST", MESSAGES, SAYS))));
    return Stream.of(proofs, bodies, badKeys()).flatMap(all -> all);
  }

  private static Stream<BadInput> badKeys() {
    byte[] good = Base64.getUrlDecoder().decode(GuestKey.next().publicKey());
    byte[] offTheCurve = good.clone();
    offTheCurve[64] ^= 1;
    byte[] ofOrderTwo = Arrays.copyOf(Arrays.copyOf(good, 33), 65); // y = 0: of another curve
    byte[] atInfinity = {0};
    byte[] zeros = new byte[65];
    byte[] zeroPoint = new byte[65];
    zeroPoint[0] = 4;
    byte[] compressed = Arrays.copyOf(good, 33);
    compressed[0] = 2;
    byte[] hybrid = good.clone();
    hybrid[0] = (byte) (6 + (good[64] & 1)); // with the parity of y, as X9.62 had it
    byte[] notReduced = Base64.getUrlDecoder().decode(X_IS_THE_PRIME);
    return Stream.of(
            Map.entry("off the curve", offTheCurve),
            Map.entry("of order two", ofOrderTwo),
            Map.entry("the point at infinity", atInfinity),
            Map.entry("all zeros", zeros),
            Map.entry("the point of zeros", zeroPoint),
            Map.entry("compressed", compressed),
            Map.entry("hybrid", hybrid),
            Map.entry("a coordinate that is the prime", notReduced),
            Map.entry("a byte too long", Arrays.copyOf(good, 66)),
            Map.entry("huge", new byte[4_000]))
        .map(key -> new BadInput(
            "a key: " + key.getKey(), "proofKey", test -> test.starts(key.getValue())));
  }

  private Reply starts(byte[] key) {
    String text = Base64.getUrlEncoder().withoutPadding().encodeToString(key);
    return guest.send(
        "POST",
        "/v2/Webchat/Init",
        "{\"deploymentKey\":\"%s\",\"proofKey\":\"%s\"}"
            .formatted(guest.deployment().text(), text),
        Map.of("Content-Type", "application/json"));
  }

  private Reply sendsDamaged(Damage damage) {
    Map<String, String> headers = signed("POST", MESSAGES, SAYS);
    headers.compute(damage.header(), (_, value) -> damage.damaged().apply(String.valueOf(value)));
    return guest.send("POST", MESSAGES, SAYS, headers);
  }

  @ParameterizedTest
  @MethodSource("badInputs")
  void a_bad_input_is_a_400_that_names_it_and_docs_errors_has_a_row_for_it(BadInput bad)
      throws IOException {
    assertMalformed(bad.sent().apply(this), bad.named());
    String page = Files.readString(Path.of("docs/errors.md"));
    String section = page.substring(page.indexOf("## 45770"));
    assertThat(section.lines().takeWhile(line -> !line.startsWith("## ") || line.contains("45770")))
        .filteredOn(line -> line.contains("`" + bad.named() + "`"))
        .isNotEmpty()
        .allMatch(line -> line.startsWith("| 400 | fix | "));
  }

  @ParameterizedTest
  @ValueSource(strings = {INPUT, SIGNATURE, DIGEST})
  void a_proof_that_lost_a_header_is_malformed(String lost) {
    Map<String, String> headers = signed("POST", MESSAGES, SAYS);
    headers.remove(lost);
    assertMalformed(guest.send("POST", MESSAGES, SAYS, headers), "header " + lost + " is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {INPUT, SIGNATURE, DIGEST, "Authorization", "Webchat-Deployment-Key"})
  void a_header_of_a_signed_call_must_not_be_sent_twice(String twice) {
    Map<String, String> headers = signed("POST", MESSAGES, SAYS);
    StringBuilder head = new StringBuilder("POST " + MESSAGES + " HTTP/1.1\nHost: x\n");
    headers.putAll(Browser.CHROME_ON_WINDOWS.headers());
    headers.put("Origin", Installation.ORIGIN);
    headers.put("Content-Length", String.valueOf(SAYS.length()));
    headers.put(twice + " ", String.valueOf(headers.get(twice)));
    headers.forEach((name, value) -> head.append("%s: %s\n".formatted(name.strip(), value)));
    Raw.Answer answer = Raw.send(installation.edge(), head.toString(), SAYS);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("code")).isEqualTo("45770");
    assertThat(answer.text("message")).contains("header " + twice, "once");
  }

  @ParameterizedTest
  @ValueSource(strings = {MESSAGES, MESSAGES + "?limit=5", MESSAGES + "?limit=5&before=3"})
  void the_query_is_signed_if_and_only_if_there_is_one(String target) {
    for (String signed : List.of(MESSAGES, MESSAGES + "?limit=5")) {
      Reply reply = guest.send("GET", target, "", signed("GET", signed, ""));
      if (signed.contains("?") == target.contains("?")) {
        assertThat(reply.status()).as(reply.response().body()).isNotEqualTo(400);
      } else {
        assertMalformed(reply, "header " + INPUT);
      }
    }
  }

  // ---- the body

  @ParameterizedTest
  @ValueSource(
      strings = {
        MESSAGES,
        "/v2/Webchat/Read",
        "/v2/Webchat/Typing",
        "/v2/Webchat/End",
        "/v2/Webchat/Reopen",
        "/v2/Webchat/Push",
        "/v2/Webchat/Push/End"
      })
  void a_body_that_is_not_the_signed_one_is_refused_before_the_call_acts(String path) {
    String signed = "{\"body\":\"a\",\"client_id\":\"a\",\"index\":0}";
    String sent = "{\"body\":\"b\",\"client_id\":\"a\",\"index\":1}";
    Reply before = guest.get(MESSAGES);
    Reply reply = guest.send("POST", path, sent, signed("POST", path, signed));
    assertMalformed(reply, DIGEST);
    assertThat(guest.get(MESSAGES).json()).isEqualTo(before.json());
  }

  @Test
  void a_refresh_with_another_body_than_the_signed_one_is_refused() {
    String path = "/v2/Webchat/Token/Refresh";
    String body = "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}"
        .formatted(guest.deployment().text(), guest.token());
    Map<String, String> headers = key.sign(
        GuestKey.Call.of("POST", path, body + " ", Map.of(), installation.clock.instant()));
    headers.put("Content-Type", "application/json");
    Reply reply = guest.send("POST", path, body, headers);
    assertMalformed(reply, DIGEST);
    assertThat(reply.json()).containsEntry("valid", false);
  }

  // ---- the time

  @Test
  void a_proof_of_another_time_is_answered_by_45785_with_the_time() {
    Instant now = installation.clock.instant();
    for (Instant created : List.of(
        Instant.EPOCH,
        now.minus(Limits.PROOF_WINDOW).minusSeconds(2),
        now.plus(Limits.PROOF_WINDOW).plusSeconds(10),
        now.plus(Duration.ofDays(3_650)))) {
      Map<String, String> headers = new LinkedHashMap<>(guest.bearer());
      headers.putAll(key.sign(GuestKey.Call.of("GET", MESSAGES, "", headers, created)));
      Reply reply = guest.send("GET", MESSAGES, "", headers);
      assertThat(reply.status()).as(reply.response().body()).isEqualTo(428);
      assertThat(reply.json()).containsEntry("code", 45785L).containsEntry("action", "retry");
      assertThat(reply.header("Retry-After")).isNull();
      assertThat(Long.parseLong(String.valueOf(reply.header("Parlour-Time"))))
          .isBetween(now.getEpochSecond(), installation.clock.instant().getEpochSecond());
    }
  }

  // ---- sockets

  @Test
  void each_socket_begins_with_a_challenge_of_its_own() {
    try (GuestSocket one = guest.opensSocket();
        GuestSocket other = guest.opensSocket()) {
      assertThat(one.challenge()).matches("[A-Za-z0-9_-]{22}").isNotEqualTo(other.challenge());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\u00e9", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
  void a_malformed_proof_on_a_socket_is_reported_and_ends_it(String proof) {
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1, proof))) {
      assertMalformed(socket);
    }
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      socket.receives("welcome");
      socket.says(
          "{\"type\":\"token\",\"token\":\"%s\",\"proof\":\"%s\"}".formatted(guest.token(), proof));
      assertMalformed(socket);
    }
  }

  @Test
  void a_proof_on_a_socket_must_be_a_string() {
    String hello = guest.hello(-1, "x").replace("\"x\"", "[1]");
    try (GuestSocket socket = guest.opensSocket().says(hello)) {
      assertMalformed(socket);
    }
  }

  private static void assertMalformed(GuestSocket socket) {
    Map<String, @Nullable Object> refused = socket.receives("refused");
    assertThat(refused).containsEntry("code", 45770L).containsEntry("action", "fix");
    assertThat(String.valueOf(refused.get("message"))).contains("proof");
    assertThat(socket.closedWith()).isEqualTo(1008);
  }

  private static void assertMalformed(Reply reply, String words) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo(45770);
    assertThat(reply.json()).containsEntry("action", "fix");
    assertThat(reply.text("message")).contains(words).doesNotContain("plr1.");
  }

  private Map<String, String> signed(String method, String target, String body) {
    Map<String, String> headers = new LinkedHashMap<>(guest.bearer());
    headers.put("Content-Type", "application/json");
    headers.putAll(
        key.sign(GuestKey.Call.of(method, target, body, headers, installation.clock.instant())));
    return headers;
  }
}
