package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.nio.file.Path;
import java.util.Objects;

/** A chat, from a guest's first click to its erasure, in a browser with a dark colour scheme. */
final class ChatWalkthrough {
  static final Path PICTURES = Path.of("target", "screenshots");
  static final String CHAT = "const chat = document.querySelector('[data-parlour]')?.shadowRoot; ";
  static final String SESSION = "localStorage.getItem('TWILIO_WEBCHAT_WIDGET')";

  private final Scene scene;
  private final String engine;
  private final BrowserWindow window;
  private final String shop;

  ChatWalkthrough(Scene scene, String engine, BrowserWindow window) {
    this.scene = scene;
    this.engine = engine;
    this.window = window;
    this.shop = scene.site.page(scene.deployment);
  }

  void run() {
    chats();
    isDark();
    scrollsByKeyboard();
    closesAndOpensByKeyboard();
    continuesAfterReloadAndInAnotherWindow();
    isInterruptedWithEverythingInView();
    erases();
  }

  private void chats() {
    starts(window, shop);
    says(window, "Hello");
    for (int n = 1; n <= 15; n++) {
      scene.botSays(conversation(), "Answer " + n);
    }
    sees(window, "Answer 15");
  }

  private void isDark() {
    assertThat(text("return getComputedStyle(chat.querySelector('.panel')).backgroundColor"))
        .isEqualTo("rgb(25, 28, 36)");
    assertThat(text("return getComputedStyle(chat.querySelector('textarea')).colorScheme"))
        .isEqualTo("dark");
    window.picture(PICTURES.resolve("engine-" + engine + "-1-dark.png"));
  }

  /** Scrolls to the top, where there is nothing older to load, and down again. */
  private void scrollsByKeyboard() {
    evaluate("chat.querySelector('.log').focus()");
    window.presses(BrowserWindow.Key.HOME);
    until("the log is at its top", () -> scrolled() == 0);
    window.presses(BrowserWindow.Key.PAGE_DOWN);
    until("the log goes down", () -> scrolled() > 0);
    evaluate("const log = chat.querySelector('.log'); log.scrollTop = log.scrollHeight");
  }

  private double scrolled() {
    Object top = window.runs(CHAT + "return chat.querySelector('.log').scrollTop");
    return ((Number) Objects.requireNonNull(top)).doubleValue();
  }

  private void closesAndOpensByKeyboard() {
    window.clicks(".composer textarea");
    window.presses(BrowserWindow.Key.ESCAPE);
    until("the window is closed", () -> isTrue("return chat.querySelector('.panel').hidden"));
    window.presses(BrowserWindow.Key.ENTER); // the bubble has the focus
    until("the window is open", () -> isTrue("return !chat.querySelector('.panel').hidden"));
    until(
        "the field has the focus",
        () -> isTrue("return chat.activeElement === chat.querySelector('.composer textarea')"));
  }

  private void continuesAfterReloadAndInAnotherWindow() {
    window.reloads();
    opens(window);
    is(window, "live");
    sees(window, "Answer 15");
    BrowserWindow other = window.opensAnother(shop);
    opens(other);
    is(other, "live");
    sees(other, "Hello");
    says(other, "From the other window");
    sees(window, "From the other window");
    other.closes();
  }

  /**
   * The page stores the forged token as it goes away, and no other window is open. Otherwise the chat
   * that is still open could use the token first, be interrupted, and remove the session, so that the
   * page that loads finds none.
   */
  private void isInterruptedWithEverythingInView() {
    evaluate("const kept = JSON.parse(" + SESSION + "); kept.token = 'plr1.forged';"
        + " addEventListener('pagehide', () =>"
        + " localStorage.setItem('TWILIO_WEBCHAT_WIDGET', JSON.stringify(kept)))");
    window.reloads();
    opens(window);
    is(window, "interrupted");
    assertThat(text("return chat.querySelector('.banner').textContent")).contains("45775");
    for (String said : new String[] {"Hello", "Answer 1", "Answer 15", "From the other window"}) {
      sees(window, said);
    }
    window.picture(PICTURES.resolve("engine-" + engine + "-2-interrupted.png"));
  }

  private void erases() {
    window.clicks("header button[aria-controls=menu]");
    window.clicks(".menu .erase");
    is(window, "idle");
    until("nothing is stored", () -> isTrue("return " + SESSION + " === null"));
    window.picture(PICTURES.resolve("engine-" + engine + "-3-erased.png"));
  }

  // ---- steps

  static void starts(BrowserWindow in, String page) {
    in.navigates(page);
    opens(in);
    fillsIn(in);
    is(in, "live");
  }

  static void fillsIn(BrowserWindow in) {
    in.clicks("[name=friendlyName]");
    in.types("Ada");
    in.clicks(".start .go");
  }

  /** Opens the chat, unless it is open, as after a reload. */
  static void opens(BrowserWindow in) {
    until(
        "the chat is on the page, and no window is being loaded",
        () -> isTrue(in, "return chat?.querySelector('.bubble').ariaBusy === 'false'"));
    if (isTrue(in, "return !chat.querySelector('.panel:not([hidden])')")) {
      in.clicks(".bubble");
    }
  }

  static void says(BrowserWindow in, String text) {
    in.clicks(".composer textarea");
    in.types(text);
    in.presses(BrowserWindow.Key.ENTER);
    sees(in, text);
  }

  /** Waits until the message is shown once, and was sent. */
  static void sees(BrowserWindow in, String text) {
    until(
        "\"" + text + "\" is seen",
        () -> isTrue(
            in,
            "return [...chat.querySelectorAll('.line:not(.waiting) .body')]"
                + ".filter((body) => body.textContent === '" + text + "').length === 1"));
  }

  static void is(BrowserWindow in, String state) {
    until(
        "the chat is " + state,
        () -> isTrue(in, "return chat.querySelector('.panel')?.dataset.state === '" + state + "'"));
  }

  private String conversation() {
    return text("return JSON.parse(" + SESSION + ").conversationSid");
  }

  private String text(String script) {
    return String.valueOf(window.runs(CHAT + script));
  }

  private void evaluate(String script) {
    window.runs(CHAT + script);
  }

  private boolean isTrue(String script) {
    return isTrue(window, script);
  }

  static boolean isTrue(BrowserWindow in, String script) {
    return Boolean.TRUE.equals(in.runs(CHAT + script));
  }
}
