package parlour.spec.chromium;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A window of any browser, with the actions that {@link ChatWalkthrough} and {@link InboxWalkthrough} need. */
interface BrowserWindow {
  /** Keys that enter no text, by their names in the DOM and their code points in WebDriver. */
  enum Key {
    ENTER("Enter", '\uE007'),
    ESCAPE("Escape", '\uE00C'),
    HOME("Home", '\uE011'),
    PAGE_DOWN("PageDown", '\uE00F');

    final String inDom;
    final char inWebDriver;

    Key(String inDom, char inWebDriver) {
      this.inDom = inDom;
      this.inWebDriver = inWebDriver;
    }
  }

  void navigates(String address);

  void reloads();

  /** Another window of the same browser, with the same storage. */
  BrowserWindow opensAnother(String address);

  /** Closes this window, and returns when its page is gone. */
  void closes();

  /**
   * Runs the body of a function in the page.
   *
   * @return its result: null, a text, a number or a boolean
   */
  @Nullable
  Object runs(String script);

  /** Clicks an element of the chat, or of a page without one, as a person with a mouse does. */
  void clicks(String selector);

  /** Types into the element that has the focus. */
  void types(String text);

  void presses(Key key);

  void picture(Path file);
}
