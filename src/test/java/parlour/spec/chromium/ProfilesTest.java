package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitUntilState;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.LongForm;
import parlour.Sid;
import parlour.spec.Installation.Shape;

/**
 * The fate of a key in a Chromium whose profile is on disk, and which keeps left pages in memory.
 */
class ProfilesTest {
  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @Test
  @LongForm(instead = "the reload in EngineContract, and keys.test.ts")
  void a_key_survives_the_end_of_the_browser(@TempDir Path profile) {
    String conversation;
    try (PersistentChromium chromium = new PersistentChromium(profile)) {
      GuestTab guest = guest(chromium).starts("Ada", "Hello");
      conversation = guest.conversation();
    }
    try (PersistentChromium chromium = new PersistentChromium(profile)) {
      GuestTab guest =
          guest(chromium).opens().is("live").sees("Hello").says("Back").sees("Back");
      assertThat(guest.conversation()).isEqualTo(conversation);
      assertIsBound(conversation);
    }
  }

  @Test
  @LongForm(instead = "chat.test.ts")
  void a_page_that_the_browser_kept_while_the_guest_was_elsewhere_goes_on(@TempDir Path profile) {
    try (PersistentChromium chromium = new PersistentChromium(profile)) {
      GuestTab guest = guest(chromium).starts("Ada", "Hello");
      guest.page.evaluate(
          "addEventListener('pageshow', (event) => { window.wasKept = event.persisted })");
      guest.page.navigate(scene.site.emptyPage());
      scene.botSays(guest.conversation(), "While you were away");
      // a page that comes back is not loaded again
      guest.page.goBack(new Page.GoBackOptions().setWaitUntil(WaitUntilState.COMMIT));
      guest.is("live").sees("While you were away").says("Back").sees("Back");
      assertThat(guest.page.evaluate("window.wasKept")).isEqualTo(true);
      assertIsBound(guest.conversation());
    }
  }

  private static GuestTab guest(PersistentChromium chromium) {
    return new GuestTab(scene, chromium.page(), scene.site.page(scene.deployment)).arrives();
  }

  private static void assertIsBound(String conversation) {
    var session = scene.installation.sessions(
        sessions -> sessions.of(List.of(new Sid.Conversation(conversation))).getFirst());
    assertThat(session.bound()).isPresent();
    assertThat(session.incidents().refusals()).isZero();
  }
}
