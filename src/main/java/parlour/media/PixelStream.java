package parlour.media;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The parts of an image file that its pixels need. A decoder keeps all metadata that it reads in
 * memory, inflated: a file of a few hundred kilobytes can have gigabytes of them. So the decoder
 * reads the file through this filter, which passes over metadata and needs no memory for them.
 */
abstract sealed class PixelStream extends InputStream permits PngPixels, JpegPixels, GifPixels {
  private final InputStream file;
  private byte[] part = new byte[0];
  private int at;

  /** Bytes of the file that follow the part. */
  private long copied;

  private boolean isEnded;

  /**
   * @param file with a buffer
   */
  PixelStream(InputStream file) {
    this.file = file;
  }

  /**
   * Goes on to the next part: calls {@link #give} or {@link #copy}.
   *
   * @return false at the end of the image
   * @throws IOException if the file is not an image, or has too many parts
   */
  abstract boolean next() throws IOException;

  /** The stream continues with these bytes. */
  final void give(byte[] bytes) {
    part = bytes;
    at = 0;
  }

  /** After that it continues with bytes of the file. */
  final void copy(long bytes) {
    copied = bytes;
  }

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public final int read(byte[] into, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == part.length && copied == 0) {
      if (isEnded || !next()) {
        isEnded = true;
        return -1;
      }
    }
    if (at < part.length) {
      int read = Math.min(length, part.length - at);
      System.arraycopy(part, at, into, from, read);
      at += read;
      return read;
    }
    int read = file.read(into, from, (int) Math.min(length, copied));
    if (read < 0) {
      throw new EOFException();
    }
    copied -= read;
    return read;
  }

  /** The next byte of the file; -1 at its end. */
  final int nextOrNone() throws IOException {
    return file.read();
  }

  final int nextByte() throws IOException {
    int one = file.read();
    if (one < 0) {
      throw new EOFException();
    }
    return one;
  }

  final byte[] nextBytes(int count) throws IOException {
    byte[] bytes = file.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException();
    }
    return bytes;
  }

  final void skip(int count) throws IOException {
    file.skipNBytes(count);
  }

  @Override
  public final void close() throws IOException {
    file.close();
  }
}
