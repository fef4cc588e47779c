package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** The search of the inbox, at a real page. */
class SearchPageTest {
  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  @LongForm(instead = "inbox-search.test.ts, and the test of a note")
  void an_agent_finds_an_old_message_by_keys_alone_and_opens_the_conversation_there() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Where is my blue Umbrella?");
    guest.sees("Where is my blue Umbrella?");
    for (int i = 0; i < 120; i++) { // more than the pages that are read at first
      scene.botSays(guest.conversation(), "update " + i);
    }
    InboxTab inbox = scene.agent();
    assertThat(inbox.item(guest)).isVisible();
    finds(inbox, "/", "umbr", 1);
    assertThat(results(inbox).locator("mark")).hasText("Umbrella");
    assertThat(inbox.page.locator(".search [role=status]")).hasText("1 conversation found");
    inbox.presses("ArrowDown").presses("Enter");
    Locator line = inbox.page.locator(".line[data-found]");
    assertThat(line).containsText("Where is my blue Umbrella?");
    assertThat(line).isFocused();
    assertThat(line).isInViewport();
    assertThat(inbox.lines()).not().hasCount(0);
    inbox.picture("inbox-20-found");
    inbox.presses("r");
    assertThat(inbox.input()).isFocused();
    inbox.input().pressSequentially("It is /here");
    inbox.presses("Escape").presses("/");
    assertThat(field(inbox)).isFocused();
    assertThat(field(inbox)).hasValue("umbr");
    inbox.presses("Escape");
    assertThat(field(inbox)).hasValue("");
    assertThat(inbox.item(guest)).isVisible();
    assertThat(inbox.page.locator(".found")).isHidden();
  }

  @Test
  @LongForm(instead = "inbox-search.test.ts")
  void j_and_k_go_along_the_results_which_are_text_and_no_markup() {
    GuestTab older = scene.guest().starts("Ada", "").says("<b>pelican</b> <img src=x>");
    older.sees("<b>pelican</b> <img src=x>");
    GuestTab newer =
        scene.guest().starts("Grace", "").says("A pelican, too").sees("A pelican, too");
    InboxTab inbox = scene.agent();
    finds(inbox, "/", "pelican", 2);
    assertThat(results(inbox).locator(".last").nth(1)).hasText("<b>pelican</b> <img src=x>");
    assertThat(results(inbox).locator("b, img")).hasCount(0);
    field(inbox).blur();
    inbox.presses("j").sees("A pelican, too").presses("j").sees("<b>pelican</b> <img src=x>");
    assertThat(inbox.page.locator(".line[data-found]")).containsText("pelican");
    inbox.presses("k").sees("A pelican, too");
    assertThat(results(inbox).first()).isFocused();
    assertThat(results(inbox).first()).hasAttribute("aria-current", "true");
    newer.says("Are you there?").sees("Are you there?");
    inbox.sees("Are you there?");
  }

  @Test
  void a_note_is_found_and_shown() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    inbox.button("Note").click();
    inbox.field("Note").fill("She collects flamingos");
    inbox.presses("Enter").sees("She collects flamingos").presses("Escape");
    finds(inbox, "/", "\"collects flamingos\"", 1);
    assertThat(results(inbox)).containsText("note");
    results(inbox).click();
    assertThat(inbox.page.locator(".line[data-found]")).containsText("She collects flamingos");
  }

  @Test
  @LongForm(instead = "inbox-search.test.ts")
  void nothing_found_a_search_that_is_too_long_and_one_that_fails_say_what_to_do() {
    GuestTab guest = scene.guest().starts("Ada", "").says("A heron").sees("A heron");
    InboxTab inbox = scene.agent();
    assertThat(inbox.item(guest)).isVisible();
    field(inbox).fill("nobodywroteit");
    Locator panel = inbox.page.locator(".found");
    assertThat(panel).containsText("Nothing found for nobodywroteit.");
    inbox.picture("inbox-20-nothing-found");
    field(inbox).fill("x".repeat(10_000));
    assertThat(panel).containsText("A search has at most 200 characters. Search for fewer words.");
    inbox.picture("inbox-20-too-long");
    inbox.page.route(
        "**/inbox/api/search",
        route -> route.fulfill(new Route.FulfillOptions()
            .setStatus(429)
            .setBody("{\"message\":\"Other searches take too long. Try again in a moment.\"}")));
    field(inbox).fill("heron");
    assertThat(panel).containsText("Other searches take too long.");
    inbox.picture("inbox-20-failed");
    inbox.page.unroute("**/inbox/api/search");
    inbox.button("Try again").click();
    assertThat(results(inbox)).hasCount(1);
  }

  @Test
  @LongForm(instead = "inbox-search.test.ts")
  void on_a_phone_a_result_opens_its_conversation_and_back_leads_to_the_results() {
    GuestTab guest = scene.guest().starts("Ada", "").says("An albatross").sees("An albatross");
    InboxTab inbox = scene.agent();
    inbox.page.setViewportSize(390, 760);
    assertThat(inbox.item(guest)).isVisible();
    finds(inbox, "/", "albat", 1);
    inbox.picture("inbox-20-phone-results");
    results(inbox).click();
    assertThat(inbox.page.locator(".line[data-found]")).isInViewport();
    assertThat(field(inbox)).isHidden();
    inbox.button("Back to the list").click();
    assertThat(results(inbox)).isVisible();
    assertThat(results(inbox)).isFocused();
  }

  /** Searches anew until everything is found, because the index is behind for a moment. */
  private static void finds(InboxTab inbox, String key, String words, int count) {
    inbox.presses(key);
    assertThat(field(inbox)).isFocused();
    inbox.page.keyboard().type(words);
    for (int i = 0; i < 60 && results(inbox).count() < count; i++) {
      inbox.page.waitForResponse("**/inbox/api/search", () -> inbox.presses("Enter"));
      inbox.page.waitForFunction("() => !document.querySelector('.found[aria-busy]')");
    }
    assertThat(results(inbox)).hasCount(count);
  }

  private static Locator field(InboxTab inbox) {
    return inbox.page.getByLabel(
        "Search conversations", new Page.GetByLabelOptions().setExact(true));
  }

  private static Locator results(InboxTab inbox) {
    return inbox.page.locator(".results .item");
  }
}
