package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import parlour.spec.Installation;

/** A tab with the inbox, and the actions of an agent in it. */
final class InboxTab {
  final Page page;
  final Installation.NewAgent agent;
  private final Scene scene;

  InboxTab(Scene scene, Page page, Installation.NewAgent agent) {
    this.scene = scene;
    this.page = page;
    this.agent = agent;
  }

  void arrives() {
    page.navigate(scene.agentNetwork.address() + "/inbox");
  }

  void signsIn() {
    page.locator("[name=name]").fill(agent.name());
    page.locator("[name=password]").fill(agent.password());
    page.locator(".sign-in .go").click();
    assertThat(page.locator(".desk")).isVisible();
  }

  /** Chooses a guest's conversation from the list. */
  InboxTab opens(GuestTab guest) {
    item(guest).click();
    assertThat(item(guest)).hasAttribute("aria-current", "true");
    return this;
  }

  InboxTab says(String text) {
    input().fill(text);
    input().press("Enter");
    return this;
  }

  /** Chooses files for the reply that is being written. */
  InboxTab attaches(FilePayload... files) {
    FileChooser chooser = page.waitForFileChooser(button("Attach files")::click);
    chooser.setFiles(files);
    for (FilePayload file : files) {
      assertThat(button("Remove " + file.name)).isVisible();
    }
    return this;
  }

  /** The message is shown once, and was sent. */
  InboxTab sees(String text) {
    Locator body = body(text);
    assertThat(body).hasCount(1);
    assertThat(page.locator(".line.waiting", new Page.LocatorOptions().setHas(body)))
        .hasCount(0);
    return this;
  }

  /** Closes the conversation by two clicks that are too far apart for a double click. */
  InboxTab closes() {
    Locator sure = page.locator("[data-sure=yes]");
    if (!sure.isVisible()) {
      button("Close conversation").click();
    }
    sure.click();
    return this;
  }

  /** Opens the menu with the agent's own actions. */
  InboxTab opensAccountMenu() {
    page.locator(".account").click();
    assertThat(page.locator(".menu")).isVisible();
    return this;
  }

  /** Goes to an element by the Tab key alone. */
  InboxTab walksTo(Locator element) {
    Scene.walkTo(page, element);
    return this;
  }

  InboxTab types(String text) {
    page.keyboard().type(text);
    return this;
  }

  /** Presses a key, wherever the focus is. */
  InboxTab presses(String key) {
    page.keyboard().press(key);
    return this;
  }

  InboxTab picture(String name) {
    Scene.picture(page, name);
    return this;
  }

  Locator item(GuestTab guest) {
    return page.locator(".item[data-sid=" + guest.conversation() + "]");
  }

  Locator items() {
    return page.locator(".item");
  }

  /** The mark of an attempt with a copied token. */
  Locator copiedTokenMark(GuestTab guest) {
    return item(guest).locator(".alarm");
  }

  Locator unread(GuestTab guest) {
    return item(guest).locator(".badge");
  }

  /** The guest's name above the conversation. */
  Locator title() {
    return page.locator(".who h2");
  }

  /** The values of the data from before the chat. */
  Locator before() {
    return page.locator(".before dd");
  }

  /** The choice of the agent who works on the conversation. */
  Locator assignee() {
    return field("Assigned to");
  }

  Locator session() {
    return page.locator(".session");
  }

  Locator refusal() {
    return page.locator(".refusal");
  }

  Locator input() {
    return page.getByLabel("Reply");
  }

  Locator lines() {
    return page.locator(".log .line");
  }

  /** The lines about the conversation itself. */
  Locator events() {
    return page.locator(".log .event");
  }

  Locator line(String text) {
    return lines().filter(new Locator.FilterOptions().setHas(body(text)));
  }

  /** The files of the messages that were sent. */
  Locator files() {
    return page.locator(".line:not(.waiting) .file");
  }

  Locator body(String text) {
    return page.locator(".body")
        .and(page.getByText(text, new Page.GetByTextOptions().setExact(true)));
  }

  Locator field(String label) {
    return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
  }

  Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
