package parlour.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProofKeyTest {
  private static final byte[] SECRET =
      HexFormat.of().parseHex("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
  private static final ProofKey KEY = ProofKey.of(SECRET);
  private static final String SIGNED = "\"@method\": POST\n\"@path\": /é";
  /** As {@code printf … | openssl dgst -sha256 -mac HMAC -macopt hexkey:0102…20} gives it. */
  private static final String MAC = "e5jQ0eWxQb4foGPo5CS-KRbOyssLHgYNVR6NXByJT48";

  private static Proof proof(String signed, String mac) {
    return new Proof(signed, mac, Optional.empty());
  }

  @Test
  void the_mac_of_the_text_under_the_key_proves_and_a_mac_of_another_text_or_key_does_not() {
    assertThat(KEY.proves(proof(SIGNED, MAC))).isTrue();
    assertThat(KEY.proves(proof(SIGNED + " ", MAC))).isFalse();
    assertThat(KEY.proves(proof("", MAC))).isFalse();
    byte[] other = SECRET.clone();
    other[31] ^= 1;
    assertThat(ProofKey.of(other).proves(proof(SIGNED, MAC))).isFalse();
  }

  @Test
  void a_mac_that_differs_in_any_bit_proves_nothing() {
    byte[] mac = Base64.getUrlDecoder().decode(MAC);
    for (int bit = 0; bit < 256; bit++) {
      byte[] wrong = mac.clone();
      wrong[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(KEY.proves(proof(SIGNED, CanonicalBase64.url(wrong))))
          .as("bit %d", bit)
          .isFalse();
    }
  }

  @Test
  void a_mac_of_another_length_proves_nothing() {
    byte[] mac = Base64.getUrlDecoder().decode(MAC);
    for (int length : new int[] {0, 1, 16, 31, 33, 64}) {
      assertThat(KEY.proves(proof(SIGNED, CanonicalBase64.url(Arrays.copyOf(mac, length)))))
          .as("%d bytes", length)
          .isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "!", "é", "====", "a", "\n"})
  void a_text_that_is_not_base64url_proves_nothing(String mac) {
    assertThat(KEY.proves(proof(SIGNED, mac))).isFalse();
  }

  @Test
  void a_key_has_32_bytes_that_nobody_else_can_change() {
    for (int length : new int[] {0, 16, 31, 33, 64}) {
      assertThatThrownBy(() -> ProofKey.of(new byte[length]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("%d bytes", length);
    }
    byte[] given = SECRET.clone();
    ProofKey key = ProofKey.of(given);
    given[0] ^= 1;
    key.bytes()[1] ^= 1;
    assertThat(key.bytes()).isEqualTo(SECRET);
    assertThat(key.proves(proof(SIGNED, MAC))).isTrue();
  }

  @Test
  void neither_a_key_nor_a_proof_prints_what_is_in_it() {
    assertThat(KEY.toString()).isEqualTo("ProofKey[…]");
    assertThat(proof("\"authorization\": Bearer secret", MAC).toString())
        .doesNotContain("secret")
        .doesNotContain(MAC);
    KeyAgreement.Agreed agreed =
        new KeyAgreement(new SecureRandom()).agree(BrowserKey.parse(BrowserKeyTest.GOOD), "CH1");
    assertThat(agreed.toString()).contains("ProofKey[…]");
  }
}
