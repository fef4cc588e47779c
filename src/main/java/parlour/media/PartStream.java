package parlour.media;

import java.io.IOException;
import java.io.InputStream;
import parlour.Limits;
import parlour.Sid;

/** The bytes of a part of an upload as a stream, with one chunk in memory at a time. */
final class PartStream extends InputStream {
  private final MediaBytes bytes;
  private final Sid.Media file;
  private final MediaFile.Part part;
  private byte[] chunk = new byte[0];
  private int at;
  private long offset;

  PartStream(MediaBytes bytes, Sid.Media file, MediaFile.Part part) {
    this.bytes = bytes;
    this.file = file;
    this.part = part;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) {
    if (length == 0) {
      return 0;
    }
    if (at == chunk.length && !next()) {
      return -1;
    }
    int read = Math.min(length, chunk.length - at);
    System.arraycopy(chunk, at, into, from, read);
    at += read;
    return read;
  }

  private boolean next() {
    if (offset % Limits.MEDIA_CHUNK != 0) {
      return false; // the last chunk was shorter
    }
    chunk = bytes.readUpload(file, part, offset).map(Chunk::bytes).orElse(new byte[0]);
    at = 0;
    offset += chunk.length;
    return chunk.length > 0;
  }
}
