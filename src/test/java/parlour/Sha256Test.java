package parlour;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import org.junit.jupiter.api.Test;

final class Sha256Test {
  /** The digest of "abc" in FIPS 180-4's examples. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  /** RFC 4231 §4.3: the key "Jefe", the text "what do ya want for nothing?". */
  private static final String JEFE =
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

  @Test
  void digests_and_keyed_digests_are_those_of_the_standards() {
    assertThat(hex(Sha256.of("abc"))).isEqualTo(ABC);
    assertThat(hex(Sha256.keyed("Jefe".getBytes(US_ASCII), "what do ya want for nothing?")))
        .isEqualTo(JEFE);
  }

  @Test
  void digests_that_are_begun_at_the_same_time_do_not_mix() {
    MessageDigest one = Sha256.begin();
    MessageDigest other = Sha256.begin();
    one.update("a".getBytes(US_ASCII));
    other.update("x".getBytes(US_ASCII));
    one.update("bc".getBytes(US_ASCII));

    assertThat(hex(one.digest())).isEqualTo(ABC);
    assertThat(Sha256.begin().digest()).isEqualTo(Sha256.of(""));
  }

  @Test
  void keyed_digests_that_are_begun_at_the_same_time_do_not_mix() {
    Mac one = Sha256.keyed("Jefe".getBytes(US_ASCII));
    Mac other = Sha256.keyed("another key".getBytes(US_ASCII));
    one.update("what do ya want ".getBytes(US_ASCII));
    other.update("another text".getBytes(US_ASCII));
    one.update("for nothing?".getBytes(US_ASCII));

    assertThat(hex(one.doFinal())).isEqualTo(JEFE);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
