package parlour.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECPrivateKeySpec;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Limits;

/** The agreement, by the vectors of its standards. {@link BrowserTest} has the other side. */
class KeyAgreementTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final SecureRandom random = new SecureRandom();

  private final BrowserKey browser = BrowserKey.parse(BrowserKeyTest.GOOD);

  @Test
  void the_shared_secret_is_that_of_NISTs_first_vector() throws GeneralSecurityException {
    PrivateKey ours = KeyFactory.getInstance("EC")
        .generatePrivate(new ECPrivateKeySpec(
            new BigInteger("7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534", 16),
            P256.PARAMETERS));
    assertThat(KeyAgreement.shared(ours, BrowserKey.parse(BrowserKeyTest.GOOD)))
        .asHexString()
        .isEqualToIgnoringCase("46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b");
  }

  /** The first 32 bytes of the first three vectors of RFC 5869, appendix A. */
  @ParameterizedTest
  @CsvSource({
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, 000102030405060708090a0b0c,"
        + " f0f1f2f3f4f5f6f7f8f9,"
        + " 3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
        + "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f,"
        + " 606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f8081828384858687"
        + "88898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf,"
        + " b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
        + "d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff,"
        + " b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c",
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, '', '',"
        + " 8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
  })
  void the_derivation_is_that_of_RFC_5869(String input, String salt, String info, String key)
      throws GeneralSecurityException {
    assertThat(KeyAgreement.derive(HEX.parseHex(input), HEX.parseHex(salt), HEX.parseHex(info)))
        .asHexString()
        .isEqualToIgnoringCase(key);
  }

  @Test
  void no_two_sessions_get_the_same_key_though_the_browser_sends_its_key_again() {
    KeyAgreement agreement = new KeyAgreement(random);
    KeyAgreement.Agreed one = agreement.agree(browser, "CH1");
    KeyAgreement.Agreed other = agreement.agree(browser, "CH2");
    assertThat(one.key().bytes()).isNotEqualTo(other.key().bytes());
  }

  @Test
  void a_key_pair_serves_for_its_time_and_then_a_new_one_is_made() {
    AtomicLong uptime = new AtomicLong(Long.MAX_VALUE - 1); // nanoseconds may overflow
    KeyAgreement agreement = new KeyAgreement(random, uptime::get);
    KeyAgreement.Agreed first = agreement.agree(browser, "CH1");
    uptime.addAndGet(Limits.KEY_PAIR_USE.toNanos() - 1);
    assertThat(agreement.agree(browser, "CH1").serverKey()).isEqualTo(first.serverKey());

    uptime.addAndGet(1);
    KeyAgreement.Agreed later = agreement.agree(browser, "CH1");
    assertThat(later.serverKey()).isNotEqualTo(first.serverKey());
    assertThat(later.key().bytes()).isNotEqualTo(first.key().bytes());
  }

  @Test
  void two_processes_have_different_key_pairs() {
    assertThat(new KeyAgreement(random).agree(browser, "CH1").serverKey())
        .isNotEqualTo(new KeyAgreement(random).agree(browser, "CH1").serverKey());
  }
}
