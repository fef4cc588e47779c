package parlour.proof;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Sha256;

/**
 * The browser's side by another hand: {@code browser.mjs} has only WebCrypto and the words of the
 * standards, and Node's WebCrypto is that of browsers. Both sides must agree to the byte.
 */
@Timeout(60)
class WebCryptoTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.ofEpochSecond(1_764_280_000);
  private static final SocketChallenge CHALLENGE = SocketChallenge.next(random);
  private static final int AGREEMENTS = 32;
  private static final int CALLS = 5;

  /** A call, as {@code browser.mjs} describes it in one line. */
  private record Line(List<String> words) {
    SignedCall call() {
      Map<String, String> headers = Map.of(
          "authorization", words.get(3),
          "webchat-deployment-key", words.get(4),
          "content-digest", words.get(6),
          "signature-input", words.get(7),
          "signature", words.get(8));
      return new SignedCall(
          words.get(0),
          words.get(1),
          words.get(2),
          name -> headers.entrySet().stream()
              .filter(header -> header.getKey().equals(name.toLowerCase(Locale.ROOT)))
              .map(Map.Entry::getValue)
              .filter(value -> !value.isEmpty())
              .toList(),
          !body().isEmpty());
    }

    String body() {
      return words.get(5);
    }
  }

  @Test
  void a_browsers_WebCrypto_derives_the_same_key_and_its_calls_and_sockets_are_proven()
      throws Exception {
    Process node =
        new ProcessBuilder("node", script()).redirectErrorStream(true).start();
    try (BufferedReader said = node.inputReader(UTF_8);
        PrintWriter tell = new PrintWriter(node.outputWriter(UTF_8), true)) {
      tell.println(AGREEMENTS + " " + NOW.getEpochSecond() + " " + CHALLENGE.nonce());
      ProofKey key = assertSameKey("CH0", said, tell);
      for (int i = 1; i < AGREEMENTS; i++) {
        key = assertSameKey("CH" + i, said, tell);
      }
      List<Line> calls = new ArrayList<>();
      for (int i = 0; i < CALLS; i++) {
        calls.add(new Line(List.of(said.readLine().split("\t", -1))));
      }
      for (Line line : calls) {
        assertProven(key, line);
      }
      assertThat(calls).as("each is of another kind").doesNotHaveDuplicates();
      assertThat(key.proves(CHALLENGE.proofOf("plr1.AbC-_123", "CV1", said.readLine())))
          .isTrue();
    } finally {
      node.destroyForcibly();
    }
  }

  private String script() throws URISyntaxException {
    return Path.of(Objects.requireNonNull(getClass().getResource("browser.mjs")).toURI())
        .toString();
  }

  private static ProofKey assertSameKey(String salt, BufferedReader said, PrintWriter tell)
      throws IOException {
    BrowserKey browser = BrowserKey.parse(said.readLine());
    KeyAgreement.Agreed agreed = new KeyAgreement(random).agree(browser, salt);
    tell.println(agreed.serverKey() + " " + salt);
    assertThat(said.readLine())
        .as(salt)
        .isEqualTo(CanonicalBase64.url(agreed.key().bytes()));
    return agreed.key();
  }

  private static void assertProven(ProofKey key, Line line) {
    Proof proof = line.call().proof(NOW).orElseThrow();
    assertThat(key.proves(proof)).as("%s", line).isTrue();
    assertThat(line.call().bodyDigest().map(CanonicalBase64::url).orElse(""))
        .isEqualTo(line.body().isEmpty() ? "" : CanonicalBase64.url(Sha256.of(line.body())));
    for (int changed : new int[] {0, 1, 2, 3, 4}) {
      List<String> words = new ArrayList<>(line.words());
      if (!words.get(changed).isEmpty()) {
        words.set(changed, words.get(changed) + "x");
        Proof other = new Line(words).call().proof(NOW).orElseThrow();
        assertThat(key.proves(other)).as("%s", words).isFalse();
      }
    }
  }
}
