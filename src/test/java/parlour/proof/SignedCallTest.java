package parlour.proof;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.Sha256;

class SignedCallTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_764_280_000);
  private static final byte[] BODY = "{\"body\":\"hi\"}".getBytes(US_ASCII);
  private static final String DIGEST =
      "sha-256=:" + Base64.getEncoder().encodeToString(Sha256.of(BODY)) + ":";
  private static final byte[] MAC = Sha256.of("any 32 bytes");
  private static final String SIGNATURE = "p=:" + Base64.getEncoder().encodeToString(MAC) + ":";
  private static final String NONCE = "0123456789abcdefghij-_";
  private static final String PARAMETERS =
      ";created=1764280000;nonce=\"" + NONCE + "\";alg=\"hmac-sha256\"";
  private static final String LIST =
      "(\"@method\" \"@path\" \"content-digest\" \"authorization\" \"webchat-deployment-key\")";

  /** The headers of a call, in lower case. */
  private final Map<String, List<String>> headers = new HashMap<>(Map.of(
      "signature", List.of(SIGNATURE),
      "signature-input", List.of("p=" + LIST + PARAMETERS),
      "content-digest", List.of(DIGEST),
      "authorization", List.of("Bearer plr1.token"),
      "webchat-deployment-key", List.of("CV1")));

  private SignedCall call(String query, boolean hasBody) {
    return new SignedCall("POST", "/v2/Webchat/Messages", query, this::values, hasBody);
  }

  private List<String> values(String header) {
    return headers.getOrDefault(header.toLowerCase(Locale.ROOT), List.of());
  }

  private SignedCall message() {
    return call("", true);
  }

  private void input(String value) {
    headers.put("signature-input", List.of(value));
  }

  @Test
  void the_signed_text_is_made_from_the_call_and_not_from_what_the_browser_says() {
    Proof proof = message().proof(NOW).orElseThrow();
    assertThat(proof.signed()).isEqualTo("""
            "@method": POST
            "@path": /v2/webchat/messages
            "content-digest": %s
            "authorization": Bearer plr1.token
            "webchat-deployment-key": CV1
            "@signature-params": %s%s""", DIGEST, LIST, PARAMETERS);
    assertThat(proof.mac()).isEqualTo(CanonicalBase64.url(MAC));
  }

  @Test
  void a_query_is_signed_as_it_was_sent() {
    headers.remove("content-digest");
    input("p=(\"@method\" \"@path\" \"@query\" \"authorization\" \"webchat-deployment-key\")"
        + PARAMETERS);
    SignedCall read = call("limit=50&Before=%203", false);
    assertThat(read.proof(NOW).orElseThrow().signed())
        .contains("\n\"@query\": ?limit=50&Before=%203\n\"authorization\": ");
  }

  @Test
  void a_call_without_headers_of_its_own_signs_method_path_and_body() {
    headers.keySet().removeAll(List.of("authorization", "webchat-deployment-key"));
    input("p=(\"@method\" \"@path\" \"content-digest\")" + PARAMETERS);
    assertThat(message().proof(NOW).orElseThrow().signed())
        .startsWith("\"@method\": POST\n\"@path\": /v2/webchat/messages\n\"content-digest\": sha")
        .endsWith(
            "\n\"@signature-params\": (\"@method\" \"@path\" \"content-digest\")" + PARAMETERS);
  }

  @Test
  void a_proof_has_its_nonce_and_its_time() {
    assertThat(message().proof(NOW).orElseThrow().nonce())
        .contains(new Proof.Nonce(NONCE, NOW, false));
    assertThat(message().proofForOneAnswer(NOW).orElseThrow().nonce())
        .contains(new Proof.Nonce(NONCE, NOW, true));
  }

  @Test
  void a_call_without_a_signature_has_no_proof_and_its_body_needs_no_digest() {
    headers.keySet().removeAll(List.of("signature", "signature-input"));
    headers.put("content-digest", List.of("md5=:AA==:"));
    assertThat(message().proof(NOW)).isEmpty();
    assertThat(message().proofForOneAnswer(NOW)).isEmpty();
    assertThat(message().bodyDigest()).isEmpty();
  }

  @Test
  void the_digest_is_that_of_the_body() {
    assertThat(message().bodyDigest())
        .hasValueSatisfying(digest -> assertThat(digest).isEqualTo(Sha256.of(BODY)));
    assertThat(call("", false).bodyDigest()).as("no body").isEmpty();
  }

  /** Agents sign their calls, too (Web Bot Auth), and proxies can. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("othersSignatures")
  void signatures_of_agents_and_proxies_do_not_count_as_proofs_and_disturb_none(
      String what, List<String> inputs, List<String> signatures) {
    String signed = message().proof(NOW).orElseThrow().signed();
    for (boolean areFirst : new boolean[] {true, false}) {
      headers.put("signature-input", with(inputs, "p=" + LIST + PARAMETERS, areFirst));
      headers.put("signature", with(signatures, SIGNATURE, areFirst));
      assertThat(message().proof(NOW).orElseThrow().signed()).as(what).isEqualTo(signed);
      assertThat(message().bodyDigest()).isPresent();
      headers.put("signature-input", List.of(String.join(",\t", values("signature-input"))));
      headers.put("signature", List.of(String.join(" ,", values("signature"))));
      assertThat(message().proof(NOW).orElseThrow().signed()).as("in one line").isEqualTo(signed);
    }
    headers.put("signature-input", inputs);
    headers.put("signature", signatures);
    assertThat(message().proof(NOW)).as("no proof").isEmpty();
    assertThat(message().bodyDigest()).as("no proof").isEmpty();
  }

  private static List<String> with(List<String> others, String ours, boolean areFirst) {
    return Stream.concat(
            areFirst ? others.stream() : Stream.of(ours),
            areFirst ? Stream.of(ours) : others.stream())
        .toList();
  }

  static Stream<Arguments> othersSignatures() {
    String bot = "sig1=(\"@authority\" \"signature-agent\");created=1735689600;keyid=\"poqkLGiymh\""
        + ";alg=\"ed25519\";expires=1735693200;nonce=\"e8N7S2MFd/qrd6T2R3tdfA\";tag=\"web-bot-auth\"";
    String other = "sig1=:" + base64(64) + ":";
    return Stream.of(
        Arguments.of("an agent", List.of(bot), List.of(other)),
        Arguments.of(
            "several, in lines", List.of(bot, "q=();x"), List.of(other + ", q=:AA==:", "r=?1")),
        Arguments.of("no values", List.of("proxy", "x;a=1"), List.of("proxy")),
        Arguments.of(
            "our member in strings",
            List.of("a=\", p=()\"", "b=(\"\\\", p=1\" \", p=2\")"),
            List.of("a=\", p=:AA==:\"")),
        Arguments.of(
            "other keys with our letter",
            List.of("p2=(), pp=(), p-=(), p.=(), p*=()"),
            List.of("p_=1")),
        Arguments.of("malformed members", List.of("(;=", "P=()"), List.of("%%", "=", ",,")),
        Arguments.of(
            "an old draft",
            List.of(),
            List.of("keyId=\"k\",algorithm=\"rsa-sha256\",headers=\"p date\",signature=\"AA==\"")));
  }

  @Test
  void spaces_around_a_value_belong_to_no_value() {
    headers.replaceAll((name, values) -> List.of(" \t" + values.getFirst() + " "));
    assertThat(message().proof(NOW).orElseThrow().signed())
        .contains("\"authorization\": Bearer plr1.token\n")
        .endsWith("alg=\"hmac-sha256\"");
  }

  @ParameterizedTest
  @ValueSource(longs = {-120, -119, 0, 1, 119, 120})
  void a_proof_of_now_may_differ_from_the_servers_time_by_two_minutes(long seconds) {
    assertThat(message().proof(NOW.plusSeconds(seconds))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(longs = {-86_400L * 365 * 50, -121, 121, 86_400L * 365 * 50})
  void a_proof_of_another_time_is_told_apart_from_a_wrong_one(long seconds) {
    assertThatThrownBy(() -> message().proof(NOW.plusSeconds(seconds)))
        .isInstanceOf(ProofOutOfTime.class)
        .hasMessageContaining("120 seconds")
        .hasMessageContaining("Parlour-Time");
    assertThatThrownBy(() -> message().proofForOneAnswer(NOW.plusSeconds(seconds)))
        .isInstanceOf(ProofOutOfTime.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "999999999999999"})
  void every_time_of_15_digits_is_read(String created) {
    input("p=" + LIST + PARAMETERS.replace("1764280000", created));
    assertThatThrownBy(() -> message().proof(NOW)).isInstanceOf(ProofOutOfTime.class);
    assertThat(message().proof(Instant.ofEpochSecond(Long.parseLong(created)))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 22, 43, 64})
  void nonces_have_16_to_64_characters(int length) {
    input("p=" + LIST + PARAMETERS.replace(NONCE, "aZ09-_".repeat(11).substring(0, length)));
    assertThat(
            message().proofForOneAnswer(NOW).orElseThrow().nonce().orElseThrow().text())
        .hasSize(length);
  }

  private static Arguments wrong(String what, String header, String... values) {
    return Arguments.of(what, header, List.of(values));
  }

  private static Arguments input(String what, String value) {
    return wrong(what, "Signature-Input", value);
  }

  private static Arguments list(String what, String list) {
    return input(what, "p=" + list + PARAMETERS);
  }

  private static Arguments parameters(String what, String from, String to) {
    assertThat(PARAMETERS).contains(from);
    return input(what, "p=" + LIST + PARAMETERS.replace(from, to));
  }

  private static String base64(int bytes) {
    return Base64.getEncoder().encodeToString(new byte[bytes]);
  }

  static Stream<Arguments> malformedSignatures() {
    String mac = Base64.getEncoder().encodeToString(MAC);
    return Stream.of(
        wrong("Signature-Input alone", "Signature"),
        wrong("an empty Signature", "Signature", ""),
        wrong("only spaces", "Signature", "  "),
        wrong("Signature in two lines", "Signature", SIGNATURE, SIGNATURE),
        wrong("two equal labels in Signature", "Signature", SIGNATURE + ", " + SIGNATURE),
        wrong("a label without a value", "Signature", "q=:AA==:, p"),
        wrong("a label with a space", "Signature", "p =:" + mac + ":"),
        wrong("another label in Signature", "Signature", "sig1=:" + mac + ":"),
        wrong("an upper-case label", "Signature", "P=:" + mac + ":"),
        wrong("a MAC with a parameter", "Signature", SIGNATURE + ";x=1"),
        wrong("a MAC as a string", "Signature", "p=\"" + mac + "\""),
        wrong("a MAC without colons", "Signature", "p=" + mac),
        wrong("a MAC without its last colon", "Signature", "p=:" + mac),
        wrong("only the first colon", "Signature", "p=:"),
        wrong("an empty MAC", "Signature", "p=::"),
        wrong("a MAC of 31 bytes", "Signature", "p=:" + base64(31) + ":"),
        wrong("a MAC of 33 bytes", "Signature", "p=:" + base64(33) + ":"),
        wrong("a MAC of 16 bytes", "Signature", "p=:" + base64(16) + ":"),
        wrong("a MAC of 64 bytes", "Signature", "p=:" + base64(64) + ":"),
        wrong("a MAC of a million bytes", "Signature", "p=:" + base64(1_000_000) + ":"),
        wrong("base64 without padding", "Signature", "p=:" + mac.replace("=", "") + ":"),
        wrong("base64url", "Signature", "p=:" + "-".repeat(43) + "=:"),
        wrong("base64 with a line end", "Signature", "p=:" + mac.replaceFirst("..", "$0\n") + ":"),
        wrong("bits after the last byte", "Signature", "p=:" + "A".repeat(42) + "B=:"),
        wrong("no base64", "Signature", "p=:" + "!".repeat(44) + ":"));
  }

  static Stream<Arguments> malformedInputs() {
    return Stream.of(malformedLists(), malformedParameters(), malformedWholes())
        .flatMap(inputs -> inputs);
  }

  private static Stream<Arguments> malformedLists() {
    String good = "p=" + LIST + PARAMETERS;
    return Stream.of(
        wrong("Signature alone", "Signature-Input"),
        input("an empty Signature-Input", ""),
        wrong("Signature-Input in two lines", "Signature-Input", good, good),
        input("two equal labels", good + ", " + good),
        input("two equal labels beside another", good + ", q=(), " + good),
        input("our label in a string that does not end", "q=\", " + good),
        input("another label", "sig1=" + LIST + PARAMETERS),
        input("no label", LIST + PARAMETERS),
        input("a number in front", "1" + good),
        list("no list", ""),
        list("an empty list", "()"),
        list("a list without the method", LIST.replace("\"@method\" ", "")),
        list("a list without the path", LIST.replace("\"@path\" ", "")),
        list("a list without the digest", LIST.replace("\"content-digest\" ", "")),
        list("a list without the token", LIST.replace("\"authorization\" ", "")),
        list("a list without the deployment", LIST.replace(" \"webchat-deployment-key\"", "")),
        list("a query that the call lacks", LIST.replace("\"content", "\"@query\" \"content")),
        list("one more header", LIST.replace(")", " \"user-agent\")")),
        list("a component twice", LIST.replace("\"@path\"", "\"@path\" \"@path\"")),
        list("another order", LIST.replace("\"@method\" \"@path\"", "\"@path\" \"@method\"")),
        list("upper-case names", LIST.replace("authorization", "Authorization")),
        list("names without quotes", LIST.replace("\"", "")),
        list("two spaces", LIST.replace(" ", "  ")),
        list("a component with a parameter", LIST.replace("\"@path\"", "\"@path\";req")),
        list("the whole address instead of the path", LIST.replace("@path", "@target-uri")));
  }

  private static Stream<Arguments> malformedParameters() {
    return Stream.of(
        parameters("no created", ";created=1764280000", ""),
        parameters("an empty created", "1764280000", ""),
        parameters("created as a string", "1764280000", "\"1764280000\""),
        parameters("created as a fraction", "1764280000", "1764280000.0"),
        parameters("created as a date", "1764280000", "@1764280000"),
        parameters("a negative created", "1764280000", "-1764280000"),
        parameters("created with a plus", "1764280000", "+1764280000"),
        parameters("created with a space", "1764280000", " 1764280000"),
        parameters("created with zeros in front", "1764280000", "01764280000"),
        parameters("created in hex", "1764280000", "0x692910C0"),
        parameters("created in other digits", "1764280000", "١٧٦٤٢٨٠٠٠٠"),
        parameters("created of 16 digits", "1764280000", "1000000000000000"),
        parameters("created of a thousand digits", "1764280000", "9".repeat(1_000)),
        parameters("created twice", ";created", ";created=1764280000;created"),
        parameters("no nonce", ";nonce=\"" + NONCE + "\"", ""),
        parameters("an empty nonce", NONCE, ""),
        parameters("a nonce of 15 characters", NONCE, "a".repeat(15)),
        parameters("a nonce of 65 characters", NONCE, "a".repeat(65)),
        parameters("a nonce of a million characters", NONCE, "a".repeat(1_000_000)),
        parameters("a nonce without quotes", "\"" + NONCE + "\"", NONCE),
        parameters("a nonce with a space", NONCE, "0123456789 abcdef"),
        parameters("a nonce in base64", NONCE, "0123456789abc+/="),
        parameters("a nonce with an escape", NONCE, "0123456789abc\\\"d"),
        parameters("a nonce with an umlaut", NONCE, "0123456789abcdefä"),
        parameters("a nonce with a zero byte", NONCE, "0123456789abcdef\0"),
        parameters("a nonce with a line end", NONCE, "0123456789abcdef\n"),
        parameters("a nonce twice", ";nonce", ";nonce=\"" + NONCE + "\";nonce"),
        parameters("no algorithm", ";alg=\"hmac-sha256\"", ""),
        parameters("another algorithm", "hmac-sha256", "ecdsa-p256-sha256"),
        parameters("no algorithm at all", "hmac-sha256", "none"),
        parameters("an upper-case algorithm", "hmac-sha256", "HMAC-SHA256"),
        parameters("the algorithm twice", ";alg", ";alg=\"hmac-sha256\";alg"));
  }

  private static Stream<Arguments> malformedWholes() {
    String good = "p=" + LIST + PARAMETERS;
    return Stream.of(
        input("an unknown parameter", good + ";x=1"),
        input("a key id", good + ";keyid=\"k\""),
        input("an end", good + ";expires=1764280100"),
        input("a tag", "p=" + LIST + ";tag=\"x\"" + PARAMETERS),
        input("an unknown flag", good + ";x"),
        input("another order of parameters", "p=" + LIST + ";alg=\"hmac-sha256\"" + PARAMETERS),
        input("no parameters", "p=" + LIST),
        input("only its first half", good.substring(0, good.length() / 2)),
        input("overlapping ends", "p=" + LIST + ";created=1;nonce=\";alg=\"hmac-sha256\""),
        input("a very long one", "p=" + "(".repeat(1_000_000)));
  }

  static Stream<Arguments> malformedDigests() {
    String digest = Base64.getEncoder().encodeToString(Sha256.of(BODY));
    return Stream.of(
        wrong("no digest of a body", "Content-Digest"),
        wrong("an empty digest header", "Content-Digest", ""),
        wrong("the digest in two lines", "Content-Digest", DIGEST, DIGEST),
        wrong("the digest twice", "Content-Digest", DIGEST + ", " + DIGEST),
        wrong("a second digest", "Content-Digest", DIGEST + ", sha-512=:" + base64(64) + ":"),
        wrong("SHA-512", "Content-Digest", "sha-512=:" + base64(64) + ":"),
        wrong("MD5", "Content-Digest", "md5=:" + base64(16) + ":"),
        wrong("another algorithm of 32 bytes", "Content-Digest", "sha-512-256=:" + digest + ":"),
        wrong("an upper-case algorithm", "Content-Digest", "SHA-256=:" + digest + ":"),
        wrong("the form of RFC 3230", "Content-Digest", "SHA-256=" + digest),
        wrong("a digest of 31 bytes", "Content-Digest", "sha-256=:" + base64(31) + ":"),
        wrong("a digest of 33 bytes", "Content-Digest", "sha-256=:" + base64(33) + ":"),
        wrong("an empty digest", "Content-Digest", "sha-256=::"),
        wrong("a digest in hex", "Content-Digest", "sha-256=:" + "0f".repeat(32) + ":"),
        wrong("no padding", "Content-Digest", "sha-256=:" + digest.replace("=", "") + ":"),
        wrong("a parameter", "Content-Digest", DIGEST + ";x"));
  }

  static Stream<Arguments> malformedOthers() {
    return Stream.of(
        wrong("two tokens", "Authorization", "Bearer a", "Bearer b"),
        wrong("a token with an umlaut", "Authorization", "Bearer ä"),
        wrong("a token with a line end", "Authorization", "Bearer a\n\"@path\": /x"),
        wrong("two deployments", "Webchat-Deployment-Key", "CV1", "CV2"),
        wrong("a deployment with a zero byte", "Webchat-Deployment-Key", "CV1\0"),
        wrong("a deployment with a line end", "Webchat-Deployment-Key", "CV1\r"));
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
            malformedSignatures(), malformedInputs(), malformedDigests(), malformedOthers())
        .flatMap(arguments -> arguments);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void any_other_form_is_refused_by_words_that_name_the_header(
      String what, String header, List<String> values) {
    headers.put(header.toLowerCase(Locale.ROOT), values);
    for (Consumer<SignedCall> reading : List.<Consumer<SignedCall>>of(
        call -> call.proof(NOW), call -> call.proofForOneAnswer(NOW))) {
      assertThatThrownBy(() -> reading.accept(message()))
          .as(what)
          .isInstanceOf(MalformedProof.class)
          .hasMessageMatching("(?s).*header " + header + "\\b.*\\b(must|missing)\\b.*\\.")
          .hasMessageNotContaining(NONCE);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformedDigests")
  void a_digest_in_another_form_is_refused(String what, String header, List<String> values) {
    headers.put("content-digest", values);
    assertThatThrownBy(() -> message().bodyDigest()).as(what).isInstanceOf(MalformedProof.class);
  }

  @Test
  void a_signature_of_another_kind_of_call_is_refused() {
    assertThatThrownBy(() -> call("limit=50", true).proof(NOW))
        .as("a query that was not signed")
        .isInstanceOf(MalformedProof.class)
        .hasMessageContaining("\"@query\"");
    assertThatThrownBy(() -> call("", false).proof(NOW))
        .as("a body that was removed")
        .isInstanceOf(MalformedProof.class);
    headers.remove("authorization");
    assertThatThrownBy(() -> message().proof(NOW))
        .as("a token that was removed")
        .isInstanceOf(MalformedProof.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a\nb", "/ä", "/\u212Aey", "/a\u007f", "/a\ud800b"})
  void a_path_or_query_that_could_be_read_as_another_line_is_refused(String text) {
    SignedCall path = new SignedCall("GET", text, "", this::values, false);
    SignedCall query = new SignedCall("GET", "/", text, this::values, false);
    for (SignedCall call : List.of(path, query)) {
      assertThatThrownBy(() -> call.proof(NOW))
          .isInstanceOf(MalformedProof.class)
          .hasMessageContaining("printable ASCII");
    }
  }

  /** Random changes of a good call: it is read as it was, or refused; nothing else happens. */
  @Test
  void random_changes_of_the_headers_never_give_a_proof_of_something_else() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<String, List<String>> good = Map.copyOf(headers);
    String signed = message().proof(NOW).orElseThrow().signed();
    int read = 0;
    for (int i = 0; i < 100_000; i++) {
      headers.clear();
      headers.putAll(good);
      String header =
          List.of("signature", "signature-input", "content-digest").get(random.nextInt(3));
      headers.put(header, List.of(changed(values(header).getFirst(), random)));
      try {
        Optional<Proof> proof = message().proofForOneAnswer(NOW);
        read++;
        assertThat(isFaithful(proof.orElseThrow(), signed))
            .as("seed %d, step %d: %s", seed, i, headers)
            .isTrue();
      } catch (MalformedProof | ProofOutOfTime e) {
        // refused
      }
    }
    assertThat(read).as("seed %d", seed).isPositive();
  }

  /** Whether the text is one that an encoder of the three values in it would write. */
  private boolean isFaithful(Proof proof, String good) {
    Proof.Nonce nonce = proof.nonce().orElseThrow();
    String digest = Base64.getEncoder().encodeToString(message().bodyDigest().orElseThrow());
    return nonce.text().matches("[A-Za-z0-9_-]{16,64}")
        && proof
            .signed()
            .equals(good.replace(DIGEST, "sha-256=:" + digest + ":")
                .replace("created=1764280000", "created=" + nonce.created().getEpochSecond())
                .replace(NONCE, nonce.text()))
        && nonce.created().isAfter(NOW.minus(Limits.PROOF_WINDOW).minusSeconds(1))
        && Stream.of(values("signature").getFirst().split(","))
            .map(String::strip)
            .anyMatch(("p=:"
                + Base64.getEncoder().encodeToString(Base64.getUrlDecoder().decode(proof.mac()))
                + ":")::equals);
  }

  private static String changed(String value, Random random) {
    String pieces = "\"();=:, \\\t\n\0@pPaA0_-+/ä";
    StringBuilder changed = new StringBuilder(value);
    for (int changes = 1 + random.nextInt(3); changes > 0 && !changed.isEmpty(); changes--) {
      int at = random.nextInt(changed.length());
      char piece = pieces.charAt(random.nextInt(pieces.length()));
      switch (random.nextInt(4)) {
        case 0 -> changed.setCharAt(at, piece);
        case 1 -> changed.insert(at, piece);
        case 2 -> changed.deleteCharAt(at);
        default -> {
          int end = at + 1 + random.nextInt(changed.length() - at);
          changed.insert(random.nextInt(changed.length()), changed.substring(at, end));
        }
      }
    }
    return changed.toString();
  }
}
