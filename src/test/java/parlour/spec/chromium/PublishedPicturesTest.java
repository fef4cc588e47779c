package parlour.spec.chromium;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedPicturesTest {
  @Test
  void a_picture_is_the_same_as_itself_and_with_another_time_in_it() {
    assertThat(PublishedPictures.difference(page(), page())).isEmpty();
    assertThat(PublishedPictures.difference(page(), with(Color.BLACK, 0, 0, 100, 1)))
        .isEmpty();
  }

  @Test
  void shades_that_nobody_sees_do_not_count() {
    Color shade = new Color(240, 240, 240);
    assertThat(PublishedPictures.difference(page(), with(shade, 0, 0, 100, 100)))
        .isEmpty();
  }

  @Test
  void an_element_that_is_gone_or_of_another_size_is_a_difference() {
    assertThat(PublishedPictures.difference(page(), with(Color.BLUE, 0, 0, 100, 3)))
        .contains("3.0 % of the pixels differ");
    assertThat(PublishedPictures.difference(page(), new BufferedImage(100, 90, 1)))
        .contains("100 x 90 pixels instead of 100 x 100");
  }

  @Test
  void a_changed_picture_is_listed(@TempDir Path folder) throws IOException {
    Path screenshot = folder.resolve("docs-widget-form.png");
    Files.copy(Path.of("docs", "screenshots", "widget-form.png"), screenshot);
    PublishedPictures.compare(screenshot);
    assertThat(folder.resolve("changed.txt")).doesNotExist();
    ImageIO.write(page(), "png", screenshot.toFile());
    PublishedPictures.compare(screenshot);
    assertThat(folder.resolve("changed.txt"))
        .content()
        .contains("widget-form.png: 100 x 100 pixels instead of ");
  }

  @Test
  void a_picture_that_is_not_published_is_not_compared(@TempDir Path folder) {
    PublishedPictures.compare(folder.resolve("docs-another.png"));
    assertThat(folder).isEmptyDirectory();
  }

  private static BufferedImage page() {
    BufferedImage page = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
    paint(page, Color.WHITE, 0, 0, 100, 100);
    return page;
  }

  private static BufferedImage with(Color color, int x, int y, int width, int height) {
    BufferedImage page = page();
    paint(page, color, x, y, width, height);
    return page;
  }

  private static void paint(BufferedImage page, Color color, int x, int y, int width, int height) {
    Graphics2D brush = page.createGraphics();
    brush.setColor(color);
    brush.fillRect(x, y, width, height);
    brush.dispose();
  }
}
