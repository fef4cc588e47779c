package parlour.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import parlour.Limits;

/** Makes previews of images whose metadata would fill any memory; a program for a small heap. */
final class PreviewOfBombs {
  private PreviewOfBombs() {}

  public static void main(String[] args) {
    var previews = new Previews();
    bombs().forEach((name, image) -> {
      byte[] bytes = image.get();
      if (bytes.length > Limits.MEDIA_FILE_BYTES) {
        throw new IllegalStateException(name + " is too long to be uploaded");
      }
      MediaType type = MediaType.valueOf(name.substring(0, name.indexOf(' ')));
      boolean isMade =
          previews.of(type, () -> new ByteArrayInputStream(bytes), "somebody").isPresent();
      System.out.println(name + (isMade ? ": a preview" : ": no preview"));
    });
  }

  private static Map<String, Supplier<byte[]>> bombs() {
    byte[] png = Images.encoded(Images.redAndBlue(8, 8), "png");
    byte[] palette =
        Images.encoded(new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_INDEXED), "png");
    byte[] jpeg = Images.encoded(Images.redAndBlue(8, 8), "jpg");
    byte[] gif = Images.encoded(Images.redAndBlue(8, 8), "gif");
    byte[] inflated = Images.deflated(256 * 1024);
    byte[] text = "k\0text".getBytes(StandardCharsets.US_ASCII);
    var bombs = new LinkedHashMap<String, Supplier<byte[]>>();
    bombs.put(
        "PNG of compressed texts",
        () -> Images.withChunks(png, "zTXt", after("k\0\0", inflated), 4_000));
    bombs.put(
        "PNG of international texts",
        () -> Images.withChunks(png, "iTXt", after("k\0\1\0\0\0", inflated), 4_000));
    bombs.put("PNG of texts", () -> Images.withChunks(png, "tEXt", text, 900_000));
    bombs.put(
        "PNG of a palette and texts", () -> Images.withChunks(palette, "tEXt", text, 900_000));
    bombs.put(
        "PNG of a palette and unknown chunks",
        () -> Images.withChunks(palette, "abCd", new byte[0], 1_300_000));
    bombs.put(
        "PNG of a palette and suggested palettes",
        () -> Images.withChunks(palette, "sPLT", after("k\0\u0008", new byte[0]), 1_000_000));
    bombs.put(
        "PNG of one row of all pixels",
        () -> Images.claiming(
            Images.encoded(Images.deep(8, 8), "png"), (int) Limits.MEDIA_IMAGE_PIXELS, 1));
    bombs.put("JPEG of comments", () -> Images.withSegments(jpeg, 0xfe, new byte[0], 4_000_000));
    bombs.put(
        "JPEG of Exif",
        () -> Images.withSegments(
            jpeg, 0xe1, "Exif\0\0MM".getBytes(StandardCharsets.US_ASCII), 1_300_000));
    bombs.put(
        "JPEG of JFIF thumbnails",
        () -> Images.withSegments(
            jpeg, 0xe0, "JFXX\0\u0010".getBytes(StandardCharsets.US_ASCII), 1_500_000));
    bombs.put(
        "JPEG of color profiles",
        () ->
            Images.withSegments(jpeg, 0xe2, after("ICC_PROFILE\0\1\u00ff", new byte[60_000]), 270));
    bombs.put(
        "JPEG of empty tables", () -> Images.withSegments(jpeg, 0xdb, new byte[0], 4_000_000));
    bombs.put(
        "GIF of comments",
        () -> Images.withBlocks(gif, new byte[] {0x21, (byte) 0xfe, 0}, 5_500_000));
    bombs.put("GIF of one comment", () -> Images.withBlocks(gif, comment(15 << 20), 1));
    bombs.put("GIF of a huge screen", () -> screen(gif));
    bombs.put("GIF of a huge image on a small screen", Images::hugeOnSmallScreen);
    bombs.put("PNG of 16 bits in seven passes", () -> Images.interlaced(5_000, 5_000));
    return bombs;
  }

  private static byte[] after(String beginning, byte[] content) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(beginning.getBytes(StandardCharsets.ISO_8859_1));
    all.writeBytes(content);
    return all.toByteArray();
  }

  /** In blocks of 255 bytes. */
  private static byte[] comment(int length) {
    byte[] comment = new byte[length / 256 * 256 + 3];
    comment[0] = 0x21;
    comment[1] = (byte) 0xfe;
    for (int at = 2; at < comment.length - 1; at += 256) {
      comment[at] = (byte) 0xff;
    }
    return comment;
  }

  /** The image itself is small. */
  private static byte[] screen(byte[] gif) {
    byte[] huge = gif.clone();
    Arrays.fill(huge, 6, 10, (byte) 0xff);
    return huge;
  }
}
