package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import com.microsoft.playwright.FrameLocator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.Sid;
import parlour.spec.Installation.Shape;

/**
 * The chat in pages with their own styles, scripts, frames and frameworks, which disturb it.
 */
class HostPageTest {
  /**
   * Rules of real sites, and others that could harm the chat. Each is also tested with {@code
   * !important}. With the last ones, fixed elements move along with {@code html}, and the page is
   * taller than the screen.
   */
  private static final List<String> RULES = List.of(
      "div:empty, :empty{display:none}",
      ":not(:defined){visibility:hidden;opacity:0}",
      "div, body > *, html >"
          + " *{color:#fff;background:#fff;text-transform:uppercase;letter-spacing:.4em}",
      "*{color:#fff;-webkit-text-fill-color:#fff;text-shadow:0 0 9px red;-webkit-text-stroke:3px"
          + " red}",
      "* > *{position:relative;z-index:1;top:-5000px;left:-5000px;margin:50px;padding:50px}",
      "*{display:block;transform:translateZ(0);float:left;clear:both}",
      "*{opacity:.1;filter:blur(9px);mix-blend-mode:difference}",
      "*{pointer-events:none;user-select:none;cursor:none;touch-action:none}",
      "*{visibility:hidden;overflow:hidden}"
          + " :not(html){content-visibility:hidden;clip-path:inset(50%)}",
      "*{contain:strict;will-change:transform;perspective:1px;container-type:size;isolation:isolate}",
      "*{writing-mode:vertical-rl;text-orientation:upright;unicode-bidi:bidi-override}",
      ":not(html){zoom:.2;scale:.2;rotate:90deg;translate:99px 99px;font-size:1px;line-height:0}",
      ":not(html){animation:away 1s infinite;transition:all 9s}"
          + "@keyframes away{from{opacity:0;transform:translateX(-999px)}to{opacity:0}}",
      "*{--brand:red;--bg:#fff;--ink:#fff;--plr-bg:red;--plr-ink:red;--plr-brand:red;--plr-on:red}",
      "@property --bg{syntax:'<length>';inherits:false;initial-value:0px}",
      ":not(x){width:0;height:0;min-width:0;max-width:0;max-height:0;inset:auto}",
      "[data-parlour], [data-theme], parlour-chat{display:none;color:red;color-scheme:only dark}",
      "*{font:italic 900 40px/3"
          + " serif;text-align:right;text-indent:99px;white-space:nowrap;hyphens:auto}",
      "*{accent-color:red;caret-color:transparent;list-style:square;quotes:none;tab-size:99}",
      "@layer page{html > *, body *{display:none!important}}"
          + " ::backdrop{background:#000;display:block}",
      "html{display:grid;grid-template-columns:1fr 1fr;gap:99px}"
          + " body{opacity:0;transform:scale(.1)}",
      "html, body{height:3000px} body{filter:blur(1px);transform:translateY(40px);overflow:hidden}",
      "html{height:3000px;will-change:transform}",
      "html{height:3000px;transform:translateZ(0)}",
      "html{height:3000px;contain:paint}",
      "html{height:3000px;perspective:1px}");

  /**
   * Every computed property of the visible parts, their positions, and whether a click hits them.
   */
  private static final String LOOKS = """
      async css => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets = [sheet];
        const host = document.querySelector('[data-parlour]');
        host.remove(); // the widget puts it back, as in a page that has these rules from the start
        await new Promise((resolve) => setTimeout(resolve, 120)); // or the widget would give up
        const looks = {};
        for (const seen of ['.bubble', '.panel', 'h2', '.start p:not(.away)', 'label', 'input', '.go']) {
          const element = host.shadowRoot.querySelector(seen);
          const style = getComputedStyle(element);
          for (const name of style) looks[seen + ' ' + name] = style.getPropertyValue(name);
          const { x, y, width, height } = element.getBoundingClientRect();
          looks[seen + ' stands at'] = [x, y, width, height].map(Math.round).join();
          const at = [x + width / 2, y + height / 2];
          looks[seen + ' is hit'] = document.elementFromPoint(...at) === host
            && element.contains(host.shadowRoot.elementFromPoint(...at));
        }
        const { opacity, visibility, filter, transform } = getComputedStyle(host);
        looks.host = [opacity, visibility, filter, transform].join();
        return JSON.stringify(looks);
      }
      """;

  /** Whether the browser has no entry of the chat, in any store. */
  private static final String KEEPS_NOTHING = """
      async () => {
        let entries = localStorage.length;
        for (const { name } of await indexedDB.databases()) {
          await new Promise((resolve) => {
            const opening = indexedDB.open(name);
            opening.onsuccess = () => {
              const database = opening.result;
              const reading = database.transaction([...database.objectStoreNames]);
              for (const store of database.objectStoreNames) {
                const counting = reading.objectStore(store).count();
                counting.onsuccess = () => { entries += counting.result; };
              }
              reading.oncomplete = () => { database.close(); resolve(); };
            };
          });
        }
        return entries === 0;
      }
      """;

  private static final String DIFFERENCES = """
      ([before, now]) => {
        const [one, other] = [JSON.parse(before), JSON.parse(now)];
        return Object.keys(one).filter((name) => one[name] !== other[name])
          .map((name) => `${name}: ${one[name]} became ${other[name]}`);
      }
      """;

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void no_style_of_the_page_changes_the_look_or_place_of_the_chat() {
    GuestTab guest = scene.guest().opens();
    Object before = guest.page.evaluate(LOOKS, "");
    assertThat(String.valueOf(before)).doesNotContain("is hit\":false");
    for (String rules : RULES) {
      for (String css : List.of(rules, rules.replaceAll("(?<!!important)([;}])", "!important$1"))) {
        Object now = guest.page.evaluate(LOOKS, css);
        assertThat((List<?>) guest.page.evaluate(DIFFERENCES, List.of(before, now)))
            .as(css)
            .isEmpty();
      }
    }
    guest.picture("guest-10-hostile-styles");
  }

  @Test
  void a_page_that_replaces_its_body_keeps_the_chat_and_its_draft() {
    GuestTab guest = scene.guest().starts("Ada", "").says("Before").sees("Before");
    guest.input().fill("Half a");
    guest.page.evaluate("""
        () => {
          const body = document.createElement('body');
          body.append('Another page of the shop');
          document.documentElement.replaceChild(body, document.body);
        }
        """);
    assertThat(guest.input()).hasValue("Half a");
    guest.says("After").sees("After");
    guest.page.evaluate(
        "() => document.documentElement.replaceChildren(document.createElement('body'))");
    guest.is("live").says("And again").sees("And again").sees("Before");
    guest.reloads().is("live").sees("And again");
  }

  @Test
  void a_script_that_is_loaded_twice_gives_one_chat() {
    GuestTab guest = scene.guest();
    guest.page.evaluate("""
        (address) => new Promise((loaded) => {
          const policy = trustedTypes.createPolicy('shop', { createScriptURL: (url) => url });
          const script = document.createElement('script');
          script.src = policy.createScriptURL(address);
          script.onload = loaded;
          document.head.append(script);
        }).then(() => undefined)
        """, scene.guestNetwork.address() + "/webchat.js");
    guest.page.evaluate(
        "key => { window.unread = []; Parlour.initWebchat(key).on('state', (is) =>"
            + " window.unread.push(is)); }",
        scene.deployment.text());
    assertThat(guest.page.locator("[data-parlour]")).hasCount(1);
    guest.starts("Ada", "").says("Once").sees("Once");
    assertThat(guest.page.evaluate("window.unread.at(-1)")).isEqualTo("live");
  }

  @Test
  void shortcuts_and_focus_guards_of_the_page_do_not_affect_the_chat() {
    GuestTab guest = scene.guest().starts("Ada", "");
    guest.page.evaluate("""
        () => {
          const link = document.querySelector('a');
          window.keys = [];
          for (const name of ['keydown', 'keypress', 'keyup']) {
            addEventListener(name, (event) => {
              if (/INPUT|TEXTAREA/.test(event.target.tagName)) return;
              window.keys.push(event.key);
              event.preventDefault();
              link.focus();
            });
          }
          document.addEventListener('focusin', (event) => {
            if (event.target !== link) link.focus();
          });
        }
        """);
    guest.input().click();
    guest.page.keyboard().type("susan");
    assertThat(guest.input()).hasValue("susan");
    guest.page.keyboard().press("Enter");
    guest.sees("susan");
    guest.page.keyboard().press("Escape");
    assertThat(guest.panel()).isHidden();
    assertThat((List<?>) guest.page.evaluate("window.keys")).isEmpty();
  }

  @Test
  @LongForm(instead = "languages.test.ts")
  void the_chat_speaks_twelve_languages_in_their_direction_and_every_text_fits() {
    GuestTab guest = scene.guest();
    String begins = """
        async ([key, language]) => {
          Parlour.initWebchat(key).destroy();
          Parlour.initWebchat({ deploymentKey: key, language, appStatus: 'open' });
        }
        """;
    String tooNarrow = """
        () => [...document.querySelector('[data-parlour]').shadowRoot.querySelectorAll('button, h2, p, label')]
          .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.textContent)
        """;
    for (String language :
        List.of("en", "de", "fr", "es", "it", "nl", "pl", "pt-BR", "sv", "he", "ja", "ar")) {
      guest.page.evaluate(begins, List.of(scene.deployment.text(), language));
      assertThat(guest.panel()).isVisible();
      assertThat(guest.page.locator("parlour-chat"))
          .hasAttribute(
              "lang", language.equals("en") ? "en-GB" : language); // the browser knows the region
      boolean fromTheRight = List.of("he", "ar").contains(language);
      assertThat(guest.panel()).hasCSS("direction", fromTheRight ? "rtl" : "ltr");
      assertThat((List<?>) guest.page.evaluate(tooNarrow)).as(language).isEmpty();
    }
    guest.picture("guest-16-arabic");
    guest.page.getByLabel("اسمك").fill("آدا");
    guest.page.getByLabel("كيف يمكننا مساعدتك؟").fill("هل المتجر مفتوح يوم الأحد؟");
    guest.button("بدء المحادثة").click();
    guest.is("live").sees("هل المتجر مفتوح يوم الأحد؟").picture("guest-16-arabic-chat");
  }

  @Test
  @LongForm(instead = "main.test.ts and styles.test.ts")
  void the_chat_stands_in_an_element_without_a_bubble_or_in_another_corner_as_the_page_wants() {
    GuestTab guest = scene.guest();
    guest.page.evaluate("""
        key => {
          const box = document.createElement('div');
          box.id = 'chat';
          Object.assign(box.style, { width: '400px', height: '500px' });
          document.querySelector('main').append(box);
          Parlour.initWebchat(key).destroy();
          window.chat = Parlour.initWebchat({ deploymentKey: key, target: '#chat' });
        }
        """, scene.deployment.text());
    assertThat(guest.panel()).isVisible();
    assertThat(guest.page.locator(".bubble")).isHidden();
    String inside = """
        () => {
          const [box, panel] = [document.querySelector('#chat'),
            document.querySelector('[data-parlour]').shadowRoot.querySelector('.panel')]
            .map((one) => one.getBoundingClientRect());
          return ['left', 'top', 'right', 'bottom'].every((edge) => Math.abs(box[edge] - panel[edge]) < 2);
        }
        """;
    assertThat(guest.page.evaluate(inside)).isEqualTo(true);
    guest.fillsIn("Ada", "In the page?").sees("In the page?").picture("guest-16-in-the-page");
    assertThat(guest.page.evaluate("window.chat.send('From the page')")).isEqualTo(true);
    guest.sees("From the page");
    guest.page.evaluate(
        "window.chat.update({ theme: { color: '#7a1fa2' }, texts: { title: 'Ask the shop' } })");
    assertThat(guest.page.locator("h2")).hasText("Ask the shop");
    guest.sees("From the page").says("Still here").sees("Still here");
    guest.page.evaluate("""
        key => {
          window.chat.destroy();
          window.chat = Parlour.initWebchat(
            { deploymentKey: key, launcher: false, position: { side: 'left', x: 10, y: 30 }, zIndex: 7 });
          document.querySelector('a').focus();
          window.chat.open();
        }
        """, scene.deployment.text());
    guest.is("live").sees("Still here");
    assertThat(guest.page.locator(".bubble")).isHidden();
    var box = Objects.requireNonNull(guest.panel().boundingBox());
    assertThat(box.x).isEqualTo(10);
    assertThat(box.y + box.height).isEqualTo(760 - 30);
    assertThat(guest.page.locator("parlour-chat")).hasCSS("z-index", "7");
    guest.input().press("Escape");
    assertThat(guest.page.locator("a")).isFocused();
  }

  @Test
  void three_presses_of_escape_leave_for_another_page_and_nothing_of_the_chat_stays() {
    String elsewhere = "https://weather.example.com/";
    GuestTab guest = scene.guest();
    guest.page.route(
        elsewhere,
        route -> route.fulfill(
            new Route.FulfillOptions().setContentType("text/html").setBody("<h1>Weather</h1>")));
    guest.page.evaluate("""
        ([key, exit]) => {
          Parlour.initWebchat(key).destroy();
          Parlour.initWebchat({ deploymentKey: key, exit });
        }
        """, List.of(scene.deployment.text(), elsewhere));
    guest.starts("Ada", "Does anybody see this?").sees("Does anybody see this?");
    Sid.Conversation chat = new Sid.Conversation(guest.conversation());
    Object before = guest.page.evaluate("history.length");
    guest.input().press("Escape");
    assertThat(guest.panel()).isHidden();
    guest.page.keyboard().press("Escape");
    guest.page.keyboard().press("Escape");
    assertThat(guest.page).hasURL(elsewhere);
    assertThat(guest.page.evaluate("history.length"))
        .as("Back leads to no chat")
        .isEqualTo(before);
    until("the chat has ended at the server", () -> scene.hasEnded(chat));
    guest.arrives().opens();
    assertThat(guest.page.getByLabel("Your name")).hasValue("");
    guest.page.waitForCondition(() -> (Boolean) guest.page.evaluate(KEEPS_NOTHING));
  }

  @Test
  void a_page_whose_fetch_adds_headers_can_chat() {
    Page page = scene.page(profile -> profile);
    page.addInitScript("""
        const plain = window.fetch;
        window.fetch = (address, init) => plain(address, {
          ...init,
          headers: { ...init.headers, traceparent: '00-%s-%s-01', 'x-datadog-origin': 'rum' },
        });
        """.formatted("1".repeat(32), "1".repeat(16)));
    new GuestTab(scene, page, scene.site.page(scene.deployment))
        .arrives()
        .starts("Ada", "")
        .says("Traced")
        .sees("Traced");
  }

  @Test
  void a_sandboxed_frame_without_forms_can_chat() {
    Page page = scene.page(profile -> profile);
    String address = scene.site.origin() + "/framed";
    page.route(
        address,
        route -> route.fulfill(new Route.FulfillOptions()
            .setContentType("text/html")
            .setBody("<!doctype html><iframe sandbox='allow-scripts allow-same-origin' width=900"
                + " height=700 src='"
                + scene.site.page(scene.deployment) + "'></iframe>")));
    page.navigate(address);
    FrameLocator frame = page.frameLocator("iframe");
    frame.getByLabel("Open the chat").click();
    frame.getByLabel("Your name").fill("Ada");
    frame.getByLabel("Your name").press("Enter");
    assertThat(frame.locator(".panel[data-state=live]")).isVisible();
    frame.getByLabel("Write a message").fill("By the button");
    frame.locator(".composer .go").click();
    assertThat(frame.locator(".mine:not(.waiting) .body")).hasText("By the button");
    frame.getByLabel("Write a message").fill("By Enter");
    frame.getByLabel("Write a message").press("Enter");
    assertThat(frame.locator(".mine:not(.waiting) .body")).hasCount(2);
    assertThat(scene.expectedConsoleMessage())
        .contains("sandbox"); // Chromium warns of this attribute
  }
}
