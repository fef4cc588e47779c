package parlour.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECPrivateKeySpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.proof.P256;
import parlour.spec.PushBrowser;

/** The example of RFC 8291 (§5 and appendix A), and messages that a browser opens. */
class PushEncryptionTest {
  private static final SecureRandom random = new SecureRandom();

  @Test
  void the_message_of_the_standards_example_is_the_same_to_the_byte()
      throws GeneralSecurityException {
    ECPublicKey browser = point(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
    KeyPair server = new KeyPair(
        point(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"),
        secret("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
    byte[] message =
        "When I grow up, I want to be a watermelon".getBytes(StandardCharsets.US_ASCII);
    byte[] sealed = PushEncryption.encrypt(
        PushEncryption.ended(message),
        browser,
        bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        server,
        bytes("DGv6ra1nlYgDCS1FRnbzlw"));
    assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(sealed))
        .isEqualTo("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
            + "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
            + "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
  }

  @Test
  void the_browser_opens_it_and_all_messages_have_the_same_length() {
    PushBrowser browser = new PushBrowser();
    String longest = "x".repeat(Limits.PUSH_MESSAGE_BYTES);
    byte[] small = encrypted("Hi", browser);
    byte[] large = encrypted(longest, browser);
    assertThat(browser.opens(small)).isEqualTo("Hi");
    assertThat(browser.opens(large)).isEqualTo(longest);
    assertThat(small).hasSameSizeAs(large).hasSizeLessThanOrEqualTo(4_096);
    assertThat(encrypted("Hi", browser)).as("another key and salt").isNotEqualTo(small);
  }

  @Test
  void a_message_that_would_be_cut_is_a_fault() {
    PushBrowser browser = new PushBrowser();
    assertThatThrownBy(() -> encrypted("x".repeat(Limits.PUSH_MESSAGE_BYTES + 1), browser))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] encrypted(String message, PushBrowser browser) {
    return PushEncryption.encrypt(
        message.getBytes(StandardCharsets.UTF_8),
        point(browser.p256dh()),
        bytes(browser.auth()),
        random);
  }

  private static ECPublicKey point(String text) {
    return P256.key(bytes(text)).orElseThrow();
  }

  private static PrivateKey secret(String text) throws GeneralSecurityException {
    return KeyFactory.getInstance("EC")
        .generatePrivate(new ECPrivateKeySpec(new BigInteger(1, bytes(text)), P256.PARAMETERS));
  }

  private static byte[] bytes(String base64) {
    return Base64.getUrlDecoder().decode(base64);
  }
}
