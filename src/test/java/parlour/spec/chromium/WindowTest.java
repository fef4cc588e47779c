package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ViewportSize;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** A guest's text is received and stored, and a reload restores the window. */
class WindowTest {
  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  @LongForm(instead = "first-message.test.ts and InitTest")
  void the_question_of_the_form_is_the_first_message_for_both_sides() {
    InboxTab inbox = scene.agent();
    GuestTab guest = scene.guest().starts("Ada", "Is it open on Sunday?");
    guest.sees("Is it open on Sunday?").picture("guest-10-a-question");
    assertThat(Objects.requireNonNull(guest.input().boundingBox()).height).isGreaterThan(35);
    assertThat(inbox.unread(guest)).hasText("1");
    assertThat(inbox.page).hasTitle(Pattern.compile("^\\(\\d+\\) Inbox.*"));
    assertThat(inbox.item(guest).locator(".last")).hasText("Is it open on Sunday?");
    inbox.opens(guest).sees("Is it open on Sunday?").says("From ten to four");
    guest.sees("From ten to four");
    guest.reloads().is("live").sees("From ten to four");
    assertThat(guest.bodies()).containsExactly("Is it open on Sunday?", "From ten to four");
  }

  @Test
  void a_repeated_start_after_a_lost_answer_gives_one_chat_with_one_question() {
    GuestTab guest = scene.guest().opens();
    guest.page.route(
        "**/v2/Webchat/Init",
        route -> {
          route.fetch(); // the server has received it
          route.abort();
        },
        new Page.RouteOptions().setTimes(1));
    guest.page.getByLabel("Your name").fill("Ada Once");
    guest.page.getByLabel("How can we help?").fill("Is it open on Sunday?");
    guest.button("Start chat").click();
    assertThat(guest.page.locator(".problem")).containsText("cannot start just now");
    guest.button("Start chat").click();
    guest.is("live").sees("Is it open on Sunday?");
    guest.reloads().is("live").says("Hello?").sees("Hello?");
    assertThat(guest.bodies()).containsExactly("Is it open on Sunday?", "Hello?");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello?");
    assertThat(inbox.items().filter(new Locator.FilterOptions().setHasText("Ada Once")))
        .hasCount(1);
  }

  @Test
  void a_reload_keeps_the_window_the_draft_and_the_place_in_the_conversation() {
    GuestTab guest = scene.guest().starts("Ada", "");
    IntStream.range(0, 30).forEach(n -> guest.says("message " + n));
    guest.sees("message 29").input().fill("Half a sentence");
    guest.body("message 8").evaluate("body => body.scrollIntoView({ block: 'start' })");
    double before = top(guest, "message 8");
    guest.page.reload();
    guest.is("live").sees("message 29");
    assertThat(guest.input()).hasValue("Half a sentence");
    assertThat(top(guest, "message 8")).isCloseTo(before, org.assertj.core.data.Offset.offset(2.0));
    guest.input().press("Escape");
    guest.page.reload();
    assertThat(guest.button("Open the chat")).isVisible();
    assertThat(guest.panel()).isHidden();
  }

  private static double top(GuestTab guest, String text) {
    return Objects.requireNonNull(guest.body(text).boundingBox()).y;
  }

  @Test
  void the_widget_says_that_it_is_offline_before_a_ping_is_missed_and_when_it_is_back() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    guest.page.context().setOffline(true);
    assertThat(guest.banner())
        .containsText(
            "Connection lost", new LocatorAssertions.ContainsTextOptions().setTimeout((double)
                    Limits.SOCKET_PING.toMillis()));
    guest.says("Into the void");
    guest.page.context().setOffline(false);
    guest.is("live").sees("Into the void");
  }

  @Test
  @LongForm(instead = "viewport.test.ts and message-log.test.ts")
  void a_growing_field_and_a_shrinking_window_keep_the_newest_message_in_view() {
    GuestTab guest = scene.guest().starts("Ada", "");
    IntStream.range(0, 15).forEach(n -> guest.says("message " + n));
    guest.sees("message 14");
    double before = logHeight(guest);
    guest.input().fill("one\ntwo\nthree\nfour\nfive");
    awaitEndInView(guest, before);
    guest.picture("guest-11-a-long-draft");
    ViewportSize size = guest.page.viewportSize();
    double withDraft = logHeight(guest);
    guest.page.setViewportSize(size.width, size.height - 250); // as a soft keyboard does
    awaitEndInView(guest, withDraft);
    guest.page.setViewportSize(size.width, size.height);
    scene.agent().opens(guest).says("And now?");
    guest.sees("And now?");
    assertThat(guest.body("And now?")).isInViewport();
  }

  /** Waits until the list of messages is smaller than before, and its end is visible. */
  private static void awaitEndInView(GuestTab guest, double before) {
    guest.page.waitForCondition(() -> logHeight(guest) < before
        && (Boolean) guest
            .page
            .locator(".log")
            .evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight < 2"));
  }

  private static double logHeight(GuestTab guest) {
    return Objects.requireNonNull(guest.page.locator(".log").boundingBox()).height;
  }

  @Test
  @LongForm(instead = "message-log.test.ts")
  void a_guest_who_has_scrolled_up_is_notified_of_new_messages() {
    GuestTab guest = scene.guest().starts("Ada", "");
    IntStream.range(0, 20).forEach(n -> guest.says("message " + n));
    guest.sees("message 19").body("message 2").scrollIntoViewIfNeeded();
    assertThat(guest.page.locator(".newer")).isHidden();
    InboxTab inbox = scene.agent().opens(guest).says("Down here");
    assertThat(guest.button("1 new message")).isVisible();
    inbox.says("And here");
    Locator newer = guest.button("2 new messages");
    assertThat(newer).isVisible();
    guest.picture("guest-12-new-messages");
    newer.click();
    assertThat(guest.body("Down here")).isInViewport();
    assertThat(newer).isHidden();
  }

  @Test
  void a_dropped_file_does_not_replace_the_page_and_can_be_sent() {
    GuestTab guest = scene.guest().starts("Ada", "");
    Object prevented = guest.page.locator(".log").evaluate("""
        log => {
          const data = new DataTransfer();
          data.items.add(new File(['x'], 'x.txt'));
          return ['dragover', 'drop'].map((type) => !log.dispatchEvent(new DragEvent(
            type, { bubbles: true, composed: true, cancelable: true, dataTransfer: data })));
        }
        """);
    assertThat(prevented).isEqualTo(List.of(true, true));
    assertThat(guest.page.locator(".tray .name")).hasText("x.txt");
  }

  @Test
  @LongForm(instead = "view.test.ts")
  void a_click_or_a_double_click_ends_no_chat() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    guest.button("More").click();
    guest.button("End chat").dblclick();
    guest.is("live").picture("guest-13-end-this-chat");
    guest.button("No, go on").click();
    guest.says("Still here").sees("Still here");
    guest.chooses("End chat").confirms().is("ended");
  }

  @Test
  void an_erased_chat_leaves_no_text_in_the_fields_or_the_tab() {
    GuestTab guest = scene.guest().starts("Alice", "Where is my order?").sees("Where is my order?");
    guest.input().fill("a draft of Alice's");
    guest.chooses("End chat and erase it here").confirms().is("idle");
    assertThat(guest.page.getByLabel("Your name")).hasValue("");
    assertThat(guest.page.getByLabel("How can we help?")).hasValue("");
    assertThat(guest.page.evaluate("Object.values(sessionStorage).join('')")).isEqualTo("");
    guest.fillsIn("Bob", "");
    assertThat(guest.input()).hasValue("");
  }

  @Test
  void unsent_text_of_an_interrupted_chat_is_offered_to_the_new_chat() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    guest.page.context().setOffline(true);
    guest.is("reconnecting").says("Not sent");
    guest.input().fill("half a sentence");
    scene.passTime(scene.installation.defaults().lifetimes().sessionTtl(true).plusHours(1));
    guest.page.context().setOffline(false);
    guest.is("interrupted").picture("guest-14-unsent-words");
    guest.page.reload();
    guest.is("idle");
    assertThat(guest.page.getByLabel("How can we help?")).hasValue("Not sent\n\nhalf a sentence");
    assertThat(guest.page.getByLabel("Your name")).hasValue("");
  }
}
