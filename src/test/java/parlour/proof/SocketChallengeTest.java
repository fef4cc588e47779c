package parlour.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Sha256;

class SocketChallengeTest {
  private static final SecureRandom random = new SecureRandom();
  private static final SocketChallenge CHALLENGE = new SocketChallenge("0123456789abcdefghij-_");
  private static final String MAC = CanonicalBase64.url(Sha256.of("any 32 bytes"));

  @Test
  void each_socket_has_another_nonce_of_22_characters() {
    SocketChallenge one = SocketChallenge.next(random);
    assertThat(one.nonce()).matches("[A-Za-z0-9_-]{22}");
    assertThat(SocketChallenge.next(random)).isNotEqualTo(one);
  }

  /** The digest is that of {@code printf plr1.token | sha256sum}, in base64url. */
  @Test
  void the_signed_text_contains_the_nonce_the_tokens_digest_and_the_deployment() {
    Proof proof = CHALLENGE.proofOf("plr1.token", "CV1", MAC);
    assertThat(proof.signed()).isEqualTo("""
        parlour socket 1
        0123456789abcdefghij-_
        H_PPVRGpZR2QExBQCsCbRuBLCYoYteY9NEPTeuzM67c
        CV1""");
    assertThat(proof.mac()).isEqualTo(MAC);
    assertThat(proof.nonce()).isEmpty();
  }

  @Test
  void another_socket_another_token_or_another_deployment_is_another_text() {
    assertThat(new SocketChallenge("x").proofOf("t", "CV1", MAC).signed())
        .isNotEqualTo(new SocketChallenge("y").proofOf("t", "CV1", MAC).signed())
        .isNotEqualTo(new SocketChallenge("x").proofOf("u", "CV1", MAC).signed())
        .isNotEqualTo(new SocketChallenge("x").proofOf("t", "CV2", MAC).signed());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16, 31, 33, 64, 1_000_000})
  void a_mac_of_another_length_is_malformed(int bytes) {
    byte[] mac = new byte[bytes];
    Arrays.fill(mac, (byte) 7);
    assertMalformed(CanonicalBase64.url(mac));
  }

  @ParameterizedTest
  @ValueSource(strings = {"=", "+", "/", "é", " ", "\n", "B"})
  void a_mac_of_another_form_is_malformed(String last) {
    assertMalformed("A".repeat(42) + last);
    assertMalformed("A".repeat(43) + last);
  }

  private static void assertMalformed(String mac) {
    assertThatThrownBy(() -> CHALLENGE.proofOf("t", "CV1", mac))
        .isInstanceOf(MalformedProof.class)
        .hasMessageMatching("The field proof must be .* 43 characters\\.")
        .satisfies(
            e -> assertThat(mac.isEmpty() || !String.valueOf(e.getMessage()).contains(mac))
                .isTrue());
  }
}
