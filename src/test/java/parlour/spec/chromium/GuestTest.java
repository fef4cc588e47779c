package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** Guests in the chat, and what they see of the agents. */
class GuestTest {
  private static final String MARKUP = "<img src=x onerror=\"document.title='hit'\"><b>bold</b>";

  /** More messages than the widget loads at once after an absence: ten pages of fifty. */
  private static final int LAST = 620;

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void two_tabs_share_one_chat() {
    GuestTab one = scene.guest().starts("Ada", "").says("From one").sees("From one");
    GuestTab other = one.opensAnotherTab().is("live").sees("From one").says("From the other");
    one.sees("From the other");
    one.page.evaluate("setTimeout(() => location.reload())");
    other.page.reload();
    one.page.waitForLoadState();
    one.opens().is("live").says("Again").sees("Again");
    other.opens().is("live").sees("Again");
    assertThat(other.bodies()).containsExactly("From one", "From the other", "Again");
  }

  @Test
  @LongForm(instead = "availability.test.ts")
  void a_guest_reads_that_nobody_is_there_and_asks_nevertheless() {
    var _ = scene.installation.agent();
    leaveTheInboxAlone();
    GuestTab guest = scene.guest().opens();
    Locator header = guest.page.locator(".presence");
    Locator notice = guest.page.locator(".away");
    assertThat(header).hasText("Nobody is here just now");
    assertThat(notice).hasText("Write to us now. We answer as soon as we are back.");
    guest.picture("guest-away-form");
    guest.fillsIn("Ada", "Is anybody there?").sees("Is anybody there?");
    assertThat(guest.page.locator(".composer .away")).isVisible();
    guest.picture("guest-away-chat");
    scene.agentNamed("Ann Night").opens(guest).says("I am now");
    guest.sees("I am now");
    assertThat(notice).isEmpty();
    assertThat(header).hasText("You are chatting with Ann Night");
  }

  /** Until no socket of an earlier test's agents records any more that they are there. */
  private static void leaveTheInboxAlone() {
    String path = "/v2/Webchat/Availability?deploymentKey=" + scene.deployment.text();
    Instant deadline = Instant.now().plusSeconds(30);
    Object open;
    do {
      assertThat(Instant.now()).isBefore(deadline);
      scene.passTime(Limits.INBOX_OPEN_TTL.plus(Limits.AVAILABILITY_AGE).plusSeconds(1));
      open = scene
          .installation
          .guest()
          .from(null)
          .send("GET", path, "", Map.of())
          .json()
          .get("open");
    } while (!Boolean.FALSE.equals(open));
  }

  @Test
  void a_page_whose_origin_is_not_on_the_list_cannot_start_a_chat() {
    try (CustomerSite stranger = new CustomerSite(scene.guestNetwork.address())) {
      Page page = scene.page(profile -> profile);
      GuestTab guest = new GuestTab(scene, page, stranger.page(scene.deployment)).arrives();
      guest.opens();
      page.getByLabel("Your name").fill("Ada");
      guest.button("Start chat").click();
      assertThat(page.locator(".problem")).hasText("The chat is not set up for this page (45772).");
      assertThat(scene.expectedConsoleMessage())
          .startsWith("Parlour: %1$s is not on the list of %2$s: ./parlour deployments update %2$s"
                  .formatted(stranger.origin(), scene.deployment.text())
              + " --add-origin " + stranger.origin() + " (45772, reference ");
      guest.picture("guest-9-not-allowed-here");
      assertThat(guest.storedSession()).isEqualTo("null");
    }
  }

  @Test
  @LongForm(instead = "tabs.test.ts")
  void the_other_tab_of_a_chat_that_the_guest_has_ended_offers_its_draft_to_the_next_one() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    GuestTab tab = guest.opensAnotherTab().sees("Hello");
    tab.input().fill("half a sentence");
    guest.chooses("End chat").confirms().is("ended");
    tab.is("ended");
    guest.button("Start a new chat").click();
    tab.is("idle");
    assertThat(tab.page.getByLabel("How can we help?")).hasValue("half a sentence");
    guest.is("idle");
    assertThat(guest.page.getByLabel("How can we help?")).hasValue("");
  }

  @Test
  @LongForm(instead = "alerts.test.ts")
  void a_guest_switches_title_and_sound_of_new_messages_off_for_all_tabs() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    String title = guest.page.title();
    hides(guest.page);
    inbox.says("One").sees("One");
    assertThat(guest.page).hasTitle("(1) " + title);
    GuestTab tab = guest.opensAnotherTab().sees("One");
    tab.chooses("Alert me to new messages");
    hides(tab.page);
    inbox.says("Two").sees("Two");
    tab.sees("Two");
    guest.sees("Two");
    assertThat(tab.page).hasTitle(title);
    assertThat(guest.page).hasTitle(title);
  }

  /** As if the guest looked at another tab: a page without a screen is always visible. */
  private static void hides(Page page) {
    page.evaluate("""
        Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
        document.dispatchEvent(new Event('visibilitychange'));
        """);
  }

  @Test
  @LongForm(instead = "message-log.test.ts")
  void both_sides_load_hundreds_of_messages_page_by_page() {
    GuestTab guest =
        scene.guest().starts("Ada", "message 0"); // without a message, agents do not see the chat
    String conversation = guest.conversation();
    guest.page.navigate("about:blank"); // the guest is away while the messages are sent
    List<String> all =
        IntStream.rangeClosed(0, LAST).mapToObj(n -> "message " + n).toList();
    all.stream().skip(1).forEach(body -> scene.botSays(conversation, body));
    guest.arrives().opens().is("live").sees("message " + LAST);
    guest.page.waitForCondition(() -> {
      // Scrolls up as a guest does. One step can load the next page before it is counted, so the
      // oldest message ends this and not the number of lines.
      guest.page.locator(".log").evaluate("log => { log.scrollTop = 40; }");
      guest.page.locator(".log").evaluate("log => { log.scrollTop = 0; }");
      return guest.body("message 0").count() > 0;
    });
    assertThat(guest.bodies()).isEqualTo(all);

    InboxTab inbox = scene.agent().opens(guest).sees("message " + LAST);
    Locator older = inbox.button("Show older messages");
    while (older.isVisible()) {
      int before = inbox.lines().count();
      older.click();
      assertThat(inbox.lines()).not().hasCount(before);
    }
    assertThat(inbox.page.locator(".log .body").allTextContents()).isEqualTo(all);
  }

  @Test
  void end_and_erase_leaves_nothing_in_the_browser_and_closes_the_conversation() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Forget this").sees("Forget this");
    GuestTab tab = guest.opensAnotherTab().sees("Forget this");
    InboxTab inbox = scene.agent().opens(guest).sees("Forget this");
    guest.chooses("End chat and erase it here").confirms().is("idle");
    tab.is("idle");
    assertThat(guest.storedSession()).isEqualTo("null");
    assertThat(guest.page.evaluate("""
        async () => {
          const opening = indexedDB.open('parlour');
          await new Promise((done) => { opening.onsuccess = done; });
          const kept = opening.result.transaction(['messages', 'outbox']);
          const count = (store) => new Promise((done) => {
            const counting = kept.objectStore(store).count();
            counting.onsuccess = () => done(counting.result);
          });
          return [await count('messages'), await count('outbox')];
        }
        """)).isEqualTo(List.of(0, 0));
    assertThat(inbox.session()).containsText("Closed");
    guest.reloads().is("idle");
  }

  @Test
  @LongForm(instead = "ends.test.ts, and the guest who reopens the chat")
  void a_chat_that_an_agent_closes_stays_readable() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Thank you").sees("Thank you");
    InboxTab inbox = scene.agent().opens(guest).sees("Thank you").says("You are welcome");
    guest.sees("You are welcome");
    inbox.closes();
    guest.is("ended").sees("Thank you");
    assertThat(guest.page.locator(".note").last()).containsText("This chat has ended. ·");
    guest.picture("guest-7-ended");
    assertThat(inbox.session()).containsText("Closed");
    assertThat(inbox.input()).not().isEditable();
    assertThat(inbox.button("Send")).isHidden();
    inbox.presses("n").field("Note").pressSequentially("Says thanks");
    inbox.presses("Enter").sees("Says thanks");
    assertThat(inbox.page.locator(".item[data-sid=" + guest.conversation() + "]"))
        .hasCount(0);
    inbox.button("Closed").click();
    assertThat(inbox.item(guest)).isVisible();
    inbox.picture("inbox-5-closed");
    guest.reloads().is("ended").sees("You are welcome");
    guest.button("Start a new chat").click();
    guest.is("idle");
  }

  @Test
  @LongForm(instead = "inbox-composer.test.ts")
  void a_reply_whose_conversation_the_guest_ends_meanwhile_stays_where_it_is() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Thank you").sees("Thank you");
    GuestTab other = scene.guest().starts("Bo", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Thank you");
    inbox.input().pressSequentially("You can ");
    guest.chooses("End chat").confirms().is("ended");
    assertThat(inbox.session()).containsText("You can reopen it until");
    inbox.page.keyboard().type("order more, just ring");
    inbox.presses("Enter");
    assertThat(inbox.input()).isFocused();
    assertThat(inbox.input()).hasValue("You can ");
    guest.is("ended");
    inbox.page.reload();
    inbox.button("Closed").click();
    inbox.opens(guest);
    assertThat(inbox.input()).hasValue("You can ");
    inbox.button("All").click();
    inbox.opens(other);
    assertThat(inbox.input()).hasValue("");
  }

  @Test
  void a_guest_reopens_the_chat_that_they_ended_and_both_sides_go_on() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Thank you").sees("Thank you");
    GuestTab other = guest.opensAnotherTab().is("live");
    InboxTab inbox = scene.agent().opens(guest).sees("Thank you");
    guest.chooses("End chat").confirms().is("ended");
    other.is("ended");
    assertThat(inbox.session()).containsText("You can reopen it until");
    assertThat(guest.page.locator(".log")).isFocused();
    guest.picture("guest-7-can-be-reopened");
    guest.page.keyboard().press("Tab");
    assertThat(guest.button("Start a new chat")).isFocused();
    guest.page.keyboard().press("Tab");
    assertThat(guest.button("Reopen chat")).isFocused();
    guest.page.keyboard().press("Enter");
    guest.is("live");
    assertThat(guest.page.locator(".note").last()).containsText("This chat is open again. ·");
    guest.picture("guest-7-open-again");
    guest.page.keyboard().type("One more thing");
    guest.page.keyboard().press("Enter");
    other.is("live").sees("One more thing");
    inbox.sees("One more thing").says("Yes?").sees("Yes?");
    guest.sees("Yes?");
    inbox.closes();
    guest.is("ended").reloads().is("ended");
    guest.button("Reopen chat").click();
    guest.is("live").says("Again").sees("Again");
    inbox.sees("Again");
  }

  @Test
  @LongForm(instead = "view.test.ts, message-log.test.ts and inbox-app.test.ts")
  void each_side_sees_the_other_type_and_read() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    assertThat(guest.page.locator(".mine .status").last()).hasText("Sent");
    InboxTab inbox = scene.agent();
    assertThat(inbox.unread(guest)).hasText("1");
    inbox.opens(guest).sees("Hello");
    assertThat(inbox.unread(guest)).isHidden();
    inbox.says("Hi").sees("Hi"); // an agent who has not sent anything is not in the chat yet
    guest.sees("Hi");
    // A sign that arrives right after a message is older than it, and the next one follows after 3
    // s.
    inbox.input().pressSequentially("Good", new Locator.PressSequentiallyOptions().setDelay(1_200));
    assertThat(guest.page.locator(".typing")).hasText(inbox.agent.displayName() + " is typing…");
    inbox.input().press("Enter");
    guest.sees("Good");
    assertThat(guest.page.locator(".mine .status").last()).hasText("Seen");
    assertThat(inbox.line("Good")).containsText("seen");
    guest.input().pressSequentially("Yes");
    assertThat(inbox.page.locator(".typing")).hasText("Ada is typing…");
  }

  @Test
  @LongForm(instead = "launcher.test.ts")
  void messages_to_a_closed_window_are_counted_on_the_bubble() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    guest.page.keyboard().press("Escape");
    assertThat(guest.panel()).isHidden();
    scene.agent().opens(guest).says("First").says("Second");
    guest.button("Open the chat, 2 unread").click();
    guest.sees("First").sees("Second");
    guest.page.keyboard().press("Escape");
    assertThat(guest.button("Open the chat")).isVisible();
  }

  @Test
  void markup_in_a_message_is_shown_as_text() {
    GuestTab guest = scene.guest().starts(MARKUP, MARKUP).says(MARKUP);
    assertThat(guest.page.locator(".body").last()).hasText(MARKUP);
    InboxTab inbox = scene.agent().opens(guest);
    assertThat(inbox.title()).hasText(MARKUP);
    assertThat(inbox.item(guest).locator(".name")).hasText(MARKUP);
    assertThat(inbox.item(guest).locator(".last")).hasText(MARKUP);
    assertThat(inbox.before().first()).hasText(MARKUP);
    inbox.says(MARKUP + "!");
    assertThat(guest.page.locator(".body").last()).hasText(MARKUP + "!");
    for (Page page : List.of(guest.page, inbox.page)) {
      assertThat(page.locator("img:not([alt]), .body b, .name b, dd b")).hasCount(0);
      assertThat(page.title()).isNotEqualTo("hit");
    }
  }

  @Test
  void everything_can_be_done_by_keyboard() {
    GuestTab guest = scene.guest();
    Locator bubble = guest.button("Open the chat");
    guest.page.keyboard().press("Tab"); // the shop's own link
    guest.page.keyboard().press("Tab");
    assertThat(bubble).isFocused();
    type(guest, "Enter");
    assertThat(guest.page.getByLabel("Your name")).isFocused();
    type(guest, "A", "d", "a", "Tab", "H", "i", "Tab", "Enter");
    guest.is("live");
    assertThat(guest.input()).isFocused();
    type(guest, "H", "e", "y", "Enter");
    guest.sees("Hey");
    type(guest, "Escape");
    assertThat(guest.panel()).isHidden();
    assertThat(bubble).isFocused();
    type(guest, "Enter");
    guest.sees("Hey");
    assertThat(guest.page.getByRole(AriaRole.DIALOG)).isVisible();
  }

  private static void type(GuestTab guest, String... keys) {
    for (String key : keys) {
      guest.page.keyboard().press(key);
    }
  }

  @Test
  @LongForm(instead = "viewport.test.ts and styles.test.ts")
  void a_phone_shows_the_chat_on_the_whole_screen_and_a_dark_browser_a_dark_chat() {
    GuestTab guest = scene.guest(profile ->
        profile.setViewportSize(390, 844).setHasTouch(true).setColorScheme(ColorScheme.DARK));
    guest.opens().picture("guest-8-phone-dark-form");
    guest.fillsIn("Ada", "").says("Is the shop open on Sunday, and until when?");
    scene.agent().opens(guest).says("From ten to four.");
    guest.sees("From ten to four.").picture("guest-8-phone-dark-chat");
    guest.chooses("End chat").picture("guest-8-phone-dark-end-this-chat");
    guest.button("No, go on").click();
    assertThat(guest.panel().boundingBox().width).isEqualTo(390);
    assertThat(guest.panel().boundingBox().height).isEqualTo(844);
  }

  @Test
  @LongForm(instead = "viewport.test.ts and styles.test.ts")
  void a_phone_that_is_turned_shows_the_chat_on_the_whole_screen_too() {
    GuestTab guest = scene.guest(profile -> profile.setViewportSize(844, 390).setHasTouch(true));
    guest.opens().picture("guest-8-phone-turned-form");
    guest.fillsIn("Ada", "").is("live").says("Hello").sees("Hello");
    assertThat(guest.panel()).hasAttribute("aria-modal", "true");
    for (int height : List.of(390, 190)) { // 190: above a keyboard
      guest.page.setViewportSize(844, height);
      assertThat(guest.input())
          .isInViewport(new LocatorAssertions.IsInViewportOptions().setRatio(1));
      assertThat(guest.button("More"))
          .isInViewport(new LocatorAssertions.IsInViewportOptions().setRatio(1));
      assertThat(guest.panel().boundingBox().width).isEqualTo(844);
      assertThat(guest.panel().boundingBox().height).isEqualTo(height);
    }
    guest.picture("guest-8-phone-turned-keyboard");
  }
}
