package parlour.media;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Sid;

/**
 * A file of a conversation. Its uploader sends it with a message, once; a file that no message has
 * taken in an hour is deleted.
 *
 * @param owner who uploaded it, and for which account
 * @param message the message that it was sent with
 * @param category as the uploader's program names it: {@code media}, {@code body} or {@code history}
 * @param content what was stored; empty while the upload is going on
 */
public record MediaFile(
    Sid.Media sid,
    Owner owner,
    Optional<Sid.Message> message,
    String fileName,
    String category,
    Optional<Content> content,
    Instant created) {

  /** The category of a file that a person sends. */
  public static final String CATEGORY = "media";

  /** All categories. The others are parts of an e-mail. */
  static final List<String> CATEGORIES = List.of(CATEGORY, "body", "history");

  /**
   * The uploader of a file, who alone can send it.
   *
   * @param conversation empty for a file that a server uploaded, until a message takes it
   * @param author the identity of the participant who uploaded it; {@link #SERVER} for a server
   */
  public record Owner(Sid.Account account, Optional<Sid.Conversation> conversation, String author) {
    /** The author of what a server uploads: every message that a server sends can take it. */
    public static final String SERVER = "";
  }

  /**
   * The stored bytes.
   *
   * @param type the media type, found by the bytes themselves
   * @param bytes the length of the file
   * @param preview empty if none can be made
   */
  public record Content(String type, long bytes, Optional<Preview> preview) {
    /** The length of a part; 0 if the file has no such part. */
    long bytes(Part part) {
      return switch (part) {
        case ORIGINAL -> bytes;
        case PREVIEW -> preview.map(Preview::bytes).orElse(0L);
      };
    }
  }

  /** An image that pages can show. */
  public record Preview(String type, long bytes) {}

  /** The parts of a file that can be read. */
  public enum Part {
    /** The bytes as they were uploaded. Served as a download only. */
    ORIGINAL,
    /** An image that was made from the pixels of the original, without its metadata. */
    PREVIEW
  }
}
