package parlour.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import net.coobird.thumbnailator.Thumbnails;
import net.coobird.thumbnailator.util.exif.ExifFilterUtils;
import net.coobird.thumbnailator.util.exif.ExifUtils;
import net.coobird.thumbnailator.util.exif.Orientation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;

/**
 * Makes images that pages can show: from the pixels of an original, so that neither its metadata
 * (where and when a photo was taken) nor anything else that hides in its bytes reaches another
 * browser.
 *
 * <p>An image that cannot be read has no preview, and remains a download. Memory is bounded by the
 * number of images that are read at once, and by the number of pixels that are read of each.
 */
final class Previews {
  private static final Logger log = LoggerFactory.getLogger(Previews.class);

  /** A preview, as a whole. */
  record Made(String type, Chunk bytes) {}

  private final Semaphore readers = new Semaphore(Limits.MEDIA_IMAGE_READERS, true);

  /**
   * @param original the bytes of the file
   * @return empty if no preview can be made
   */
  Optional<Made> of(InputStream original) {
    boolean acquired = false;
    try {
      acquired = readers.tryAcquire(Limits.MEDIA_IMAGE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      return acquired ? read(original) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (IOException | RuntimeException e) { // readers throw both on wrong bytes
      log.debug("an image cannot be read: {}", e.toString());
      return Optional.empty();
    } finally {
      if (acquired) {
        readers.release();
      }
    }
  }

  private static Optional<Made> read(InputStream original) throws IOException {
    // In memory, because ImageIO would otherwise write what it has read to a temporary file.
    try (ImageInputStream input = new MemoryCacheImageInputStream(original)) {
      Iterator<ImageReader> found = ImageIO.getImageReaders(input);
      if (!found.hasNext()) {
        return Optional.empty();
      }
      ImageReader reader = found.next();
      try {
        reader.setInput(input);
        return read(reader);
      } finally {
        reader.dispose();
      }
    }
  }

  private static Optional<Made> read(ImageReader reader) throws IOException {
    long width = reader.getWidth(0);
    long height = reader.getHeight(0);
    if (width * height > Limits.MEDIA_IMAGE_PIXELS) {
      return Optional.empty();
    }
    ImageReadParam every = reader.getDefaultReadParam();
    int step = (int) Math.max(1, Math.max(width, height) / (2L * Limits.MEDIA_PREVIEW_EDGE));
    every.setSourceSubsampling(step, step, 0, 0);
    BufferedImage pixels = reader.read(0, every);
    return Optional.of(encode(scaled(upright(pixels, reader))))
        .filter(made -> made.bytes().length() <= Limits.MEDIA_PREVIEW_BYTES);
  }

  /** A camera writes the pixels as its sensor was held, and the turn into the metadata. */
  private static BufferedImage upright(BufferedImage pixels, ImageReader reader)
      throws IOException {
    if (!reader.getFormatName().equalsIgnoreCase("JPEG")) {
      return pixels;
    }
    Orientation orientation;
    try {
      orientation = ExifUtils.getExifOrientation(reader, 0);
    } catch (IOException | RuntimeException e) {
      return pixels; // its metadata is broken, its pixels are not
    }
    return orientation == null || orientation == Orientation.TOP_LEFT
        ? pixels
        : ExifFilterUtils.getFilterForOrientation(orientation).apply(pixels);
  }

  private static BufferedImage scaled(BufferedImage pixels) throws IOException {
    int edge = Limits.MEDIA_PREVIEW_EDGE;
    return pixels.getWidth() <= edge && pixels.getHeight() <= edge
        ? pixels
        : Thumbnails.of(pixels).size(edge, edge).asBufferedImage();
  }

  /** PNG keeps what is transparent; a photo is much smaller as JPEG. */
  private static Made encode(BufferedImage pixels) throws IOException {
    var bytes = new ByteArrayOutputStream();
    boolean isOpaque = pixels.getTransparency() == BufferedImage.OPAQUE;
    Thumbnails.of(pixels)
        .scale(1)
        .outputFormat(isOpaque ? "jpg" : "png")
        .outputQuality(0.85)
        .toOutputStream(bytes);
    return new Made(isOpaque ? "image/jpeg" : "image/png", new Chunk(bytes.toByteArray()));
  }
}
