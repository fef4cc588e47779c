package parlour.spec.chromium;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.Map;

/** The machine's own Firefox, over WebDriver BiDi, without a window, with a dark colour scheme. */
final class Firefox implements Engine.Running {
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

  @Override
  public BrowserWindow privateWindow() {
    return PlaywrightWindow.in(browser.newContext());
  }

  @Override
  public void close() {
    playwright.close();
  }
}
