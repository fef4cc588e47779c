package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.config.Setting;
import parlour.oidc.FakeProvider;
import parlour.oidc.FakeProvider.Behaviour;
import parlour.oidc.FakeProvider.Human;
import parlour.spec.Installation.Shape;
import parlour.spec.Ports;
import parlour.spec.ProviderBrowser;

/** Signing in at an identity provider, in the pages of the inbox and of the console. */
class ProviderPageTest {
  private static final int PORT = Ports.free();
  private static final String PUBLIC = "http://127.0.0.1:" + PORT;

  @AutoClose
  private static final FakeProvider provider = new FakeProvider();

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS, settings());

  private final Page page = scene.page(profile -> profile);

  private static Map<Setting, String> settings() {
    Map<Setting, String> settings = new HashMap<>(ProviderBrowser.settings(provider));
    settings.put(Setting.PUBLIC_PORT, String.valueOf(PORT));
    settings.put(Setting.PUBLIC_URL, PUBLIC);
    return settings;
  }

  @BeforeEach
  void behavesWell() {
    provider.restore(scene.installation.clock);
    provider.receives(new Human("f81d4fae", "ann", "Ann Lee", List.of("leads")));
  }

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  private Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  @Test
  void an_agent_signs_in_at_the_provider_and_no_address_keeps_the_code() {
    page.navigate(PUBLIC + "/inbox");
    button("Sign in with Team").click();
    assertThat(page.locator(".desk")).isVisible();
    assertThat(page.url()).isEqualTo(PUBLIC + "/inbox");
    page.reload();
    assertThat(page.locator(".desk")).isVisible();
    page.locator("button.account").click();
    assertThat(button("Signed-in browsers")).isVisible();
    assertThat(button("New password")).isHidden();
    assertThat(button("Second factor")).isHidden();
    button("Sign out").click();
    assertThat(button("Sign in with Team")).isVisible();
    page.goBack();
    assertThat(page.url()).doesNotContain("code=", "state=");
  }

  @Test
  void a_link_with_an_invented_answer_does_not_sign_out_an_agent() {
    page.navigate(PUBLIC + "/inbox");
    button("Sign in with Team").click();
    assertThat(page.locator(".desk")).isVisible();
    page.navigate("about:blank");
    page.navigate(PUBLIC + "/inbox#state=x&error=server_error");
    assertThat(page.locator(".desk")).isVisible();
    assertThat(page.url()).isEqualTo(PUBLIC + "/inbox");
  }

  @Test
  void an_admin_who_begins_at_the_console_comes_back_to_it() {
    page.navigate(PUBLIC + "/console");
    button("Sign in with Team").click();
    assertThat(page.getByRole(AriaRole.NAVIGATION)).isVisible();
    assertThat(page.url()).startsWith(PUBLIC + "/console");
  }

  @Test
  void an_admin_who_is_removed_is_out_at_once_and_does_not_come_back() {
    provider.receives(new Human("d00d", "rita", "Rita", List.of("leads")));
    page.navigate(PUBLIC + "/inbox");
    button("Sign in with Team").click();
    assertThat(page.locator(".desk")).isVisible();
    scene.installation.agents(agents -> assertThat(agents.remove("rita")).isTrue());
    assertThat(page.locator(".sign-in")).isVisible();
    button("Sign in with Team").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("You were removed from this inbox");
  }

  @Test
  void a_person_who_is_refused_reads_why_and_one_without_a_provider_uses_a_password() {
    provider.receives(new Human("0b7a", "bob", "Bob", List.of("others")));
    page.navigate(PUBLIC + "/inbox");
    button("Sign in with Team").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("None of your groups");
    assertThat(page.url()).isEqualTo(PUBLIC + "/inbox");

    provider.behaves(Behaviour.DOWN);
    scene.installation.clock.pass(Limits.OIDC_METADATA_TTL);
    button("Sign in with Team").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("cannot be used now");
    InboxTab inbox = new InboxTab(scene, page, scene.installation.agent());
    inbox.signsIn();
  }
}
