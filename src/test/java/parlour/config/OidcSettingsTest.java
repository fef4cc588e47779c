package parlour.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.StartupError;

/** The settings of the identity provider: what is refused at the start, and never shown. */
class OidcSettingsTest {
  private static final Map<Setting, String> GOOD = Map.of(
      Setting.PUBLIC_URL, "https://chat.example.com",
      Setting.OIDC_ISSUER, "https://id.example.com/realms/team",
      Setting.OIDC_CLIENT_ID, "parlour",
      Setting.OIDC_CLIENT_SECRET, "s3cret",
      Setting.OIDC_ROLES, "/chat/leads=admin, a=b = agent");

  private static Config read(Map<Setting, String> flags) {
    return Config.read(Optional.empty(), Map.of(), flags);
  }

  private static void isRefused(Setting setting, String value, String why) {
    Map<Setting, String> flags = new EnumMap<>(GOOD);
    flags.put(setting, value);
    assertThatThrownBy(() -> read(flags))
        .as("%s = %s", setting, value)
        .isInstanceOf(StartupError.class)
        .hasMessageContaining(setting.key())
        .hasMessageContaining(why);
  }

  @Test
  void a_provider_has_a_client_and_groups_with_roles() {
    OidcSettings settings = read(GOOD).oidc().orElseThrow();
    assertThat(settings.roles())
        .containsOnly(Map.entry("/chat/leads", "admin"), Map.entry("a=b", "agent"));
    assertThat(settings.clientSecret()).contains("s3cret");
    assertThat(settings.toString()).doesNotContain("s3cret");
    assertThat(read(Map.of()).oidc()).isEmpty();
  }

  @Test
  void the_secret_is_not_shown() {
    assertThat(read(GOOD).effective()).extracting(Config.Effective::value).doesNotContain("s3cret");
  }

  @Test
  void a_provider_that_others_could_imitate_is_refused() {
    isRefused(Setting.OIDC_ISSUER, "http://id.example.com", "with https");
    isRefused(Setting.PUBLIC_URL, "http://chat.example.com", "https address");
    isRefused(Setting.OIDC_ISSUER, "https://ann:pw@id.example.com", "(not shown)@");
    isRefused(Setting.OIDC_ISSUER, "https://id.example.com?realm=team", "with https");
    Map<Setting, String> own = new EnumMap<>(GOOD);
    own.put(Setting.OIDC_ISSUER, "http://127.0.0.1:8180/realms/team");
    assertThat(read(own).oidc()).isPresent();
  }

  @Test
  void settings_with_which_nobody_could_sign_in_are_refused() {
    for (Setting needed :
        new Setting[] {Setting.PUBLIC_URL, Setting.OIDC_CLIENT_ID, Setting.OIDC_ROLES}) {
      isRefused(needed, "", "oidc.issuer needs it");
    }
    isRefused(Setting.OIDC_ROLES, "leads", "such as");
    isRefused(Setting.OIDC_ROLES, "leads=owner", "the roles are admin, agent, auditor");
    isRefused(Setting.OIDC_ROLES, "leads=admin,leads=agent", "twice");
    isRefused(Setting.OIDC_SCOPES, "profile", "openid");
    isRefused(Setting.OIDC_ACCOUNT, "first", "");
  }
}
