package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ForcedColors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** The inbox of a team at work, in each look: the pictures of docs/screenshots. */
@LongForm(instead = "nothing: it makes pictures")
class InboxPicturesTest {

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @Test
  void a_team_at_work_looks_good_in_every_look() {
    InboxTab ann = scene.agentNamed("Ann");
    InboxTab ben = scene.agentNamed("Ben");
    asks("Friedrich von der Heide", "Is the Garden Verbena caffeine free?");
    asks("محمد علي", "مرحبا، هل المتجر مفتوح؟");
    GuestTab chiara = asks("Chiara Rossi", "Do you ship to Italy?");
    GuestTab ada = asks("Ada Lovelace", "Hello, where is my order 4711?");
    ben.opens(chiara).sees("Do you ship to Italy?").button("Claim").click();
    ben.field("Add a label").fill("shipping");
    ben.presses("Enter")
        .says("We do: https://shop.example/shipping")
        .sees("We do: https://shop.example/shipping");
    ben.opens(ada);
    ann.button("All").click();
    ann.opens(ada).button("Claim").click();
    ann.says("Hello Ada, let me look it up for you.")
        .says("It left our warehouse this morning and arrives tomorrow.");
    ada.sees("It left our warehouse this morning and arrives tomorrow.")
        .says("Wonderful, thank you!");
    ben.button("Note").click();
    ben.field("Note").fill("She is a regular: be generous.");
    ben.presses("Enter");
    ann.sees("She is a regular: be generous.").sees("Wonderful, thank you!");
    ann.field("Add a label").fill("order");
    ann.presses("Enter");
    assertThat(ann.page.locator(".label-chip")).hasCount(1);
    Page page = ann.page;
    page.setViewportSize(1200, 680);
    ann.input().focus();
    assertThat(page.locator(".tabs .count")).hasText(new String[] {"3", "1", "2"});
    ann.picture("docs-inbox-light");
    assertThat(page.locator(".guest .page bdi")).hasText("https://shop.example/teas/verbena");
    filters(ann, chiara);
    ann.opens(ada).sees("Wonderful, thank you!");
    ann.field("Search conversations").fill("ship italy");
    assertThat(page.locator(".results .item")).hasCount(1);
    page.locator(".results .item").click();
    assertThat(page.locator(".line[data-found]")).isFocused();
    ann.picture("docs-inbox-search");
    ann.field("Search conversations").fill("");
    ann.opens(ada).sees("Wonderful, thank you!");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    ann.picture("docs-inbox-dark");
    ann.button("Note").click();
    ann.picture("docs-inbox-note-dark");
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    speaks(ann, "Language", "ar").button("الكل").click();
    ann.opens(ada).sees("Wonderful, thank you!");
    ann.picture("docs-inbox-right-to-left");
    speaks(ann, "اللغة", "en").button("All").click();
    ann.opens(ada).sees("Wonderful, thank you!");
    ann.button("Reply").click();
    page.emulateMedia(new Page.EmulateMediaOptions().setForcedColors(ForcedColors.ACTIVE));
    ann.picture("docs-inbox-forced-colours");
    page.emulateMedia(new Page.EmulateMediaOptions().setForcedColors(ForcedColors.NONE));
    page.setViewportSize(390, 760);
    ann.picture("docs-inbox-phone-conversation");
    ann.button("Details").click();
    ann.picture("docs-inbox-phone-details");
    ann.button("Hide the details").click();
    ann.button("Back to the list").click();
    ann.picture("docs-inbox-phone-list");
  }

  private static void filters(InboxTab ann, GuestTab shipping) {
    ann.button("Filter").click();
    ann.page.locator(".filter [name=state]").selectOption("active");
    ann.page.locator(".filter [name=label]").selectOption("shipping");
    assertThat(ann.items()).hasCount(1);
    ann.opens(shipping).sees("Do you ship to Italy?");
    ann.picture("docs-inbox-filter");
    ann.button("Clear the filter").click();
    assertThat(ann.items()).hasCount(4);
  }

  private static InboxTab speaks(InboxTab inbox, String language, String code) {
    inbox.opensAccountMenu().button(language).click();
    inbox.field(language).selectOption(code);
    assertThat(inbox.page.locator("html")).hasAttribute("lang", Pattern.compile(code + ".*"));
    return inbox;
  }

  private static GuestTab asks(String name, String question) {
    GuestTab guest = scene.guest();
    guest.page.evaluate("() => history.replaceState(null, '', '/teas/verbena')");
    return guest.starts(name, question).sees(question);
  }
}
