package parlour.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BrowserKeyTest {
  private static final BigInteger PRIME =
      ((ECFieldFp) P256.PARAMETERS.getCurve().getField()).getP();
  /** The public key of the first vector of NIST's KAS_ECC_CDH_PrimitiveTest for P-256. */
  static final String GOOD = key(
      "700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287",
      "db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac");

  private static String key(String x, String y) {
    return url(HexFormat.of().parseHex("04" + x + y));
  }

  private static String url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Test
  void a_point_of_the_curve_is_read_and_written_in_the_same_form() {
    assertThat(P256.text(BrowserKey.parse(GOOD).key())).isEqualTo(GOOD);
  }

  /** One in 256 coordinates begins with a byte of zeros. */
  @Test
  void keys_whose_coordinates_begin_with_zeros_keep_their_form() {
    BrowserKey browser = BrowserKey.parse(GOOD);
    SecureRandom random = new SecureRandom();
    boolean seenX = false;
    boolean seenY = false;
    while (!seenX || !seenY) {
      String text = new KeyAgreement(random).agree(browser, "salt").serverKey();
      byte[] point = Base64.getUrlDecoder().decode(text);
      seenX |= point[1] == 0;
      seenY |= point[33] == 0;
      ECPublicKey read = BrowserKey.parse(text).key();
      assertThat(read.getW().getAffineX())
          .isEqualTo(new BigInteger(1, Arrays.copyOfRange(point, 1, 33)));
      assertThat(P256.text(read)).isEqualTo(text);
    }
  }

  static Stream<Arguments> malformed() {
    byte[] good = Base64.getUrlDecoder().decode(GOOD);
    BigInteger x = new BigInteger(1, Arrays.copyOfRange(good, 1, 33));
    BigInteger y = new BigInteger(1, Arrays.copyOfRange(good, 33, 65));
    return Stream.of(
        Arguments.of("nothing", ""),
        Arguments.of("not base64url", "!".repeat(87)),
        Arguments.of("base64 of the other alphabet", "BP//" + GOOD.substring(4)),
        Arguments.of("other characters", "é" + GOOD.substring(1)),
        Arguments.of("a space before it", " " + GOOD),
        Arguments.of("a line end after it", GOOD + "\n"),
        Arguments.of("padding", GOOD + "="),
        Arguments.of("bits that are not zero after the last byte", changed(86, c -> next(c))),
        Arguments.of("a byte too few", url(Arrays.copyOf(good, 64))),
        Arguments.of("a byte too many", url(Arrays.copyOf(good, 66))),
        Arguments.of("a zero before y", url(withZeroBefore(33, good))),
        Arguments.of("a compressed point", url(compressed(good))),
        Arguments.of("a compressed point of 65 bytes", withFirst(good, 2)),
        Arguments.of("a hybrid point", withFirst(good, 6)),
        Arguments.of("the point at infinity", "AA"),
        Arguments.of("the point at infinity of 65 bytes", withFirst(new byte[65], 0)),
        Arguments.of("only zeros", withFirst(new byte[65], 4)),
        Arguments.of("x off the curve", point(x.add(BigInteger.ONE), y)),
        Arguments.of("y off the curve", point(x, y.add(BigInteger.ONE))),
        Arguments.of("a point of order two of another curve", point(x, BigInteger.ZERO)),
        Arguments.of("the coordinates exchanged", point(y, x)),
        Arguments.of("x = p", point(PRIME, root(BigInteger.ZERO))),
        Arguments.of("y = p", point(x, PRIME)),
        Arguments.of("only ones", withFirst(ones(), 4)),
        Arguments.of("a point of no curve", point(BigInteger.TWO, BigInteger.TWO)),
        Arguments.of("a very long one", "A".repeat(1_000_000)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void any_other_key_is_refused_by_words_that_name_the_field(String what, String text) {
    assertThatThrownBy(() -> BrowserKey.parse(text))
        .as(what)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("proofKey .*(base64url without padding|P-256).*")
        .satisfies(
            e -> assertThat(text.isEmpty() || !String.valueOf(e.getMessage()).contains(text))
                .as("does not repeat the value")
                .isTrue());
  }

  /** The same point with x + p would be a second spelling of a key. */
  @Test
  void a_coordinate_is_refused_if_it_is_not_below_the_prime() {
    BigInteger y = root(BigInteger.ZERO);
    assertThat(P256.isOnCurve(BigInteger.ZERO, y)).isTrue();
    assertThat(P256.isOnCurve(PRIME, y)).isFalse();
    BigInteger small = BigInteger.valueOf(5); // so that y + p still has 32 bytes at x = 5
    BigInteger ofSmall = root(small);
    assertThat(P256.isOnCurve(small, ofSmall)).isTrue();
    assertThat(P256.isOnCurve(small, ofSmall.add(PRIME))).isFalse();
    assertThat(P256.isOnCurve(small.add(PRIME), ofSmall)).isFalse();
  }

  /** A square root of x³ + ax + b, for a prime that is 3 modulo 4. */
  private static BigInteger root(BigInteger x) {
    BigInteger square = x.multiply(x)
        .add(P256.PARAMETERS.getCurve().getA())
        .multiply(x)
        .add(P256.PARAMETERS.getCurve().getB())
        .mod(PRIME);
    return square.modPow(PRIME.add(BigInteger.ONE).shiftRight(2), PRIME);
  }

  private static String point(BigInteger x, BigInteger y) {
    return key("%064x".formatted(x), "%064x".formatted(y));
  }

  private static String withFirst(byte[] point, int first) {
    byte[] changed = point.clone();
    changed[0] = (byte) first;
    return url(changed);
  }

  private static byte[] withZeroBefore(int at, byte[] point) {
    byte[] longer = Arrays.copyOf(point, 66);
    longer[at] = 0;
    System.arraycopy(point, at, longer, at + 1, 65 - at);
    return longer;
  }

  private static byte[] compressed(byte[] point) {
    byte[] compressed = Arrays.copyOf(point, 33);
    compressed[0] = (byte) (2 + (point[64] & 1));
    return compressed;
  }

  private static byte[] ones() {
    byte[] ones = new byte[65];
    Arrays.fill(ones, (byte) 0xff);
    return ones;
  }

  private static String changed(int at, UnaryOperator<Character> change) {
    return GOOD.substring(0, at) + change.apply(GOOD.charAt(at)) + GOOD.substring(at + 1);
  }

  /** The next character of the alphabet, which differs in the last bit. */
  private static char next(char c) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return alphabet.charAt(alphabet.indexOf(c) + 1);
  }
}
