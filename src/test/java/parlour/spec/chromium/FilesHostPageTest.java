package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.config.Setting;
import parlour.spec.Installation.Shape;
import parlour.spec.Ports;

/** The widget and the inbox where files have a host of their own, which every browser resolves. */
class FilesHostPageTest {
  private static final int PORT = Ports.free();
  private static final String FILES = "http://files.localhost:" + PORT;

  @AutoClose
  private static final Scene scene = new Scene(
      Shape.ONE_PROCESS,
      Map.of(
          Setting.PUBLIC_PORT,
          String.valueOf(PORT),
          Setting.PUBLIC_URL,
          "http://127.0.0.1:" + PORT,
          Setting.MEDIA_URL,
          FILES));

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void guests_and_agents_see_previews_from_it_and_download_files_from_it() throws IOException {
    GuestTab guest = scene.guest().starts("Ada", "");
    guest
        .page
        .waitForFileChooser(() -> guest.button("Attach files").click())
        .setFiles(new FilePayload[] {
          new FilePayload("beach.png", "image/png", png()),
          new FilePayload("list.txt", "text/plain", "Tea".getBytes(StandardCharsets.UTF_8))
        });
    assertThat(guest.page.locator(".tray .name")).hasCount(2);
    guest.says("Look").sees("Look");
    assertShowsPreview(guest.page);
    assertDownloads(guest.page, guest.page.locator(".log .get").last());
    InboxTab inbox = scene.agent().opens(guest);
    assertShowsPreview(inbox.page);
    assertDownloads(inbox.page, inbox.files().last());
  }

  private static void assertShowsPreview(Page page) {
    Locator image = page.locator(".preview img");
    assertThat(image).isVisible();
    page.waitForCondition(
        () -> (Boolean) image.evaluate("image => image.complete && image.naturalWidth > 100"));
    assertThat((String) image.evaluate("image => image.src")).startsWith(FILES + "/media/");
  }

  private static void assertDownloads(Page page, Locator button) throws IOException {
    List<Download> downloads = new ArrayList<>();
    page.onDownload(downloads::add);
    page.context().onPage(opened -> opened.onDownload(downloads::add));
    button.click();
    page.waitForCondition(() -> !downloads.isEmpty());
    assertThat(downloads.getFirst().url()).startsWith(FILES + "/media/");
    assertThat(Files.readString(downloads.getFirst().path())).isEqualTo("Tea");
  }

  private static byte[] png() throws IOException {
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB), "png", bytes);
    return bytes.toByteArray();
  }
}
