package parlour.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Sid;
import parlour.accounts.Configuration;
import parlour.scopedauth.Sensitivity;
import parlour.spec.Browser;

/** A guest's name: known again by the deployment that gave it, and by no other. */
class IdentitiesTest {
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  Path folder;

  private final Identities identities = new Identities(random);
  private final Configuration here = TestOrchestrator.configuration(random, Sensitivity.MEDIUM);

  @Test
  void a_deployment_knows_the_names_that_it_gave() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      String identity = identities.issue(here);
      assertThat(identities.issued(identity, here)).isTrue();
      assertThat(seen.add(identity)).isTrue();
    }
  }

  @Test
  void it_knows_them_after_a_restart() {
    assertThat(new Identities(new SecureRandom()).issued(identities.issue(here), here))
        .isTrue();
  }

  @Test
  void another_deployment_of_the_account_does_not() {
    Configuration sister = new Configuration(
        here.account(),
        Sid.Deployment.random(random),
        here.address(),
        here.greeter(),
        here.allowedOrigins(),
        here.fingerprintSensitivity(),
        here.tokenTtl(),
        here.sessionTtl(),
        here.revokeOnReplay(),
        here.accountKey());
    assertThat(identities.issued(identities.issue(here), sister)).isFalse();
  }

  @Test
  void another_account_does_not() {
    Configuration other = TestOrchestrator.configuration(random, Sensitivity.MEDIUM);
    assertThat(identities.issued(identities.issue(here), other)).isFalse();
  }

  @Test
  void every_changed_character_is_noticed() {
    String identity = identities.issue(here);
    for (int i = 0; i < identity.length(); i++) {
      char other = identity.charAt(i) == '0' ? '1' : '0';
      String changed = identity.substring(0, i) + other + identity.substring(i + 1);
      assertThat(identities.issued(changed, here)).as(changed).isFalse();
      assertThat(identities.issued(identity.substring(0, i), here)).isFalse();
    }
  }

  @Test
  void whatever_else_is_sent_was_not_issued() {
    String identity = identities.issue(here);
    for (String odd : List.of(
        "",
        "guest",
        "guest_",
        "guest__",
        "admin",
        identity.toUpperCase(Locale.ROOT),
        identity + "\n",
        " " + identity,
        identity + identity,
        "_".repeat(100_000),
        "guest_" + "0".repeat(32) + "_" + "0".repeat(32))) {
      assertThat(identities.issued(odd, here)).isFalse();
    }
  }

  @Test
  void a_guest_who_comes_back_keeps_the_name_and_gets_another_conversation() {
    try (TestOrchestrator fwo = new TestOrchestrator(folder, Sensitivity.MEDIUM)) {
      FlexWebchatOrchestrator.Chat first = fwo.init(Browser.CHROME_ON_WINDOWS);
      FlexWebchatOrchestrator.Chat second =
          fwo.init(Browser.CHROME_ON_WINDOWS, Optional.of(first.identity()));
      assertThat(second.identity()).isEqualTo(first.identity());
      assertThat(second.conversation()).isNotEqualTo(first.conversation());
    }
  }

  @Test
  void a_name_that_was_made_up_is_not_taken() {
    try (TestOrchestrator fwo = new TestOrchestrator(folder, Sensitivity.MEDIUM)) {
      FlexWebchatOrchestrator.Chat chat =
          fwo.init(Browser.CHROME_ON_WINDOWS, Optional.of("guest_of_honour"));
      assertThat(chat.identity()).isNotEqualTo("guest_of_honour").startsWith("guest_");
    }
  }
}
