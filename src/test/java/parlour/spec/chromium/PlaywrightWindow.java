package parlour.spec.chromium;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A window of a browser that Playwright drives. */
record PlaywrightWindow(Page page) implements BrowserWindow {
  static PlaywrightWindow in(BrowserContext profile) {
    profile.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    return new PlaywrightWindow(profile.newPage());
  }

  @Override
  public void navigates(String address) {
    page.navigate(address);
  }

  @Override
  public void reloads() {
    page.reload();
  }

  @Override
  public BrowserWindow opensAnother(String address) {
    BrowserWindow other = new PlaywrightWindow(page.context().newPage());
    other.navigates(address);
    return other;
  }

  @Override
  public void closes() {
    page.close();
  }

  @Override
  public @Nullable Object runs(String script) {
    return page.evaluate("() => {" + script + "}");
  }

  @Override
  public void clicks(String selector) {
    page.locator(selector).click();
  }

  @Override
  public void types(String text) {
    page.keyboard().type(text);
  }

  @Override
  public void presses(Key key) {
    page.keyboard().press(key.inDom);
  }

  @Override
  public void picture(Path file) {
    page.screenshot(new Page.ScreenshotOptions().setPath(file));
  }
}
