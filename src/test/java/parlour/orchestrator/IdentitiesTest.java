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

/** A guest's identity is recognized by the deployment that issued it, and by no other. */
class IdentitiesTest {
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  Path folder;

  private final Identities identities = new Identities(random);
  private final Configuration here = TestOrchestrator.configuration(random, Sensitivity.MEDIUM);

  @Test
  void a_deployment_recognizes_the_identities_that_it_issued() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      String identity = identities.issue(here).text();
      assertThat(identities.issued(identity, here)).isTrue();
      assertThat(seen.add(identity)).isTrue();
    }
  }

  @Test
  void it_recognizes_them_after_a_restart() {
    assertThat(new Identities(new SecureRandom()).issued(identities.issue(here).text(), here))
        .isTrue();
  }

  @Test
  void another_deployment_of_the_account_does_not_recognize_them() {
    Configuration sister = new Configuration(
        here.account(),
        Sid.Deployment.random(random),
        here.settings(),
        here.greeter(),
        here.accountKey());
    assertThat(identities.issued(identities.issue(here).text(), sister)).isFalse();
  }

  @Test
  void another_account_does_not_recognize_them() {
    Configuration other = TestOrchestrator.configuration(random, Sensitivity.MEDIUM);
    assertThat(identities.issued(identities.issue(here).text(), other)).isFalse();
  }

  @Test
  void an_identity_with_one_changed_character_is_not_recognized() {
    String identity = identities.issue(here).text();
    for (int i = 0; i < identity.length(); i++) {
      char other = identity.charAt(i) == '0' ? '1' : '0';
      String changed = identity.substring(0, i) + other + identity.substring(i + 1);
      assertThat(identities.issued(changed, here)).as(changed).isFalse();
      assertThat(identities.issued(identity.substring(0, i), here)).isFalse();
    }
  }

  @Test
  void no_other_text_is_recognized() {
    String identity = identities.issue(here).text();
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
  void a_returning_guest_keeps_the_identity_and_gets_another_conversation() {
    try (TestOrchestrator fwo = new TestOrchestrator(folder, Sensitivity.MEDIUM)) {
      FlexWebchatOrchestrator.Chat first = fwo.init(Browser.CHROME_ON_WINDOWS);
      FlexWebchatOrchestrator.Chat second =
          fwo.init(Browser.CHROME_ON_WINDOWS, Optional.of(first.identity().text()));
      assertThat(second.identity()).isEqualTo(first.identity());
      assertThat(second.conversation()).isNotEqualTo(first.conversation());
    }
  }

  @Test
  void an_invented_identity_is_ignored() {
    try (TestOrchestrator fwo = new TestOrchestrator(folder, Sensitivity.MEDIUM)) {
      FlexWebchatOrchestrator.Chat chat =
          fwo.init(Browser.CHROME_ON_WINDOWS, Optional.of("guest_of_honour"));
      assertThat(chat.identity().text()).isNotEqualTo("guest_of_honour").startsWith("guest_");
    }
  }
}
