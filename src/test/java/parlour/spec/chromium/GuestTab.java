package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;

/** A tab with the customer's site, and the actions of a guest in its chat. */
final class GuestTab {
  private static final String STORAGE_KEY = "TWILIO_WEBCHAT_WIDGET";

  final Page page;
  private final Scene scene;
  private final String address;

  GuestTab(Scene scene, Page page, String address) {
    this.scene = scene;
    this.page = page;
    this.address = address;
  }

  GuestTab arrives() {
    page.navigate(address);
    return this;
  }

  GuestTab reloads() {
    page.reload();
    return opens();
  }

  /** Another tab of the same browser. */
  GuestTab opensAnotherTab() {
    Page other = scene.withConsoleWatched(page.context().newPage());
    return new GuestTab(scene, other, address).arrives().opens();
  }

  /** Opens the window, unless it is open already, as after a reload. */
  GuestTab opens() {
    assertThat(page.locator(".bubble")).hasAttribute("aria-busy", "false");
    if (!panel().isVisible()) {
      page.getByRole(
              AriaRole.BUTTON,
              new Page.GetByRoleOptions().setName(Pattern.compile("^Open the chat")))
          .click();
    }
    assertThat(panel()).isVisible();
    return this;
  }

  GuestTab starts(String name, String question) {
    opens();
    return fillsIn(name, question);
  }

  GuestTab fillsIn(String name, String question) {
    page.getByLabel("Your name").fill(name);
    page.getByLabel("How can we help?").fill(question);
    button("Start chat").click();
    return is("live");
  }

  GuestTab says(String... texts) {
    for (String text : texts) {
      input().fill(text);
      input().press("Enter");
      assertThat(input()).hasValue("");
    }
    return this;
  }

  /** The message is shown once, and was sent. */
  GuestTab sees(String text) {
    Locator body = body(text);
    assertThat(body).hasCount(1);
    assertThat(page.locator(".line.waiting", new Page.LocatorOptions().setHas(body)))
        .hasCount(0);
    return this;
  }

  GuestTab is(String state) {
    assertThat(panel()).hasAttribute("data-state", state); // a failure names the state
    assertThat(panel()).isVisible();
    return this;
  }

  /** Waits until the banner contains these words. */
  GuestTab seesBanner(String words) {
    assertThat(banner()).containsText(words);
    return this;
  }

  GuestTab chooses(String fromTheMenu) {
    button("More").click();
    button(fromTheMenu).click();
    return this;
  }

  /** Confirms the question of the menu, which ignores the second click of a double click. */
  GuestTab confirms() {
    Locator yes = button("Yes, end it");
    page.waitForCondition(() -> {
      yes.click();
      return !yes.isVisible();
    });
    return this;
  }

  GuestTab picture(String name) {
    Scene.picture(page, name);
    return this;
  }

  Locator panel() {
    return page.locator(".panel");
  }

  Locator banner() {
    return page.locator(".banner");
  }

  Locator input() {
    return page.getByLabel("Write a message");
  }

  Locator lines() {
    return page.locator(".log .line");
  }

  List<String> bodies() {
    return page.locator(".log .body").allTextContents();
  }

  Locator body(String text) {
    return page.locator(".body")
        .and(page.getByText(text, new Page.GetByTextOptions().setExact(true)));
  }

  Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** The stored session of this browser, as JSON; "null" if there is none. */
  String storedSession() {
    return String.valueOf(page.evaluate("localStorage.getItem('" + STORAGE_KEY + "')"));
  }

  String token() {
    return String.valueOf(page.evaluate("JSON.parse(localStorage." + STORAGE_KEY + ").token"));
  }

  String conversation() {
    return String.valueOf(
        page.evaluate("JSON.parse(localStorage." + STORAGE_KEY + ").conversationSid"));
  }

  GuestTab storesToken(String token) {
    page.evaluate(
        "token => localStorage.setItem('" + STORAGE_KEY
            + "', JSON.stringify({...JSON.parse(localStorage." + STORAGE_KEY + "), token}))",
        token);
    return this;
  }
}
