package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Eventually;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** The inbox in other languages than English. */
class InboxLanguagesTest {

  /** Elements beside each other that must not cover each other, each with the names of both. */
  private static final String OVERLAPS = """
      [...document.querySelectorAll('.top, .chat header, .tabs, .item, .item .row, .tools, .modes, '
        + '.chosen-agent, .label-chip, .sign-in')].flatMap((parent) => {
        const shown = [...parent.children].filter((one) => one.checkVisibility({ visibilityProperty: true })
          && one.getBoundingClientRect().width > 1 && getComputedStyle(one).position !== 'fixed');
        const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
          && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        return shown.flatMap((one, at) => shown.slice(at + 1)
          .filter((other) => covers(one.getBoundingClientRect(), other.getBoundingClientRect()))
          .map((other) => `${one.outerHTML} and ${other.outerHTML}`));
      })
      """;

  /** Bars whose last button would be outside. */
  private static final String CUT_OFF = """
      [document.documentElement, ...document.querySelectorAll('.tabs, .top, .chat header')]
        .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML)
      """;

  /** Texts whose first letter is outside of an element that cuts off what does not fit. */
  private static final String BEGINNING_CUT_OFF = """
      [...document.querySelectorAll('.item bdi, .item .last, .label-chip bdi')].filter((one) => {
        const text = document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode();
        if (!text?.data.trim()) return false;
        const range = new Range();
        range.setStart(text, 0);
        range.setEnd(text, 1);
        const first = range.getBoundingClientRect();
        const boxes = [];
        for (let box = one; !box.matches('.item, .label-chip'); box = box.parentElement) boxes.push(box);
        return boxes.filter((box) => getComputedStyle(box).overflowX !== 'visible')
          .map((box) => box.getBoundingClientRect())
          .some(({ left, right }) => first.left < left - 1 || first.right > right + 1);
      }).map((one) => one.outerHTML)
      """;

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  @LongForm(instead = "the walk in Arabic")
  void an_agent_whose_browser_is_german_works_in_german() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Guten Tag").sees("Guten Tag");
    InboxTab ann = tab("de-AT");
    ann.arrives();
    assertThat(ann.page.locator("html")).hasAttribute("lang", "de-AT");
    assertThat(ann.page.locator(".sign-in h1")).hasText("Posteingang");
    ann.page.locator("[name=name]").fill(ann.agent.name());
    ann.page.locator("[name=password]").fill("wrong");
    ann.button("Anmelden").click();
    assertThat(ann.page.locator(".problem")).hasText("Name oder Passwort ist falsch.");
    ann.picture("inbox-17-sign-in-in-german").signsIn();
    assertThat(ann.page).hasTitle(Pattern.compile("Posteingang – Parlour"));
    ann.button("Alle").click();
    ann.opens(guest).sees("Guten Tag").button("Übernehmen").click();
    assertThat(ann.field("Zugewiesen an")).hasValue(ann.agent.identity().text());
    ann.field("Antwort").fill("Servus");
    ann.presses("Enter").sees("Servus");
    guest.sees("Servus");
    assertThat(ann.page.locator(".day")).hasText("Heute");
    ann.button("Notiz").click();
    ann.field("Notiz").fill("ruft morgen an");
    ann.presses("Enter").sees("ruft morgen an");
    assertThat(ann.line("ruft morgen an")).containsText("Notiz, nur für das Team");
    Locator search = ann.field("Unterhaltungen durchsuchen");
    Eventually.until("the reply is in the index", () -> {
      search.fill("");
      search.fill("servus");
      ann.page.waitForTimeout(500); // the page asks a moment after the last character
      return ann.page.locator(".results .item").count() == 1;
    });
    assertThat(ann.page.locator(".results .item")).hasCount(1);
    search.fill("");
    isTidy(ann, "inbox-17-german");
    ann.button("Unterhaltung schließen").click();
    assertThat(ann.page.locator(".closing")).hasText("Zum Schließen noch einmal");
    ann.page.locator("[data-sure=yes]").click();
    guest.is("ended");
    assertThat(ann.button("Wieder öffnen")).isVisible();
    ann.page.reload();
    assertThat(ann.page.locator("h1")).hasText("Posteingang");
  }

  @Test
  @LongForm(instead = "inbox-languages.test.ts")
  void an_agent_chooses_arabic_and_works_from_right_to_left() {
    GuestTab guest = scene.guest().starts("ليلى حداد", "").says("مرحبا", "أين طلبي 4711؟");
    guest.sees("أين طلبي 4711؟");
    InboxTab ann = tab("en-GB");
    ann.arrives();
    ann.field("Language").selectOption("ar");
    assertThat(ann.page.locator("html")).hasAttribute("dir", "rtl");
    assertThat(ann.page.locator("html")).hasAttribute("lang", "ar");
    isTidy(ann, "inbox-18-sign-in-in-arabic");
    ann.signsIn();
    ann.button("الكل").click();
    ann.opens(guest).sees("أين طلبي 4711؟").button("تولّي").click();
    ann.field("رد").fill("سأبحث عنه حالًا.");
    ann.presses("Enter").sees("سأبحث عنه حالًا.");
    guest.sees("سأبحث عنه حالًا.");
    ann.field("إضافة وسم").fill("Awaiting the answer of the warehouse");
    ann.presses("Enter");
    assertThat(ann.page.locator(".label-chip")).hasCount(1);
    ann.field("رد").fill("It arrives at https://shop.example/orders/4711 tomorrow.");
    ann.presses("Enter").sees("It arrives at https://shop.example/orders/4711 tomorrow.");
    guest.sees("It arrives at https://shop.example/orders/4711 tomorrow.");
    assertThat(ann.item(guest).locator(".last")).containsText("It arrives");
    assertThat((List<?>) ann.page.evaluate(BEGINNING_CUT_OFF)).isEmpty();
    isAtTheRight(ann.page.locator(".list"), ann.page.locator(".chat"));
    isAtTheRight(ann.page.locator(".chat"), ann.page.locator(".details"));
    isTidy(ann, "inbox-18-arabic");
    ann.opensAccountMenu();
    isAtTheRight(ann.page.locator(".chat .log"), ann.page.locator(".account"));
    ann.picture("inbox-18-menu-in-arabic");
    ann.button("اللغة").click();
    ann.field("اللغة").selectOption("he");
    assertThat(ann.page.locator(".top h1")).hasText("תיבת דואר נכנס");
    ann.button("הכול").click();
    ann.opens(guest).sees("سأبحث عنه حالًا.");
    isTidy(ann, "inbox-18-hebrew");
    ann.page.setViewportSize(390, 760);
    isTidy(ann, "inbox-18-phone-in-hebrew");
    ann.button("חזרה לרשימה").click();
    isTidy(ann, "inbox-18-phone-list-in-hebrew");
    ann.opensAccountMenu().button("שפה").click();
    ann.field("שפה").selectOption("");
    assertThat(ann.page.locator(".top h1")).hasText("Inbox");
    assertThat(ann.page.locator("html")).hasAttribute("dir", "ltr");
  }

  private static InboxTab tab(String locale) {
    return new InboxTab(
        scene,
        scene.page(profile -> profile.setLocale(locale).setViewportSize(1200, 680)),
        scene.installation.agent());
  }

  private static void isTidy(InboxTab inbox, String picture) {
    inbox.picture(picture);
    assertThat((List<?>) inbox.page.evaluate(OVERLAPS)).isEmpty();
    assertThat((List<?>) inbox.page.evaluate(CUT_OFF)).isEmpty();
  }

  private static void isAtTheRight(Locator right, Locator left) {
    assertThat(right.boundingBox().x).isGreaterThan(left.boundingBox().x);
  }
}
