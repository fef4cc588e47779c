package parlour.media;

import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import net.coobird.thumbnailator.Thumbnails;
import net.coobird.thumbnailator.util.exif.ExifFilterUtils;
import net.coobird.thumbnailator.util.exif.ExifUtils;
import net.coobird.thumbnailator.util.exif.Orientation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.http.server.BytePool;

/**
 * Makes images that pages can show: from the pixels of an original, so that neither its metadata
 * (where and when a photo was taken) nor anything else that hides in its bytes reaches another
 * browser.
 *
 * <p>An image that cannot be read has no preview, and remains a download. Memory is bounded by the
 * number of images that are read at once, by the number of pixels that are read of each, and by {@link
 * PixelStream}, which keeps metadata away from the decoders.
 */
final class Previews {
  private static final Logger log = LoggerFactory.getLogger(Previews.class);

  /** A preview, as a whole. */
  record Made(String type, Chunk bytes) {}

  /** A client waits with one image at a time, so that those of others come in between. */
  private final BytePool readers = new BytePool(Limits.MEDIA_IMAGE_READERS, 1);

  /**
   * Makes a preview, on a platform thread: native code reads JPEG, and would keep a carrier of virtual
   * threads busy.
   *
   * @param original opens the file
   * @param client who waits for a turn
   * @return empty if no preview can be made
   */
  Optional<Made> of(MediaType type, Supplier<InputStream> original, String client) {
    Optional<BytePool.Held> turn = readers.hold(client, 1, Limits.MEDIA_IMAGE_WAIT);
    if (turn.isEmpty()) {
      return Optional.empty();
    }
    try {
      var made = new CompletableFuture<Optional<Made>>();
      var reader = new AtomicReference<ImageReader>();
      Thread.ofPlatform().name("preview").daemon().start(() -> {
        try {
          made.complete(read(type, original, reader));
        } catch (IOException | RuntimeException e) { // readers throw both on wrong bytes
          log.debug("an image cannot be read: {}", e.toString());
          made.complete(Optional.empty());
        } catch (Throwable e) {
          made.completeExceptionally(e);
          throw e;
        } finally {
          turn.get().close();
        }
      });
      return inTime(made, reader);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static Optional<Made> inTime(
      CompletableFuture<Optional<Made>> made, AtomicReference<ImageReader> reader)
      throws InterruptedException {
    try {
      return made.get(Limits.MEDIA_IMAGE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      return Optional.empty(); // the thread has reported it
    } catch (TimeoutException e) {
      ImageReader slow = reader.get();
      if (slow != null) {
        slow.abort();
      }
      return Optional.empty();
    }
  }

  private static Optional<Made> read(
      MediaType type, Supplier<InputStream> original, AtomicReference<ImageReader> current)
      throws IOException {
    var buffered = new BufferedInputStream(original.get(), Limits.MEDIA_CHUNK);
    // In memory, because ImageIO would otherwise write what it has read to a temporary file.
    try (PixelStream image = pixels(type, buffered);
        ImageInputStream input = new MemoryCacheImageInputStream(image)) {
      ImageReader reader = ImageIO.getImageReadersByMIMEType(type.text()).next();
      try {
        reader.setInput(input, true, true);
        current.set(reader);
        return read(reader, image);
      } finally {
        reader.dispose();
      }
    }
  }

  private static PixelStream pixels(MediaType type, InputStream file) {
    return switch (type) {
      case PNG -> new PngPixels(file);
      case JPEG -> new JpegPixels(file);
      case GIF -> new GifPixels(file);
      default -> throw new IllegalArgumentException("no preview of " + type);
    };
  }

  private static Optional<Made> read(ImageReader reader, PixelStream image) throws IOException {
    long width = reader.getWidth(0);
    long height = reader.getHeight(0);
    if (Math.max(width, height) > Limits.MEDIA_IMAGE_EDGE
        || width * height > Limits.MEDIA_IMAGE_PIXELS) {
      return Optional.empty();
    }
    ImageReadParam every = reader.getDefaultReadParam();
    int step = step(width, height, bytesPerPixel(reader));
    every.setSourceSubsampling(step, step, 0, 0);
    BufferedImage pixels = scaled(reader.read(0, every));
    return Optional.of(encode(upright(pixels, image)))
        .filter(made -> made.bytes().length() <= Limits.MEDIA_PREVIEW_BYTES);
  }

  /** How many pixels of the original one pixel in memory stands for, in each direction. */
  private static int step(long width, long height, long bytesPerPixel) {
    int step = 1;
    while (Math.max(width, height) / step > 2L * Limits.MEDIA_PREVIEW_EDGE
        || (width / step) * (height / step) * bytesPerPixel > Limits.MEDIA_IMAGE_BYTES) {
      step++;
    }
    return step;
  }

  private static long bytesPerPixel(ImageReader reader) throws IOException {
    ImageTypeSpecifier type = reader.getRawImageType(0);
    return type == null ? 8 : Math.max(1, (type.getColorModel().getPixelSize() + 7) / 8);
  }

  /** A camera writes the pixels as its sensor was held, and the turn into the metadata. */
  private static BufferedImage upright(BufferedImage pixels, PixelStream image) {
    if (!(image instanceof JpegPixels jpeg) || jpeg.exif().isEmpty()) {
      return pixels;
    }
    Orientation orientation;
    try {
      orientation = ExifUtils.getOrientationFromExif(jpeg.exif().get());
    } catch (RuntimeException e) {
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
