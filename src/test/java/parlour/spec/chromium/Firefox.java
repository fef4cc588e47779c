package parlour.spec.chromium;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The machine's own Firefox, over WebDriver BiDi, without a window, with a dark colour scheme. */
final class Firefox implements AutoCloseable {
  private final Playwright playwright;
  private final Browser browser;

  Firefox(Path executable) {
    playwright =
        Playwright.create(new Playwright.CreateOptions().setEnv(Chromium.driversEnvironment()));
    browser = playwright
        .firefox()
        .launch(new BrowserType.LaunchOptions()
            .setChannel("moz-firefox")
            .setExecutablePath(executable)
            .setTimeout(Chromium.PATIENCE_MILLIS)
            // BiDi does not emulate media; 0 is dark
            .setFirefoxUserPrefs(Map.of("layout.css.prefers-color-scheme.content-override", 0)));
  }

  BrowserWindow window() {
    BrowserContext profile = browser.newContext();
    profile.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    return new Tab(profile.newPage());
  }

  private record Tab(Page page) implements BrowserWindow {
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
      Tab other = new Tab(page.context().newPage());
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

  @Override
  public void close() {
    playwright.close();
  }
}
