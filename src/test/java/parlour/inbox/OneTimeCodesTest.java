package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OneTimeCodesTest {
  private static final String SECRET = Base64.getEncoder()
      .encodeToString("12345678901234567890".getBytes(StandardCharsets.US_ASCII));

  /** The values of RFC 6238, appendix B, of which the last six digits are the codes of an app. */
  @ParameterizedTest
  @CsvSource({
    "59, 287082",
    "1111111109, 081804",
    "1111111111, 050471",
    "1234567890, 005924",
    "2000000000, 279037",
    "20000000000, 353130"
  })
  void the_codes_are_those_of_the_standard(long second, String code) {
    assertThat(OneTimeCodes.at(SECRET, Instant.ofEpochSecond(second))).isEqualTo(code);
  }

  @Test
  void a_code_is_known_in_its_own_step_and_beside_it() {
    Instant now = Instant.ofEpochSecond(1_234_567_890);
    String code = OneTimeCodes.at(SECRET, now);
    long step = 1_234_567_890 / 30;
    assertThat(OneTimeCodes.step(SECRET, code, now)).hasValue(step);
    assertThat(OneTimeCodes.step(SECRET, code, now.plus(Duration.ofSeconds(30))))
        .hasValue(step);
    assertThat(OneTimeCodes.step(SECRET, code, now.minus(Duration.ofSeconds(30))))
        .hasValue(step);
    assertThat(OneTimeCodes.step(SECRET, code, now.plus(Duration.ofSeconds(60))))
        .isEmpty();
    assertThat(OneTimeCodes.step(SECRET, code, now.minus(Duration.ofSeconds(60))))
        .isEmpty();
    assertThat(OneTimeCodes.step(SECRET, "000000", now)).isEmpty();
    assertThat(OneTimeCodes.step(SECRET, "", now)).isEmpty();
  }

  /** The examples of RFC 4648, section 10, without padding. */
  @ParameterizedTest
  @CsvSource({
    "f, MY",
    "fo, MZXQ",
    "foo, MZXW6",
    "foob, MZXW6YQ",
    "fooba, MZXW6YTB",
    "foobar, MZXW6YTBOI"
  })
  void a_secret_is_written_in_base_32(String text, String written) {
    assertThat(OneTimeCodes.base32(
            Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo(written);
  }

  @Test
  void a_new_secret_has_160_bits() {
    assertThat(OneTimeCodes.base32(OneTimeCodes.nextSecret(new SecureRandom())))
        .matches("[A-Z2-7]{32}");
  }

  @Test
  void a_picture_has_a_quiet_zone_and_one_square_for_each_dark_module() {
    QrPicture picture = QrPicture.of("otpauth://totp/Parlour:ann?secret=MZXW6YTBOI&issuer=Parlour");
    assertThat(picture.size()).isEqualTo(4 * 4 + 17 + 2 * 4); // version 4
    assertThat(picture.path()).startsWith("M4 4h1v1h-1zM5 4h1v1h-1z").doesNotContain("M0 ", "M3 ");
  }
}
