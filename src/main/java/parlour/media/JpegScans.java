package parlour.media;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Counts the scans of a JPEG (ITU-T T.81 §B). A progressive image has a dozen. Reading takes time for
 * all pixels once for each scan, and a scan can have a few bytes.
 */
final class JpegScans {
  private static final int START_OF_IMAGE = 0xd8;
  private static final int END_OF_IMAGE = 0xd9;
  private static final int START_OF_SCAN = 0xda;

  private JpegScans() {}

  /** The number of scans; 0 if the file is not a JPEG. Stops where the file is broken. */
  static int count(InputStream file) throws IOException {
    if (file.read() != 0xff || file.read() != START_OF_IMAGE) {
      return 0;
    }
    int scans = 0;
    try {
      for (int marker = marker(file); marker >= 0; marker = marker(file)) {
        if (marker == END_OF_IMAGE) {
          return scans;
        }
        if (marker == START_OF_SCAN) {
          scans++;
        }
        if (hasSegment(marker)) {
          int length = (next(file) << 8) | next(file);
          file.skipNBytes(Math.max(0, length - 2));
        }
      }
    } catch (EOFException e) {
      return scans;
    }
    return scans;
  }

  /** The next marker; passes over compressed data, in which 0xff is followed by 0. */
  private static int marker(InputStream file) throws IOException {
    int before = 0;
    for (int one = file.read(); one >= 0; one = file.read()) {
      if (before == 0xff && one != 0 && one != 0xff) {
        return one;
      }
      before = one;
    }
    return -1;
  }

  /** Restart markers and TEM stand alone. */
  private static boolean hasSegment(int marker) {
    return !(marker >= 0xd0 && marker <= START_OF_IMAGE) && marker != 0x01;
  }

  private static int next(InputStream file) throws IOException {
    int one = file.read();
    if (one < 0) {
      throw new EOFException();
    }
    return one;
  }
}
