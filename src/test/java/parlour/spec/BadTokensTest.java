package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.BadInputTest.assertRefused;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.trace.Diagram;

/** Each invalid token gets 401 and 45775, and the answer does not say why. */
@ParameterizedClass
@InBothShapes
class BadTokensTest {
  private static final int CHECKSUM_CHARACTERS = 6;
  private static final Diagram REFUSED =
      DiagramTest.drawn("refresh-failed").alternative("token refused").seenByServers();

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Shape shape;
  private final Installation installation;
  private final Guest guest;

  BadTokensTest(Shape shape) {
    this.shape = shape;
    installation = installations.in(shape);
    guest = installation.guest();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "plr1.",
        "plr1.AAAAAAAA",
        "plr2.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "eyJhbGciOiJub25lIn0.e30.",
        "null",
        " ",
        "%00",
        "Bearer plr1.x",
        "{{token}}",
        "plr1.😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
      })
  void a_text_that_is_not_a_token_is_refused(String text) {
    assertIsRefused(text);
  }

  @Test
  void a_text_that_is_far_too_long_is_refused() {
    assertIsRefused("plr1." + "A".repeat(10_000));
  }

  @Test
  void a_token_with_any_letter_changed_is_refused() {
    String token = guest.starts().token();
    long seed = System.nanoTime();
    System.out.println("seed of a_token_with_any_letter_changed_is_refused: " + seed);
    Random random = new Random(seed);
    Set<Integer> places = new HashSet<>(List.of(0, 4, 5, token.length() - 1));
    while (places.size() < 40) {
      places.add(random.nextInt(token.length()));
    }
    for (int place : places) {
      char other = token.charAt(place) == 'A' ? 'B' : 'A';
      assertIsRefused(token.substring(0, place) + other + token.substring(place + 1));
    }
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  /** The checksum needs no key, so a forger can correct it. */
  @Test
  void a_token_with_a_bit_flipped_and_its_checksum_made_right_is_refused() {
    String token = guest.starts().token();
    String sealed = token.substring("plr1.".length(), token.length() - CHECKSUM_CHARACTERS);
    byte[] bytes = Base64.getUrlDecoder().decode(sealed);
    assertThat(withChecksum(bytes)).as("the forger's craft").isEqualTo(token);
    // the version of the seal, the key's id, the nonce, the claims, the tag
    for (int place : List.of(0, 1, 4, 5, 16, 17, bytes.length / 2, bytes.length - 1)) {
      byte[] flipped = bytes.clone();
      flipped[place] ^= 1;
      assertIsRefused(withChecksum(flipped));
    }
    assertIsRefused(withChecksum(Arrays.copyOf(bytes, bytes.length - 1)));
    assertIsRefused(withChecksum(Arrays.copyOf(bytes, 5)));
    assertIsRefused(withChecksum(new byte[0]));
  }

  /** Base64 has several spellings of the same bytes: padding, and bits of the last letter. */
  @Test
  void a_token_has_one_spelling_only() {
    String token = guest.starts().token();
    String sealed = token.substring("plr1.".length(), token.length() - CHECKSUM_CHARACTERS);
    byte[] bytes = Base64.getUrlDecoder().decode(sealed);
    List<String> spellings = new ArrayList<>(
        List.of(sealed + "=", sealed + "==", Base64.getUrlEncoder().encodeToString(bytes)));
    String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int i = 0; i < letters.length(); i++) {
      spellings.add(sealed.substring(0, sealed.length() - 1) + letters.charAt(i));
    }
    spellings.removeIf(sealed::equals);
    spellings.removeIf(spelling -> !decodesTo(spelling, bytes));
    assertThat(sealed.length() % 4).as("this token has other spellings").isNotZero();
    assertThat(spellings).hasSizeGreaterThan(2);
    spellings.forEach(spelling -> assertIsRefused(checked("plr1." + spelling)));
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  private static boolean decodesTo(String spelling, byte[] bytes) {
    try {
      return Arrays.equals(Base64.getUrlDecoder().decode(spelling), bytes);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String withChecksum(byte[] sealed) {
    return checked("plr1." + Base64.getUrlEncoder().withoutPadding().encodeToString(sealed));
  }

  private static String checked(String body) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    byte[] checksum =
        ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    return body + Base64.getUrlEncoder().withoutPadding().encodeToString(checksum);
  }

  @Test
  void a_token_of_another_installation_is_refused() {
    try (Installation other = Installation.start(Shape.ONE_PROCESS)) {
      assertIsRefused(other.guest().starts().token());
    }
  }

  @Test
  void a_token_of_another_deployment_of_the_account_is_refused() {
    Sid.Deployment other = installation.deploy(installation.defaults());
    Guest elsewhere = installation.guest().of(other).starts();
    assertIsRefused(elsewhere.token());
    assertThat(elsewhere.reloads().status()).isEqualTo(200);
  }

  @Test
  void a_token_of_another_account_is_refused() {
    SecureRandom random = new SecureRandom();
    Sid.Account account = Sid.Account.random(random);
    Sid.Address address = Sid.Address.random(random);
    Sid.Deployment deployment = Sid.Deployment.random(random);
    var now = installation.clock.instant();
    installation.accounts(accounts -> {
      byte[] key = new byte[AccountKey.BYTES];
      random.nextBytes(key);
      accounts.create(
          new Accounts.Account(account, "Another", now), new byte[32], new AccountKey(key));
      accounts.create(new Accounts.Address(address, account, "Their desk", now));
      Accounts.Settings ours = installation.defaults();
      accounts.create(new Accounts.Deployment(
          deployment,
          account,
          "Theirs",
          new Accounts.Settings(
              Optional.of(address), ours.allowedOrigins(), ours.rules(), ours.lifetimes()),
          now,
          now));
    });
    Guest theirs = installation.guest().of(deployment).starts();
    assertIsRefused(theirs.token());
    assertThat(theirs.reloads().status()).isEqualTo(200);
  }

  /** Nothing is said of its fingerprint: only a good token's is compared. */
  @Test
  void a_token_of_another_deployment_from_another_browser_is_a_bad_token() {
    Sid.Deployment other = installation.deploy(installation.defaults());
    String token = installation.guest().of(other).starts().token();
    Reply reply = installation.guest(Browser.FIREFOX_ON_LINUX).refreshes(token);
    assertRefused(reply, 401, 45775, Installation.ORIGIN);
  }

  @Test
  void a_token_is_refused_from_the_moment_it_expires_and_not_before() {
    try (Installation own = Installation.start(shape)) {
      Guest early = own.guest().starts();
      String token = early.token();
      own.clock.pass(Limits.TOKEN_TTL_DEFAULT.minusSeconds(20));
      assertThat(early.refreshes(token).status()).isEqualTo(200);
      own.clock.pass(Duration.ofSeconds(20));
      assertRefused(early.refreshes(token), 401, 45775, Installation.ORIGIN);
    }
  }

  @Test
  void a_genuine_token_from_the_future_is_an_outage_while_the_clock_has_just_jumped() {
    try (Installation own = Installation.start(shape)) {
      own.clock.pass(Duration.ofMinutes(10));
      Guest ahead = own.guest().starts();
      own.clock.pass(Limits.CLOCK_SKEW.minusSeconds(10).negated());
      assertThat(ahead.refreshes(ahead.token()).status()).isEqualTo(200);
      own.clock.jump(Duration.ofMinutes(-5));
      assertRefused(ahead.refreshes(ahead.token()), 503, 45774, Installation.ORIGIN);
      own.clock.pass(Limits.CLOCK_SETTLING);
      assertThat(ahead.refreshes(ahead.token()).status()).isEqualTo(200);
    }
  }

  @Test
  void a_superseded_token_is_refused_after_its_grace() {
    try (Installation own = Installation.start(shape)) {
      Guest reloading = own.guest().starts();
      String first = reloading.token();
      reloading.reloads(); // brings the second
      reloading.reloads(); // uses the second, and so supersedes the first
      own.clock.pass(Limits.GENERATION_GRACE.minusSeconds(10));
      assertThat(reloading.refreshes(first).status()).isEqualTo(200);
      own.clock.pass(Duration.ofSeconds(11));
      assertRefused(reloading.refreshes(first), 401, 45775, Installation.ORIGIN);
      assertThat(reloading.reloads().status()).isEqualTo(200);
    }
  }

  /** The finer cause is in the trace, and only there. */
  private void assertIsRefused(String token) {
    Reply reply = guest.post(
        "/v2/Webchat/Token/Refresh",
        "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}"
            .formatted(installation.deployment.text(), token));
    assertRefused(reply, 401, 45775, Installation.ORIGIN);
    assertThat(reply.text("message"))
        .isEqualTo("This chat session is no longer valid. You can start a new chat.");
    assertThat(REFUSED.differences(installation.trace(reply.traceId()))).isEmpty();
  }
}
