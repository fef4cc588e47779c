package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.AgentBrowser;
import parlour.spec.Installation.Shape;

/** A chat from its beginning to its end, by keys alone and as a screen reader finds it, and in pages where a part is missing. */
class WholeChatTest {
  private static final FilePayload LIST =
      new FilePayload("list.txt", "text/plain", "Tea".getBytes(StandardCharsets.UTF_8));

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  @LongForm(instead = "window-keys.test.ts, and the guest who reopens the chat in GuestTest")
  void a_guest_has_a_whole_chat_by_keys_alone_and_a_screen_reader_finds_each_state_of_it()
      throws IOException {
    GuestTab guest = scene.guest();
    Page page = guest.page;
    startsByKeys(guest);
    guest.is("live").sees("Is it open?");
    findsTheAnswer(guest);
    FileChooser chooser =
        page.waitForFileChooser(() -> press(page, guest.button("Attach files"), "Enter"));
    chooser.setFiles(LIST);
    assertThat(page.locator(".tray .name")).hasText("list.txt");
    Scene.walkTo(page, guest.input());
    page.keyboard().type("Our list");
    page.keyboard().press("Enter");
    guest.sees("Our list");
    press(page, guest.button("More"), "Enter");
    Download saved = page.waitForDownload(() -> press(page, guest.button("Save as text"), "Enter"));
    assertThat(Files.readString(saved.path())).contains("Is it open?", "Our list", "list.txt");
    press(page, guest.button("More"), "Enter");
    press(page, guest.button("End chat"), "Enter");
    guest.picture("guest-30-a-question-by-keys");
    assertThat(guest.panel()).matchesAriaSnapshot("""
        - dialog "Chat with us":
          - button "More" [expanded]
          - alert: End this chat?
          - button "No, go on"
          - button "Yes, end it"
          - log "Conversation"
        """);
    Locator yes = guest.button("Yes, end it");
    Scene.walkTo(page, yes);
    page.waitForCondition(() -> {
      page.keyboard().press("Enter"); // the question ignores the key that opened it
      return !yes.isVisible();
    });
    guest.is("ended");
    assertThat(guest.panel()).matchesAriaSnapshot("""
        - dialog "Chat with us":
          - log "Conversation":
            - list:
              - listitem: /You Our list/
              - listitem: /This chat has ended\\./
          - button "Reopen chat"
        """);
    press(page, guest.button("Reopen chat"), "Enter");
    guest.is("live");
    Scene.walkTo(page, guest.input());
    page.keyboard().type("One more");
    page.keyboard().press("Enter");
    guest.sees("One more");
    assertThat(guest.panel()).matchesAriaSnapshot("""
        - log "Conversation":
          - list:
            - listitem: /This chat is open again\\./
            - listitem: /You One more/
        - textbox "Write a message"
        """);
    page.keyboard().press("Escape");
    assertThat(guest.panel()).isHidden();
    assertThat(guest.button("Open the chat")).isFocused();
  }

  private static void startsByKeys(GuestTab guest) {
    Page page = guest.page;
    press(page, guest.button("Open the chat"), "Enter");
    assertThat(page.locator("parlour-chat")).matchesAriaSnapshot("""
        - dialog "Chat with us":
          - heading "Chat with us" [level=2]
          - paragraph: We answer here, in this chat
          - button "Close the chat window"
          - status
          - paragraph: A few details first, then we can chat.
          - textbox "Your name"
          - textbox "How can we help?"
          - alert
          - button "Start chat"
        - button "Close the chat window" [expanded]
        """);
    Scene.walkTo(page, page.getByLabel("Your name"));
    page.keyboard().type("Ada");
    page.keyboard().press("Tab");
    page.keyboard().type("Is it open?");
    press(page, guest.button("Start chat"), "Enter");
  }

  /** The log and the status are live regions: a screen reader reads out what is added to them. */
  private static void findsTheAnswer(GuestTab guest) {
    AgentBrowser agent = new AgentBrowser(scene.installation);
    agent.says(guest.conversation(), "Until five", "a");
    guest.sees("Until five");
    Locator typing = guest.page.locator(".typing");
    guest.page.waitForCondition(() -> {
      agent.posts(guest.conversation(), "typing", "{}"); // one right after the message is ignored
      return !typing.textContent().isEmpty();
    });
    String name = agent.displayName().replace(".", "\\.");
    assertThat(guest.panel()).matchesAriaSnapshot("""
        - dialog "Chat with us":
          - heading "Chat with us" [level=2]
          - paragraph: /You are chatting with %1$s/
          - button "More"
          - button "Close the chat window"
          - log "Conversation":
            - list:
              - listitem: Today
              - listitem: /You Is it open/
              - listitem: /%1$s joined the chat/
              - listitem: /%1$s Until five/
          - status: /%1$s is typing/
          - button "Attach files"
          - textbox "Write a message"
          - button "Send"
        """.formatted(name));
    assertThat(guest.page.getByRole(AriaRole.LOG)).not().hasAttribute("aria-busy", "true");
  }

  @Test
  @LongForm(instead = "the tree of an open conversation in InboxPageTest")
  void a_screen_reader_finds_each_state_of_a_conversation_in_the_inbox() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Is it open?").sees("Is it open?");
    InboxTab inbox = scene.agent();
    assertThat(inbox.page.locator(".desk")).matchesAriaSnapshot("""
        - heading "Inbox" [level=1]
        - navigation "Conversations":
          - list:
            - listitem:
              - button /Ada/
        - region "Conversation":
          - paragraph
        """);
    inbox.opens(guest).sees("Is it open?").button("Claim").click();
    inbox.says("Until five").sees("Until five");
    assertThat(inbox.page.locator(".place")).matchesAriaSnapshot("""
        - heading "Ada" [level=2]
        - button "Close conversation"
        - log "Messages":
          - list:
            - listitem: Today
        - textbox "Reply"
        - complementary "Details"
        """);
    inbox.closes();
    guest.is("ended");
    assertThat(inbox.page.locator(".place")).matchesAriaSnapshot("""
        - heading "Ada" [level=2]
        - button "Reopen conversation"
        - log "Messages"
        - complementary "Details"
        """);
  }

  @Test
  void a_page_that_forbids_images_and_fonts_has_the_whole_chat() {
    GuestTab guest = new GuestTab(
            scene, scene.page(profile -> profile), scene.site.page(scene.deployment) + "?noImages")
        .arrives()
        .starts("Ada", "Is it open?")
        .sees("Is it open?");
    InboxTab inbox = scene.agent().opens(guest).says("Until five");
    guest.sees("Until five").picture("guest-31-no-images-and-fonts");
    inbox.closes();
    guest.is("ended").button("Reopen chat").click();
    guest.is("live");
    assertThat(guest.page.locator(".log img")).hasCount(0);
  }

  private static void press(Page page, Locator element, String key) {
    Scene.walkTo(page, element);
    page.keyboard().press(key);
  }
}
