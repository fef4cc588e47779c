package parlour.media;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import parlour.Limits;

/**
 * A JPEG (ITU-T T.81 §B) with its tables, its scans, and what says how to read its colors. Keeps the
 * first Exif segment, which says how the camera was held.
 *
 * <p>A progressive image has a dozen scans. Reading takes time for all pixels once for each scan, and
 * a scan can have a few bytes, so an image with too many of them ends with an exception.
 */
final class JpegPixels extends PixelStream {
  private static final int START_OF_IMAGE = 0xd8;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;
  private static final int EXIF = 0xe1;
  private static final int SCAN_PART = 8 * 1024;

  private final Set<Integer> applications = new HashSet<>();
  private Optional<byte[]> exif = Optional.empty();
  private boolean isBegun;
  private boolean isInScan;
  private boolean isEnded;

  /** The marker that ended the scan; 0 if none. */
  private int marker;

  private int scans;
  private int tableBytes;

  JpegPixels(InputStream file) {
    super(file);
  }

  /** The content of the first Exif segment before the pixels; known when these are read. */
  Optional<byte[]> exif() {
    return exif;
  }

  @Override
  boolean next() throws IOException {
    if (isEnded) {
      return false;
    }
    if (!isBegun) {
      isBegun = true;
      give(nextBytes(2));
      return true;
    }
    if (isInScan) {
      giveScan();
      return true;
    }
    return segment();
  }

  private boolean segment() throws IOException {
    while (true) {
      int kind = marker == 0 ? nextMarker() : marker;
      marker = 0;
      if (kind < 0) {
        return false;
      }
      if (kind == END_OF_IMAGE) {
        isEnded = true;
        give(new byte[] {(byte) 0xff, (byte) END_OF_IMAGE});
        return true;
      }
      if (standsAlone(kind)) {
        continue;
      }
      int length = (nextByte() << 8 | nextByte()) - 2;
      if (length < 0) {
        throw new IOException("a segment has no length");
      }
      if (isTable(kind)) {
        give(kept(kind, nextBytes(length)));
        if (kind == START_OF_SCAN) {
          isInScan = true;
          if (++scans > Limits.MEDIA_IMAGE_SCANS) {
            throw new IOException("too many scans");
          }
        }
        return true;
      }
      if (!isApplication(kind) || applications.contains(kind)) {
        skip(length);
        continue;
      }
      byte[] content = nextBytes(length);
      if (hasUse(kind, content)) {
        applications.add(kind);
        if (kind == EXIF) {
          exif = Optional.of(content);
        } else {
          give(kept(kind, content));
          return true;
        }
      }
    }
  }

  /** Restart markers and TEM. */
  private static boolean standsAlone(int kind) {
    return (kind >= 0xd0 && kind <= START_OF_IMAGE) || kind == 0x01;
  }

  /** The headers of frames and scans, and all that define or expand. */
  private static boolean isTable(int kind) {
    return (kind >= 0xc0 && kind <= 0xcf) || (kind >= START_OF_SCAN && kind <= 0xdf);
  }

  private static boolean isApplication(int kind) {
    return kind >= 0xe0 && kind <= 0xef;
  }

  /** JFIF and Adobe say how colors are encoded; a profile in one segment says which these are. */
  private static boolean hasUse(int kind, byte[] content) {
    String start = switch (kind) {
      case 0xe0 -> "JFIF\0";
      case EXIF -> "Exif\0\0";
      case 0xe2 -> "ICC_PROFILE\0\1\1";
      case 0xee -> "Adobe";
      default -> null;
    };
    return start != null && new String(content, StandardCharsets.ISO_8859_1).startsWith(start);
  }

  private byte[] kept(int kind, byte[] content) throws IOException {
    tableBytes += content.length + 4;
    if (tableBytes > Limits.MEDIA_IMAGE_TABLES) {
      throw new IOException("too many tables");
    }
    return ByteBuffer.allocate(content.length + 4)
        .put((byte) 0xff)
        .put((byte) kind)
        .putShort((short) (content.length + 2))
        .put(content)
        .array();
  }

  /** A part of compressed data, in which 0xff is followed by 0 or is a restart marker. */
  private void giveScan() throws IOException {
    var part = new ByteArrayOutputStream(SCAN_PART);
    while (part.size() < SCAN_PART - 1) {
      int one = nextOrNone();
      int next = one == 0xff ? afterFill() : 0;
      if (one < 0 || next < 0) {
        isInScan = false;
        break;
      }
      if (one == 0xff && next != 0 && !standsAlone(next)) {
        isInScan = false;
        marker = next;
        break;
      }
      part.write(one);
      if (one == 0xff) {
        part.write(next);
      }
    }
    give(part.toByteArray());
  }

  /** The next marker; passes over all else. */
  private int nextMarker() throws IOException {
    for (int one = nextOrNone(); one >= 0; one = nextOrNone()) {
      int next = one == 0xff ? afterFill() : 0;
      if (next != 0) {
        return next;
      }
    }
    return -1;
  }

  /** Any number of 0xff can stand before a marker. */
  private int afterFill() throws IOException {
    int next = nextOrNone();
    while (next == 0xff) {
      next = nextOrNone();
    }
    return next;
  }
}
