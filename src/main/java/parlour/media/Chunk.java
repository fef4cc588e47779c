package parlour.media;

import java.util.Arrays;
import java.util.Base64;

/** Bytes of a file: at most {@link parlour.Limits#MEDIA_CHUNK} where they are passed on. */
public final class Chunk {
  private final byte[] bytes;

  /** The array becomes a part of the chunk: the caller must not change it afterwards. */
  public Chunk(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is not base64
   */
  public static Chunk parse(String text) {
    return new Chunk(Base64.getDecoder().decode(text));
  }

  /** The form on the wire between processes: base64. */
  public String text() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** The bytes themselves, not a copy: the caller must not change them. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Chunk chunk && Arrays.equals(bytes, chunk.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Omits the bytes, because a log must not contain them. */
  @Override
  public String toString() {
    return "Chunk[" + bytes.length + " bytes]";
  }
}
