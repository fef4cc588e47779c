package parlour.spec.chromium;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.FilePayload;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.LongForm;
import parlour.spec.Installation.Shape;

/** Guests send and open files in the widget, whose code for it is loaded on first use. */
class GuestFilesTest {
  private static final FilePayload PHOTO = new FilePayload("beach.png", "image/png", png());
  private static final FilePayload LIST = text("list.txt", "Tea\nMilk\n");

  private static final Pattern FILE_NAME = Pattern.compile("\"filename\": ?\"([^\"]+)\"");

  @AutoClose
  private static final Scene scene = new Scene(Shape.ONE_PROCESS);

  @AfterEach
  void closePages() {
    scene.closePages();
  }

  @Test
  void a_guest_sends_an_image_and_a_text_and_opens_what_a_server_sends() throws IOException {
    GuestTab guest = scene.guest().starts("Ada", "");
    assertThat(chunks(guest)).isEqualTo(0);
    attach(guest, PHOTO, LIST);
    assertThat(guest.page.locator(".tray .name")).hasText(new String[] {"beach.png", "list.txt"});
    assertThat(guest.page.locator(".tray canvas")).hasCount(1);
    guest.picture("guest-20-files-to-send");
    guest.says("Our holiday, and what we need").sees("Our holiday, and what we need");
    assertThat(guest.page.locator(".preview img")).isVisible();
    awaitImage(guest);
    guest.picture("guest-21-files-sent");
    assertThat(filesAtServer(guest)).containsExactly("beach.png", "list.txt");

    String offer = scene
        .installation
        .server("POST", media() + "?Filename=offer.txt", "An offer")
        .text("sid");
    scene.installation.server(
        "POST",
        "/v1/Conversations/" + guest.conversation() + "/Messages",
        "Author=bot&MediaSid=" + offer);
    Locator open = guest.page.locator(".line.agent .get, .line.system .get");
    assertThat(open).containsText("offer.txt");
    assertThat(Files.readString(downloaded(guest, open).path())).isEqualTo("An offer");
    guest.reloads().is("live");
    awaitImage(guest);
    assertThat(guest.page.locator(".log .get")).hasCount(3);
    guest.picture("guest-22-files-after-a-reload");
  }

  @Test
  @LongForm(instead = "files.test.ts")
  void
      a_file_is_sent_once_after_a_reload_in_the_middle_of_it_and_after_an_absence_of_the_network() {
    GuestTab guest = scene.guest().starts("Ada", "");
    List<Route> held = new ArrayList<>();
    guest.page.route("**/v2/Webchat/Media?*", held::add);
    attach(guest, LIST);
    guest.says("one", "two");
    guest.page.waitForCondition(() -> !held.isEmpty());
    guest.picture("guest-23-a-file-on-its-way");
    guest.page.unroute("**/v2/Webchat/Media?*");
    guest.reloads().is("live").sees("one").sees("two");
    assertThat(filesAtServer(guest)).containsExactly("list.txt");
    assertThat(guest.bodies()).containsExactly("one", "two");

    guest.page.context().setOffline(true);
    guest.is("reconnecting");
    attach(guest, text("offline.txt", "Written without a network"));
    guest.says("three");
    assertThat(guest.page.locator(".line.waiting .name")).hasText("offline.txt");
    guest.picture("guest-24-a-file-without-a-network");
    guest.page.context().setOffline(false);
    guest.is("live").sees("three");
    assertThat(guest.page.locator(".line.waiting")).hasCount(0);
    assertThat(filesAtServer(guest)).containsExactly("list.txt", "offline.txt");
  }

  @Test
  void a_file_of_a_forbidden_type_is_refused_in_plain_words_and_the_next_one_is_sent() {
    GuestTab guest = scene.guest().starts("Ada", "");
    attach(guest, text("page.html", "<html><script>1</script></html>"));
    guest.says("Look");
    assertThat(guest.page.locator(".line.failed .status"))
        .hasText("Not sent. page.html is a file of a type that cannot be sent here.");
    guest.picture("guest-25-a-refused-file");
    attach(guest, LIST);
    guest.says("And this").sees("And this");
    assertThat(filesAtServer(guest)).containsExactly("list.txt");
  }

  @Test
  void a_page_whose_policy_allows_no_images_shows_a_row_for_each_file() {
    Page page = scene.page(profile -> profile.setViewportSize(390, 844).setHasTouch(true));
    GuestTab guest =
        new GuestTab(scene, page, scene.site.page(scene.deployment) + "?noImages").arrives();
    guest.starts("Ada", "");
    guest.button("Attach files").click();
    assertThat(guest.button("Take a photo")).isVisible();
    guest.picture("guest-26-phone-choose");
    FileChooser chooser =
        page.waitForFileChooser(() -> guest.button("Choose files").click());
    chooser.setFiles(new FilePayload[] {PHOTO, PHOTO});
    assertThat(page.locator(".tray canvas")).hasCount(2);
    guest.says("Two of them").sees("Two of them");
    assertThat(page.locator(".log .get")).hasCount(2);
    assertThat(page.locator(".preview")).hasCount(0);
    guest.picture("guest-27-phone-no-images");
    assertThat(scene.expectedConsoleMessage()).contains("img-src 'none'");
  }

  private static FilePayload text(String name, String content) {
    return new FilePayload(name, "text/plain", content.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] png() {
    var image = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setPaint(new GradientPaint(0, 0, Color.CYAN, 0, 480, Color.ORANGE));
    graphics.fillRect(0, 0, 640, 480);
    graphics.dispose();
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static void attach(GuestTab guest, FilePayload... files) {
    int before = guest.page.locator(".tray .name").count();
    guest.page.waitForFileChooser(() -> guest.button("Attach files").click()).setFiles(files);
    assertThat(guest.page.locator(".tray .name")).hasCount(before + files.length);
  }

  private static void awaitImage(GuestTab guest) {
    guest.page.waitForCondition(() -> (Boolean) guest
        .page
        .locator(".preview img")
        .evaluate("image => image.complete && image.naturalWidth > 100"));
  }

  private static Download downloaded(GuestTab guest, Locator button) {
    List<Download> downloads = new ArrayList<>();
    guest.page.onDownload(downloads::add);
    guest.page.context().onPage(opened -> opened.onDownload(downloads::add));
    button.click();
    guest.page.waitForCondition(() -> !downloads.isEmpty());
    return downloads.getFirst();
  }

  /** How many times the page has loaded the code for files. */
  private static int chunks(GuestTab guest) {
    return (Integer)
        guest.page.evaluate(
            "performance.getEntriesByType('resource').filter(({name}) => /webchat-files-/.test(name)).length");
  }

  private static String media() {
    return "/v1/Services/IS" + scene.installation.account.text().substring(2) + "/Media";
  }

  /** The names of all files in the messages of a guest's conversation. */
  private static List<String> filesAtServer(GuestTab guest) {
    String messages = scene
        .installation
        .server("GET", "/v1/Conversations/" + guest.conversation() + "/Messages", "")
        .response()
        .body();
    return FILE_NAME.matcher(messages).results().map(found -> found.group(1)).toList();
  }
}
