package parlour.media;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.mime.MimeTypes;

/**
 * Finds the type of a file by its first bytes. What the uploader says about the type is not used: a
 * browser, or the system of the person who opens the file, would trust it.
 */
final class TypeDetector {
  /** Loaded when the first file arrives, because it takes a tenth of a second. */
  private static final class Known {
    static final MimeTypes TYPES = MimeTypes.getDefaultMimeTypes();
  }

  private TypeDetector() {}

  /**
   * @param name of the type that was found, whether it is accepted or not
   * @param accepted empty if files of this type are not accepted
   */
  record Detected(String name, Optional<MediaType> accepted) {}

  static Detected detect(byte[] beginning) {
    String name;
    try {
      name = Known.TYPES
          .detect(new ByteArrayInputStream(beginning), new Metadata())
          .toString();
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
    return new Detected(name, MediaType.of(name));
  }
}
