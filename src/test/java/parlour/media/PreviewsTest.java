package parlour.media;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import parlour.LongForm;

/** The costs of previews. */
@LongForm(instead = "the tests of broken and huge images in MediaContract")
class PreviewsTest {
  /** In a process of its own, whose heap is the smallest one, and which ends as Parlour's does. */
  @Test
  void metadata_of_any_size_end_no_process() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            PreviewOfBombs.class.getName())
        .redirectErrorStream(true)
        .start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, MINUTES)).isTrue();
      assertThat(process.exitValue()).as(said).isZero();
      assertThat(said.lines().filter(line -> line.contains("preview")))
          .containsExactly(
              "PNG of compressed texts: a preview",
              "PNG of international texts: a preview",
              "PNG of texts: a preview",
              "PNG of a palette and texts: a preview",
              "PNG of a palette and unknown chunks: a preview",
              "PNG of a palette and suggested palettes: a preview",
              "PNG of one row of all pixels: no preview",
              "JPEG of comments: a preview",
              "JPEG of Exif: a preview",
              "JPEG of JFIF thumbnails: a preview",
              "JPEG of color profiles: a preview",
              "JPEG of empty tables: no preview",
              "GIF of comments: a preview",
              "GIF of one comment: a preview",
              "GIF of a huge screen: a preview",
              "GIF of a huge image on a small screen: no preview",
              "PNG of 16 bits in seven passes: a preview");
    } finally {
      process.destroyForcibly();
    }
  }
}
