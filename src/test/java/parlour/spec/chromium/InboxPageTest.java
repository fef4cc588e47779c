package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.inbox.Agents;
import parlour.spec.AgentBrowser;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** The inbox's page: its keys, its columns, and how it reads without a screen. */
class InboxPageTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void an_agent_answers_and_closes_by_keys_alone() {
    GuestTab older = scene.guest().starts("Ada", "").says("One").sees("One");
    GuestTab newer = scene.guest().starts("Grace", "").says("Two").sees("Two");
    Installation.NewAgent colleague = scene.installation.agent(Agents.Role.AGENT);
    AgentBrowser admin = new AgentBrowser(scene.installation);
    admin.posts("/replies", "{\"title\":\"Opening\",\"text\":\"From nine, {guest}.\"}");
    InboxTab inbox = scene.agent();
    assertThat(inbox.item(newer)).isVisible();
    inbox.presses("j").sees("Two").presses("j").sees("One").presses("k").sees("Two");
    assertThat(inbox.item(newer)).isFocused();
    inbox.presses("j").sees("One").presses("r");
    assertThat(inbox.input()).isFocused();
    inbox.input().pressSequentially("Jake, reply? e/");
    inbox.presses("Enter").sees("Jake, reply? e/").presses("Escape");
    older.sees("Jake, reply? e/");
    worksOnByKeys(inbox, older, colleague);
    admin.posts(
        "/replies/remove",
        "{\"title\":\"Opening\"}"); // other tests have prepared answers of their own
    inbox.presses("Control+e").presses("e");
    assertThat(inbox.page.locator("[data-sure=yes]")).containsText("Press E again to close");
    inbox.presses("e");
    older.is("ended");
    newer.is("live");
    assertThat(inbox.button("Reopen conversation")).isVisible();
    inbox.presses("o");
    older.is("live");
    assertThat(inbox.button("Close conversation")).isVisible();
    inbox.presses("e");
    inbox.page.locator("[data-sure=yes]").waitFor();
    inbox.presses("e");
    older.is("ended");
    assertThat(inbox.item(older)).hasCount(0);
    inbox.presses("?");
    Locator keys = inbox.page.getByRole(AriaRole.DIALOG);
    assertThat(keys).containsText("Next conversation");
    inbox.picture("inbox-12-keys").presses("Escape");
    assertThat(keys).isHidden();
  }

  /** Claims, takes a prepared answer, writes a note, labels and hands over. At the end, no field has the focus. */
  private static void worksOnByKeys(
      InboxTab inbox, GuestTab guest, Installation.NewAgent colleague) {
    inbox.presses("c");
    assertThat(inbox.assignee()).hasValue(inbox.agent.identity().text());
    inbox.presses("r").types("/ope");
    assertThat(inbox.page.locator(".canned [role=option]")).containsText("From nine, Ada.");
    inbox.presses("Enter").presses("Enter").sees("From nine, Ada.");
    guest.sees("From nine, Ada.");
    inbox.presses("Escape").presses("n").types("Asked twice").presses("Enter").sees("Asked twice");
    inbox.walksTo(inbox.field("Add a label")).types("vip").presses("Enter");
    assertThat(inbox.page.locator(".label-chip")).containsText("vip");
    assertThat(inbox.events().last()).containsText("added the label vip");
    inbox.walksTo(inbox.assignee()).types(colleague.displayName());
    assertThat(inbox.assignee()).hasValue(colleague.identity().text());
    inbox.walksTo(inbox.button("Assign")).presses("Enter");
    assertThat(inbox.events().last()).containsText("left the chat");
    inbox.presses("Escape");
    assertThat(guest.body("Asked twice")).hasCount(0);
  }

  @Test
  void a_screen_reader_finds_the_list_the_messages_and_the_field_in_their_order() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello", "Anybody?").sees("Anybody?");
    InboxTab inbox = scene.agent().opens(guest).sees("Anybody?").says("Yes").sees("Yes");
    assertThat(inbox.page.locator(".desk")).matchesAriaSnapshot("""
        - heading "Inbox" [level=1]
        - button "Sound for new messages" [pressed]
        - navigation "Conversations":
          - search:
            - searchbox "Search conversations"
            - status
          - group "Which conversations":
            - button "Waiting"
            - button "Mine"
            - button "Unassigned"
            - button "All" [pressed]
            - button "Closed"
          - list:
            - listitem:
              - button /Ada .* You ?. Yes/
        - region "Conversation":
          - heading "Ada" [level=2]
          - button "Claim"
          - button "Close conversation"
          - log "Messages":
            - list:
              - listitem: Today
              - listitem:
                - text: Ada Hello
              - listitem:
                - text: /Ada. Anybody\\?/
              - listitem:
                - text: /You. Yes/
          - group "Who reads it":
            - button "Reply" [pressed]
            - button "Note"
          - textbox "Reply"
          - button "Attach files"
          - button "Send"
          - complementary "Details":
            - text: Assigned to
            - combobox "Assigned to"
            - heading "Labels" [level=3]
            - combobox "Add a label"
            - heading "Session" [level=3]
        """);
  }

  @Test
  void of_two_agents_one_claims_answers_by_a_prepared_answer_and_hands_over() {
    GuestTab guest = scene.guest().starts("Ada", "").says("When is it open?");
    guest.sees("When is it open?");
    InboxTab ann = scene.agent();
    InboxTab ben = scene.agent();
    ann.button("Waiting").click();
    ann.opens(guest).sees("When is it open?");
    ben.opens(guest).sees("When is it open?");
    assertThat(ann.page.locator(".looking"))
        .containsText("Also looking: " + ben.agent.displayName());
    ann.button("Claim").click();
    assertThat(ben.button("Claim")).isHidden();
    assertThat(ben.assignee()).hasValue(ann.agent.identity().text());
    ann.opensAccountMenu().button("Prepared answers").click();
    ann.field("Title").fill("Hours");
    ann.field("Text").fill("Hello {guest}, from nine to five.");
    ann.button("Save").click();
    assertThat(ann.page.locator(".prepared-answer")).containsText("Hours");
    ann.picture("inbox-14-prepared-answers").button("Close").click();
    ben.input().pressSequentially("/ho");
    assertThat(ben.page.locator(".canned [role=option]")).containsText("Hello Ada");
    ben.picture("inbox-14-an-offer").presses("Enter").presses("Enter");
    guest.sees("Hello Ada, from nine to five.");
    assertThat(ann.item(guest).locator(".waits")).hasCount(0);
    assertThat(ann.item(guest)).isVisible(); // until another one is opened
    ann.assignee().selectOption(ben.agent.identity().text());
    ann.button("Assign").press("Enter");
    assertThat(ann.assignee()).isFocused();
    assertThat(ben.assignee()).hasValue(ben.agent.identity().text());
    ben.button("Mine").click();
    assertThat(ben.item(guest)).isVisible();
    ann.page.locator(".log").focus();
    ann.presses("n");
    assertThat(ann.field("Note")).isFocused();
    ann.field("Note").pressSequentially("She asked twice");
    ann.picture("inbox-14-a-note").presses("Enter").sees("She asked twice");
    ben.sees("She asked twice").picture("inbox-14-the-note-of-another");
    assertThat(ben.line("She asked twice")).containsText("note, only for the team");
    ann.button("Remove the note").click();
    ann.page.locator(".log [data-sure=yes]").click();
    assertThat(ben.body("She asked twice")).hasCount(0);
    guest.says("Thanks").sees("Thanks");
    assertThat(guest.body("She asked twice")).hasCount(0);
    ann.field("Add a label").fill("opening hours");
    ann.presses("Enter");
    assertThat(ben.item(guest).locator(".label-mark")).containsText("opening hours");
    ben.button("opening hours").click();
    assertThat(ben.items()).hasCount(1);
    ben.button("Remove the label opening hours").click();
    assertThat(ann.page.locator(".label-chip")).hasCount(0);
    ben.picture("inbox-14-mine");
  }

  @Test
  @LongForm(instead = "InboxTest and TeamTest")
  void the_log_says_who_did_what_and_the_guest_reads_that_an_agent_has_left() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab ann = scene.agent().opens(guest).sees("Hello");
    InboxTab ben = scene.agent().opens(guest).sees("Hello");
    ann.button("Claim").click();
    assertThat(ben.events()).containsText(new String[] {"claimed the conversation"});
    ann.input().pressSequentially("Hi");
    assertThat(ben.events()).hasCount(1);
    assertThat(guest.page.locator(".note")).hasCount(0);
    ann.presses("Enter");
    guest.sees("Hi");
    assertThat(guest.page.locator(".note"))
        .containsText(new String[] {ann.agent.displayName() + " joined the chat"});
    ann.assignee().selectOption(ben.agent.identity().text());
    ann.button("Assign").click();
    assertThat(guest.page.locator(".note"))
        .containsText(new String[] {"joined the chat", ann.agent.displayName() + " left the chat"});
    assertThat(guest.page.locator(".presence")).not().containsText(ann.agent.displayName());
    ben.closes();
    guest.is("ended");
    assertThat(ann.events()).hasText(new Pattern[] {
      Pattern.compile(".* claimed the conversation · .*\\d.*"),
      Pattern.compile(".* joined the chat · .*\\d.*"),
      Pattern.compile(".* assigned the conversation to .* · .*\\d.*"),
      Pattern.compile(".* left the chat · .*\\d.*"),
      Pattern.compile(".* closed the conversation · .*\\d.*"),
    });
    guest.button("Reopen chat").click();
    guest.is("live");
    assertThat(ben.events().last()).containsText("Ada reopened the conversation");
  }

  @Test
  @LongForm(instead = "InboxTest")
  void a_colleague_who_looks_leaves_the_messages_of_a_claimed_conversation_unread() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    GuestTab other = scene.guest().starts("Grace", "").says("Hi").sees("Hi");
    InboxTab ann = scene.agent().opens(guest).sees("Hello");
    ann.button("Claim").click();
    assertThat(ann.button("Claim")).isHidden();
    ann.opens(other).sees("Hi");
    guest.says("Anybody?").sees("Anybody?");
    assertThat(ann.unread(guest)).hasText("1");
    InboxTab ben = scene.agent();
    ben.page.waitForResponse("**/read", () -> ben.opens(guest).sees("Anybody?"));
    ben.page.reload();
    assertThat(ben.unread(guest)).hasText("1");
    assertThat(ann.unread(guest)).hasText("1");
    ann.opens(guest).sees("Anybody?");
    assertThat(ben.unread(guest)).isHidden();
  }

  @Test
  @LongForm(instead = "inbox-list.test.ts and InboxTest")
  void the_lists_have_the_number_of_their_conversations() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab ann = scene.agent().opens(guest).sees("Hello");
    Locator mine = ann.button("Mine");
    assertThat(mine.locator(".count")).isHidden();
    ann.button("Claim").click();
    assertThat(mine.locator(".count")).hasText("1");
    assertThat(mine).hasAttribute("aria-description", "1");
    org.assertj.core.api.Assertions.assertThat(Accessibility.violations(ann.page))
        .isEmpty();
    ann.closes();
    assertThat(mine.locator(".count")).isHidden();
  }

  @Test
  @LongForm(instead = "inbox-app.test.ts")
  void a_narrow_window_shows_the_details_when_they_are_asked_for_also_from_right_to_left() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox =
        scene.agent(scene.installation.agent(), profile -> profile.setViewportSize(900, 640));
    inbox.page.evaluate("document.documentElement.dir = 'rtl'");
    inbox.opens(guest).sees("Hello").says("Hi").sees("Hi");
    Locator details = inbox.page.locator(".details");
    assertThat(details).isHidden();
    inbox.button("Details").click();
    assertThat(details).isVisible();
    inbox.picture("inbox-13-details-from-right-to-left");
    inbox.button("Hide the details").click();
    assertThat(inbox.button("Details")).isFocused();
    org.assertj.core.api.Assertions.assertThat(inbox.page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
        .isEqualTo(true);
  }
}
