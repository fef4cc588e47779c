package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static parlour.Eventually.until;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.inbox.Agents;
import parlour.spec.Browser;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;
import parlour.spec.WebhookReceiver;

/** The console's page: the pictures of docs/screenshots, its keys, and how it reads. */
class ConsolePageTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void an_admin_finds_why_a_guest_was_refused_and_ends_the_session() {
    Guest guest = scene.installation.guest().starts();
    Guest.Reply refused = guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    Page page = signedIn(scene.installation.agent());
    awaitEntry(page, refused.traceId());
    page.getByLabel("Reference").fill("45779 · " + refused.traceId());
    page.keyboard().press("Enter");
    assertThat(heading(page, "Request " + refused.traceId())).isFocused();
    assertThat(page.locator(".diagram")).isVisible();
    assertThat(page.locator(".steps")).containsText("ScopedAuthService to FederatedAuthService");
    assertThat(page.locator(".content")).matchesAriaSnapshot("""
        - paragraph:
          - link "Back to the list"
        - heading /Request/ [level=2]
        - region "Entries in the ledger":
          - table:
            - rowgroup:
              - row "Time Code Cause Deployment Page Reference"
            - rowgroup:
              - row /45779 from another browser/
        - paragraph: /The arrows of this request/
        - region "Sequence diagram of the request"
        - heading "The same as text" [level=3]
        - list "The same as text"
        """);
    page.setViewportSize(1200, 900);
    Scene.picture(page, "docs-console-request");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    Scene.picture(page, "docs-console-request-dark");
    page.setViewportSize(390, 760);
    Scene.picture(page, "docs-console-request-phone");

    page.locator("a[href^='#sessions/GS']").press("Enter");
    assertThat(page.locator(".facts")).containsText("from another browser");
    Scene.picture(page, "console-session");
    button(page, "Revoke").press("Enter");
    assertThat(button(page, "Cancel")).isFocused();
    Scene.picture(page, "console-question");
    page.keyboard().press("Escape");
    assertThat(page.locator(".facts")).containsText("Live");
    button(page, "Revoke").press("Enter");
    button(page, "Revoke the session").press("Enter");
    assertThat(page.locator(".facts")).containsText("by an admin");
    assertThat(button(page, "Revoke")).isHidden();
  }

  @Test
  void an_admin_tests_a_webhook_and_has_its_events_delivered_again() {
    try (WebhookReceiver receiver = new WebhookReceiver().answering(410)) {
      scene.installation.answeredBy(receiver.url());
      scene.installation.guest().starts();
      Page page = signedIn(scene.installation.agent());
      until(() -> givenUp() == 1);
      page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Webhooks"))
          .press("Enter");
      Locator card =
          page.locator(".card").filter(new Locator.FilterOptions().setHasText("answered 410"));
      assertThat(card).containsText("but some were given up");
      assertThat(card).containsText("conversation.created");
      page.setViewportSize(1200, 900);
      Scene.picture(page, "docs-console-webhooks");
      assertThat(card).containsText("https://shop.example (./parlour addresses");
      card.getByLabel("Test the webhook of Front desk").press("Enter");
      assertThat(page.locator(".said")).containsText("did not accept the event");
      receiver.answering(200);
      card.getByLabel("Test the webhook of Front desk").press("Enter");
      assertThat(page.locator(".said")).containsText("accepted the event IG");
      card.getByLabel("Deliver again to Front desk").press("Enter");
      assertThat(page.locator(".said")).containsText("Events that were given up: 1");
      until(() -> givenUp() == 0);
      page.reload();
      assertThat(page.locator(".card").first()).containsText("Events are delivered");
      assertThat(page.getByText("Events that were given up")).hasCount(0);
      page.setViewportSize(390, 760);
      Scene.picture(page, "console-webhooks-phone");
    }
  }

  @Test
  void an_admin_finds_a_session_in_the_list_of_a_deployment() {
    Guest guest = scene.installation.guest().starts();
    Guest.Reply refused = guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    Page page = signedIn(scene.installation.agent());
    awaitEntry(page, refused.traceId());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Sessions"))
        .press("Enter");
    page.getByLabel("Deployment").selectOption(scene.installation.deployment.text());
    page.getByLabel("State").selectOption("refused");
    button(page, "Show").press("Enter");
    Locator rows = page.locator("tbody tr");
    assertThat(rows.first()).containsText("from another browser");
    page.setViewportSize(1200, 900);
    Scene.picture(page, "console-sessions");
    rows.first().locator("a").press("Enter");
    assertThat(page.locator(".facts")).containsText(guest.conversation());
    page.getByLabel("Session, conversation or reference").fill("45779 · " + refused.traceId());
    page.keyboard().press("Enter");
    assertThat(heading(page, "Request " + refused.traceId())).isFocused();
  }

  /** How many events of the only address were given up. */
  private static int givenUp() {
    return scene.installation.<Integer>givenUp(
        events -> events.newest(scene.installation.address, 9).size());
  }

  @Test
  void an_admin_of_the_only_account_rotates_the_token_keys() {
    Page page = signedIn(scene.installation.agent());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Keys")).press("Enter");
    Locator rows = page.locator("tbody tr");
    assertThat(rows.first()).containsText("seals new tokens");
    int before = rows.count();
    button(page, "Rotate").press("Enter");
    assertThat(button(page, "Cancel")).isFocused();
    button(page, "Make a new key").press("Enter");
    assertThat(page.locator(".said")).containsText("There is a new key.");
    assertThat(rows).hasCount(before + 1);
    assertThat(rows.first()).containsText("seals tokens soon");
    page.setViewportSize(1200, 360);
    Scene.picture(page, "docs-console-keys");
  }

  @Test
  @LongForm(instead = "ConsoleTest and ConsoleSettingsPageTest")
  void an_admin_lets_a_page_in_from_the_list_and_changes_the_list_of_a_deployment() {
    Guest guest = scene.installation.guest().starts();
    Guest.Reply refused =
        scene.installation.guest().from("https://www.example.com").init();
    Page page = signedIn(scene.installation.agent());
    awaitEntry(page, refused.traceId());
    button(page, "Show").click();
    Locator allow = button(page, "Allow https://www.example.com");
    assertThat(allow).isVisible();
    page.setViewportSize(1200, 380);
    Scene.picture(page, "docs-console-refusals");
    allow.press("Enter");
    assertThat(page.getByRole(AriaRole.DIALOG))
        .containsText("Allow pages of https://www.example.com to use the deployment Test?");
    button(page, "Allow this origin").press("Enter");
    assertThat(page.locator(".said")).containsText("https://www.example.com can use Test");
    assertThat(page.locator(".said")).isFocused();
    assertThat(allow).hasCount(0);

    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Deployments"))
        .press("Enter");
    Locator card = page.locator(".card")
        .filter(new Locator.FilterOptions().setHasText(scene.installation.deployment.text()));
    assertThat(card.locator(".origins li")).hasCount(2);
    assertThat(card.locator(".snippet code"))
        .containsText("data-deployment-key=\"" + scene.installation.deployment.text());
    Scene.picture(page, "docs-console-deployments");
    card.getByLabel("Origin", new Locator.GetByLabelOptions().setExact(true))
        .fill("www.example.org");
    page.keyboard().press("Enter");
    button(page, "Allow this origin").press("Enter");
    assertThat(page.locator(".said")).containsText("www.example.org");
    card.getByLabel("Remove https://www.example.com").press("Enter");
    page.getByRole(AriaRole.DIALOG)
        .getByText("Remove", new Locator.GetByTextOptions().setExact(true))
        .press("Enter");
    assertThat(card.locator(".origins li")).hasCount(1);
    card.getByText("End all sessions").press("Enter");
    button(page, "End the sessions of Test").press("Enter");
    assertThat(page.locator(".said")).containsText("Ended sessions of Test: ");
    org.assertj.core.api.Assertions.assertThat(guest.reloads().status()).isEqualTo(401);
  }

  @Test
  @LongForm(instead = "ConsoleTest and ConsoleAgentsPageTest")
  void an_admin_signs_an_agent_out_everywhere() {
    Installation.NewAgent agent = scene.installation.agent(Agents.Role.AGENT);
    InboxTab inbox = scene.agent(agent);
    Page page = signedIn(scene.installation.agent());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Agents")).click();
    button(page, "Sign out everywhere: %s".formatted(agent.name())).press("Enter");
    Scene.picture(page, "console-agents");
    button(page, "Sign out everywhere").press("Enter");
    assertThat(page.locator(".said")).containsText(agent.name());
    assertThat(inbox.button("Sign in")).isVisible();
  }

  @Test
  @LongForm(instead = "PlotsTest and console.test.ts")
  void an_admin_sees_how_the_last_hour_went_as_plots_and_as_tables() {
    Page page = signedIn(scene.installation.agent());
    page.setViewportSize(1200, 900);
    for (int minute = 0; minute < 5; minute++) {
      Guest guest = scene.installation.guest().starts();
      for (int reload = 0; reload <= minute % 3; reload++) {
        guest.reloads();
      }
      guest.says("Is the blue one in stock?", "a");
      guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
      scene.installation.clock.pass(Duration.ofMinutes(1));
      awaitSample(page, minute + 1);
    }
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Plots")).press("Enter");
    Locator refreshes = page.locator(".plot", new Page.LocatorOptions().setHasText("Refreshes"));
    assertThat(refreshes.first().locator("canvas")).isVisible();
    assertThat(refreshes.first().locator(".legend")).containsText("accepted: 2");
    assertThat(heading(page, "Refusals by cause")).isVisible();
    assertThat(page.locator(
            ".plot .legend", new Page.LocatorOptions().setHasText("from another browser")))
        .isVisible();
    Scene.picture(page, "docs-console-plots");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    Scene.picture(page, "console-plots-dark");
    page.getByText("Numbers: Refreshes").press("Enter");
    assertThat(page.locator("#numbers-refreshes tbody tr")).hasCount(60);
    assertThat(page.locator("#numbers-refreshes tbody tr").first()).containsText("1");
    assertThat(page.locator("#numbers-refreshes tbody tr").last()).containsText("no number");
    Scene.picture(page, "console-plots-numbers");
    page.setViewportSize(390, 760);
    Scene.picture(page, "console-plots-phone");
    page.locator(".filters select").selectOption("week");
    assertThat(page.locator(".plots")).containsText("after an hour");
  }

  @Test
  void an_agent_without_the_role_reads_whom_to_ask() {
    Page page = arrives(scene);
    signIn(page, scene.installation.agent(Agents.Role.AGENT));
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("Only an admin can use the console");
    Scene.picture(page, "console-not-admin");
  }

  private static Page arrives(Scene scene) {
    Page page = scene.page(profile -> profile);
    page.navigate(scene.agentNetwork.address() + "/console");
    return page;
  }

  private static void signIn(Page page, Installation.NewAgent agent) {
    page.getByLabel("Name").fill(agent.name());
    page.getByLabel("Password").fill(agent.password());
    page.keyboard().press("Enter");
  }

  private static Page signedIn(Installation.NewAgent admin) {
    return signedIn(scene, admin);
  }

  /** The console of an admin. */
  static Page signedIn(Scene scene, Installation.NewAgent admin) {
    Page page = arrives(scene);
    signIn(page, admin);
    assertThat(page.locator(".frame")).isVisible();
    return page;
  }

  /** The ledger is written beside the requests. */
  private static void awaitEntry(Page page, String reference) {
    page.waitForFunction("""
        async (reference) => {
          const found = await fetch(`/inbox/api/console/traces/${reference}`);
          return found.ok && (await found.json()).entries.length > 0;
        }
        """, reference);
  }

  /** Samples are written beside the requests. */
  private static void awaitSample(Page page, int samples) {
    Object there = 0;
    while (!there.equals(samples)) {
      there = page.evaluate("""
          async () => {
            const found = await fetch('/inbox/api/console/plots');
            const { plots } = await found.json();
            const accepted = plots[0].series.find(({ label }) => label === 'accepted');
            return (accepted?.values ?? []).filter((value) => value > 0).length;
          }
          """);
    }
  }

  private static Locator heading(Page page, String name) {
    return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(name));
  }

  static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
