package parlour.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A PNG (ISO 15948) with its header, its palette, what is transparent, and its pixels. */
final class PngPixels extends PixelStream {
  private static final int SIGNATURE = 8;
  /** The longest palette: 256 colors. */
  private static final int PALETTE = 768;

  private boolean isBegun;
  private boolean isEnded;

  PngPixels(InputStream file) {
    super(file);
  }

  @Override
  boolean next() throws IOException {
    if (!isBegun) {
      isBegun = true;
      give(nextBytes(SIGNATURE));
      return true;
    }
    while (!isEnded) {
      byte[] header = nextBytes(8);
      int length = ByteBuffer.wrap(header).getInt();
      if (length < 0 || length > Integer.MAX_VALUE - 4) {
        throw new IOException("a chunk has no length");
      }
      String type = new String(header, 4, 4, StandardCharsets.ISO_8859_1);
      isEnded = type.equals("IEND");
      if (isKept(type, length)) {
        give(header);
        copy(length + 4L); // with its checksum
        return true;
      }
      skip(length + 4);
    }
    return false;
  }

  private static boolean isKept(String type, int length) {
    return switch (type) {
      case "IHDR", "PLTE", "tRNS", "IEND" -> length <= PALETTE;
      case "IDAT" -> true;
      default -> false;
    };
  }
}
