package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.ForcedColors;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.LongForm;
import parlour.accounts.GeneratedSecrets;
import parlour.inbox.Agents;
import parlour.spec.AgentBrowser;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** Agents at the inbox, alone and with others. */
class AgentsTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  private static final FilePayload PHOTO = photo();
  private static final FilePayload LIST =
      new FilePayload("list.txt", "text/plain", "- one\n- two\n".getBytes(UTF_8));

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void an_agent_signs_in_and_out() {
    Installation.NewAgent agent = scene.installation.agent();
    InboxTab inbox = new InboxTab(scene, scene.page(profile -> profile), agent);
    inbox.arrives();
    assertThat(inbox.page.getByLabel("Name")).isFocused();
    inbox.picture("inbox-1-sign-in");
    inbox.page.getByLabel("Name").fill(agent.name());
    inbox.page.getByLabel("Password").fill("wrong");
    inbox.button("Sign in").click();
    assertThat(inbox.page.getByRole(AriaRole.ALERT)).isVisible();
    inbox.picture("inbox-1-sign-in-refused");
    inbox.signsIn();
    inbox.page.reload();
    assertThat(inbox.page.locator(".desk")).isVisible();
    inbox.opensAccountMenu().button("Sign out").click();
    assertThat(inbox.button("Sign in")).isVisible();
    inbox.page.reload();
    assertThat(inbox.button("Sign in")).isVisible();
  }

  @Test
  @LongForm(instead = "InboxPageTest")
  void two_agents_see_each_others_replies_and_the_earlier_messages() {
    GuestTab guest =
        scene.guest().starts("Ada", "Where is my order?").says("Hello").sees("Hello");
    InboxTab ann = scene.agent().opens(guest).sees("Hello");
    InboxTab ben = scene.agent().opens(guest).sees("Hello");
    ann.sees("Where is my order?");
    assertThat(ann.session()).hasText("The guest can write.");
    ann.says("I am looking");
    ben.sees("I am looking").says("So am I");
    ann.sees("So am I");
    assertThat(ben.line("I am looking")).containsText(ann.agent.displayName());
    assertThat(ann.line("So am I")).containsText(ben.agent.displayName());
    guest.sees("I am looking").sees("So am I");
  }

  @Test
  void an_erased_conversation_leaves_every_open_page_at_once() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Erase this").sees("Erase this");
    GuestTab tab = guest.opensAnotherTab().sees("Erase this");
    String conversation = guest.conversation();
    InboxTab open = scene.agent().opens(guest).sees("Erase this");
    open.input().fill("a draft about it");
    InboxTab listed = scene.agent();
    Locator item = listed.item(guest);
    assertThat(item).isVisible();

    var _ = scene.installation.server("DELETE", "/v1/Conversations/" + conversation, "");
    assertThat(open.page.getByText("This conversation was erased.")).isVisible();
    assertThat(open.body("Erase this")).hasCount(0);
    assertThat(open.input()).hasCount(0);
    assertThat(item).hasCount(0);
    guest.is("idle");
    tab.is("idle");
    assertThat(guest.page.getByText("This conversation was erased.")).isVisible();
    assertThat(guest.body("Erase this")).hasCount(0);
    org.assertj.core.api.Assertions.assertThat(guest.storedSession()).isEqualTo("null");
  }

  @Test
  @LongForm(instead = "inbox-list.test.ts")
  void the_list_counts_unread_messages_also_while_another_list_is_shown() {
    InboxTab inbox = scene.agent();
    GuestTab guest = scene.guest().starts("Grace", "");
    inbox.button("Closed").click();
    guest.says("One", "Two").sees("Two");
    assertThat(inbox.page).hasTitle(Pattern.compile("^\\(\\d+\\) Inbox.*"));
    inbox.button("All").click();
    assertThat(inbox.unread(guest)).hasText("2");
    inbox.picture("inbox-1-somebody-waits").opens(guest);
    assertThat(inbox.unread(guest)).isHidden();
  }

  @Test
  @LongForm(instead = "NetworkTest")
  void a_lost_network_loses_no_reply_and_no_message() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    GuestTab other = scene.guest().starts("Grace", "").says("Hi").sees("Hi");
    InboxTab inbox = scene.agent().opens(guest).sees("Before");
    scene.agentNetwork.cut();
    assertThat(inbox.page.getByText("Connection lost")).isVisible();
    inbox.says("Into the void");
    inbox.opens(other); // the waiting reply is kept, although its conversation is no longer open
    guest.says("Anybody?").sees("Anybody?");
    scene.agentNetwork.restore();
    guest.sees("Into the void");
    inbox.sees("Hi").opens(guest).sees("Anybody?").sees("Into the void");
    assertThat(inbox.lines()).hasCount(3);
  }

  @Test
  void an_agent_sends_files_and_every_agent_sees_their_previews_and_downloads_them()
      throws IOException {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    inbox.attaches(PHOTO, LIST);
    assertThat(inbox.page.locator(".chosen canvas")).isVisible();
    assertThat(inbox.page.locator(".chosen bdi")).hasText(new String[] {"photo.png", "list.txt"});
    inbox.picture("inbox-10-files-chosen").says("Here they are").sees("Here they are");
    assertThat(inbox.files()).hasCount(2);
    assertThat(inbox.page.locator(".preview img")).isVisible();
    InboxTab other = scene.agent().opens(guest).sees("Here they are");
    assertThat(other.page.locator(".preview img")).isVisible();
    other.picture("inbox-10-files-of-a-message");
    Download download = other.page.waitForDownload(other.files().last()::click);
    org.assertj.core.api.Assertions.assertThat(download.suggestedFilename()).isEqualTo("list.txt");
    org.assertj.core.api.Assertions.assertThat(download.path()).hasBinaryContent(LIST.buffer);
    for (Locator button : List.of(
        inbox.button("Attach files"), inbox.button("Send"), inbox.files().last())) {
      org.assertj.core.api.Assertions.assertThat(button.boundingBox().height)
          .isGreaterThanOrEqualTo(44);
    }
  }

  @Test
  @LongForm(instead = "inbox-files.test.ts")
  void a_file_survives_a_lost_network_and_one_that_is_refused_is_said_to_be() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    scene.agentNetwork.cut();
    assertThat(inbox.page.getByText("Connection lost")).isVisible();
    inbox.attaches(LIST).input().press("Enter");
    assertThat(inbox.page.getByRole(AriaRole.PROGRESSBAR)).isVisible();
    inbox.picture("inbox-11-file-waits");
    scene.agentNetwork.restore();
    assertThat(inbox.files()).hasCount(1);
    assertThat(inbox.page.locator(".waiting")).hasCount(0);
    inbox.attaches(new FilePayload("photo.png", "image/png", "<!DOCTYPE html><p>".getBytes(UTF_8)));
    inbox.says("Look");
    assertThat(inbox.page.locator(".chosen .problem")).containsText("text/html");
    assertThat(inbox.input()).hasValue("Look");
    inbox.picture("inbox-11-file-refused");
    inbox.button("Remove photo.png").press("Enter");
    assertThat(inbox.button("Attach files")).isFocused();
    inbox.input().press("Enter");
    inbox.sees("Look");
    assertThat(inbox.files()).hasCount(1);
  }

  @Test
  @LongForm(instead = "inbox-files.test.ts and GuestFilesTest")
  void an_agent_reads_why_a_long_file_is_refused_before_it_has_arrived() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    inbox.page.evaluate("""
        async ([conversation, files]) => {
          for (let i = 0; i < files; i++) {
            const path = `/inbox/api/conversations/${conversation}/media?ClientId=unsent-${i}`;
            await fetch(path, { method: 'POST', body: 'unsent' });
          }
        }
        """, List.of(guest.conversation(), Limits.MEDIA_UNSENT));
    String text = "a long list\n".repeat(1_000_000);
    inbox.attaches(new FilePayload("long.txt", "text/plain", text.getBytes(UTF_8)));
    inbox.input().press("Enter");
    assertThat(inbox.page.locator(".chosen .problem")).containsText("send them first");
  }

  private static FilePayload photo() {
    BufferedImage image = new BufferedImage(800, 500, BufferedImage.TYPE_INT_RGB);
    Graphics2D drawing = image.createGraphics();
    drawing.setPaint(new GradientPaint(0, 0, Color.ORANGE, 800, 500, Color.BLUE));
    drawing.fillRect(0, 0, 800, 500);
    drawing.dispose();
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new FilePayload("photo.png", "image/png", bytes.toByteArray());
  }

  @Test
  @LongForm(instead = "inbox-composer.test.ts")
  void a_sign_in_that_ends_keeps_the_unsent_reply() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    inbox.input().fill("Half a sentence");
    scene.installation.agents(
        agents -> agents.reset(inbox.agent.name(), GeneratedSecrets.digest("another-password")));
    assertThat(inbox.button("Sign in")).isVisible();
    assertThat(inbox.page.getByText("signed out")).isVisible();
    inbox.page.getByLabel("Name").fill(inbox.agent.name());
    inbox.page.getByLabel("Password").fill("another-password");
    inbox.button("Sign in").click();
    inbox.opens(guest);
    assertThat(inbox.input()).hasValue("Half a sentence");
  }

  @Test
  @LongForm(instead = "offline.test.ts, InboxTest and ConsoleAgentsTest")
  void an_agent_who_is_removed_while_typing_reads_it_and_the_guest_no_longer_sees_it() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent(scene.installation.agent(Agents.Role.AGENT));
    inbox.opens(guest).says("Hi").sees("Hi");
    guest.sees("Hi");
    Locator typing = guest.page.locator(".typing");
    // The widget ignores a sign right after a message; the next one follows after 3 s.
    inbox.input().pressSequentially("Good", new Locator.PressSequentiallyOptions().setDelay(1_200));
    assertThat(typing).hasText(inbox.agent.displayName() + " is typing…");
    int removed = new AgentBrowser(scene.installation)
        .posts("/console/agents/remove", "{\"name\":\"%s\"}".formatted(inbox.agent.name()))
        .status();
    assertThat(removed).isEqualTo(200);
    assertThat(inbox.page.getByText("You were signed out.")).containsText("your replies are kept");
    assertThat(inbox.button("Sign in")).isVisible();
    assertThat(guest.page.locator(".note").last())
        .containsText(inbox.agent.displayName() + " left the chat");
    assertThat(typing).hasText("");
    assertThat(guest.page.locator(".dots")).isHidden();
    guest.is("live");
  }

  @Test
  @LongForm(instead = "inbox-app.test.ts")
  void a_failed_sign_out_is_reported() {
    InboxTab inbox = scene.agent();
    scene.agentNetwork.cut();
    inbox.opensAccountMenu().button("Sign out").click();
    assertThat(inbox.page.getByText("Connection lost")).isVisible();
    assertThat(inbox.button("Sign in")).hasCount(0);
    scene.agentNetwork.restore();
    assertThat(inbox.page.getByText("Connection lost")).isHidden();
    inbox.button("Sign out").click();
    assertThat(inbox.button("Sign in")).isVisible();
  }

  @Test
  @LongForm(instead = "nothing: it makes pictures")
  void the_inbox_fits_a_phone_and_a_dark_theme() {
    GuestTab guest =
        scene.guest().starts("Ada", "Where is my order?").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent(
        scene.installation.agent(),
        profile -> profile.setViewportSize(390, 844).setColorScheme(ColorScheme.DARK));
    assertThat(inbox.item(guest)).isVisible();
    inbox.picture("inbox-6-phone-dark-list").opens(guest).sees("Hello");
    org.assertj.core.api.Assertions.assertThat(contrastOfPlaceholder(inbox.input()))
        .isGreaterThan(4.5); // WCAG 1.4.3, which axe does not check for placeholders
    inbox.says("It left on Monday").sees("It left on Monday").picture("inbox-6-phone-dark-chat");
    inbox.button("Back to the list").click();
    assertThat(inbox.item(guest)).isVisible();
  }

  /** The contrast ratio of WCAG 2 between a field's placeholder and its background. */
  private static double contrastOfPlaceholder(Locator field) {
    return ((Number) field.evaluate("""
        (field) => {
          const luminance = (colour) => {
            const [r, g, b] = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => {
              const value = part / 255;
              return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const text = luminance(getComputedStyle(field, '::placeholder').color);
          const ground = luminance(getComputedStyle(field).backgroundColor);
          return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
        }
        """)).doubleValue();
  }

  @Test
  @LongForm(instead = "inbox-list.test.ts")
  void reading_a_conversation_keeps_the_order_of_the_list_and_a_message_changes_it() {
    GuestTab first = scene.guest().starts("Ada", "").says("One").sees("One");
    GuestTab second = scene.guest().starts("Grace", "").says("Two").sees("Two");
    InboxTab inbox = scene.agent();
    assertThat(inbox.items().first()).hasAttribute("data-sid", second.conversation());
    inbox.opens(first).sees("One");
    assertThat(inbox.unread(first)).isHidden();
    assertThat(inbox.items().first()).hasAttribute("data-sid", second.conversation());
    first.says("Three").sees("Three");
    assertThat(inbox.items().first()).hasAttribute("data-sid", first.conversation());
    assertThat(inbox.item(first)).hasAttribute("aria-current", "true");
  }

  @Test
  @LongForm(instead = "inbox-app.test.ts, and the walk by keys in InboxPageTest")
  void a_double_click_closes_no_conversation_and_a_closed_one_can_be_reopened() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    inbox.button("Close conversation").dblclick();
    assertThat(inbox.button("Click again to close")).isVisible();
    assertThat(inbox.input()).isVisible();
    inbox.closes();
    guest.is("ended");
    GuestTab loadedAfterwards = guest.opensAnotherTab().is("ended");
    assertThat(inbox.session()).containsText("You can reopen it");
    inbox.picture("inbox-5-can-be-reopened");
    inbox.button("Reopen conversation").click();
    inbox.says("One more thing").sees("One more thing");
    guest.is("live").sees("One more thing").says("Yes?").sees("Yes?");
    loadedAfterwards.is("live").sees("One more thing").sees("Yes?");
    inbox.sees("Yes?");
    guest.reloads().is("live").sees("One more thing").says("Again").sees("Again");
  }

  @Test
  @LongForm(instead = "inbox-languages.test.ts")
  void names_and_messages_are_shown_in_their_own_direction() {
    GuestTab guest = scene.guest().starts("Eve \u202Egpj.txt", "").says("שלום!").sees("שלום!");
    InboxTab inbox = scene.agent().opens(guest).sees("שלום!").says("مرحبا!").sees("مرحبا!");
    assertThat(inbox.body("שלום!")).hasCSS("direction", "rtl");
    assertThat(inbox.item(guest).locator(".name")).hasText("Eve gpj.txt");
    assertThat(inbox.item(guest).locator(".last bdi").last()).hasCSS("direction", "rtl");
    assertThat(inbox.line("שלום!").locator("bdi")).hasText("Eve gpj.txt");
    assertThat(inbox.before()).hasText("Eve gpj.txt");
    inbox.input().fill("שלום");
    assertThat(inbox.input()).hasCSS("direction", "rtl");
    inbox.picture("inbox-8-directions");
  }

  @Test
  @LongForm(instead = "inbox-composer.test.ts")
  void a_reply_that_is_too_long_is_kept_in_the_field_and_not_cut() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Hello").sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello");
    String letter = "é".repeat(16 * 1024 + 1);
    inbox.says(letter);
    assertThat(inbox.page.getByText("This reply is too long")).isVisible();
    assertThat(inbox.input()).hasValue(letter);
    inbox.picture("inbox-9-too-long");
    String fits = letter.substring(1);
    inbox.says(fits).sees(fits);
    assertThat(inbox.input()).hasValue("");
  }

  @Test
  @LongForm(instead = "styles.test.ts")
  void with_forced_colours_every_control_has_a_border() {
    GuestTab guest = scene.guest(profile -> profile.setForcedColors(ForcedColors.ACTIVE));
    guest.starts("Ada", "").says("Hello").sees("Hello").picture("guest-9-forced-colours");
    InboxTab inbox = scene.agent(
        scene.installation.agent(), profile -> profile.setForcedColors(ForcedColors.ACTIVE));
    inbox.opens(guest).sees("Hello").says("Hi").sees("Hi").picture("inbox-9-forced-colours");
    for (Locator one : List.of(
        guest.body("Hello"), guest.button("Send"), inbox.body("Hello"), inbox.button("Send"))) {
      assertThat(one).hasCSS("border-top-style", "solid");
      assertThat(one).hasCSS("border-top-width", "1px");
    }
  }

  @Test
  @LongForm(instead = "nothing: it makes pictures")
  void the_demo_shop_and_the_inbox_side_by_side() {
    Page page = scene.page(profile -> profile);
    String demo = scene.guestNetwork.address() + "/demo";
    page.navigate(demo);
    assertThat(page.getByText("This page needs a deployment key")).isVisible();
    Scene.picture(page, "demo-1-without-a-key");
    GuestTab guest =
        new GuestTab(scene, page, demo + "?deploymentKey=" + scene.deployment.text()).arrives();
    guest
        .picture("demo-2-the-page")
        .starts("Ada", "Do you have mint?")
        .says("Hello")
        .sees("Hello");
    InboxTab inbox = scene.agent().opens(guest).sees("Hello").says("We do");
    guest.sees("We do").picture("demo-3-a-chat");
    inbox.says("Come by").picture("inbox-7-a-chat-with-the-demo");
    guest.sees("Come by");
  }
}
