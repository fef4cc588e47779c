package parlour.spec.chromium;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchPersistentContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.List;

/** A Chromium whose profile is a folder, and which keeps pages that are left in its memory. */
final class PersistentChromium implements AutoCloseable {
  private final Playwright playwright =
      Playwright.create(new Playwright.CreateOptions().setEnv(Chromium.driversEnvironment()));
  private final BrowserContext profile;

  PersistentChromium(Path folder) {
    profile = playwright
        .chromium()
        .launchPersistentContext(
            folder,
            new LaunchPersistentContextOptions()
                .setExecutablePath(Chromium.executable())
                .setTimeout(Chromium.PATIENCE_MILLIS)
                .setIgnoreDefaultArgs(List.of("--disable-back-forward-cache"))
                .setArgs(Chromium.ARGUMENTS));
    profile.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
  }

  Page page() {
    return profile.newPage();
  }

  @Override
  public void close() {
    try {
      profile.close();
    } finally {
      playwright.close();
    }
  }
}
