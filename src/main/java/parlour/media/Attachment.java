package parlour.media;

import java.nio.charset.StandardCharsets;
import java.util.List;
import parlour.Sid;
import parlour.http.json.Json;
import parlour.http.json.JsonType;

/**
 * The description of a file in its message. It is stored with the message, so that a page of
 * messages needs no other table.
 *
 * @param size in bytes
 * @param preview whether the file has one
 */
public record Attachment(
    Sid.Media sid,
    String category,
    String filename,
    String contentType,
    long size,
    boolean preview) {
  private static final JsonType<List<Attachment>> LIST = new JsonType<>() {};

  public static Attachment of(MediaFile file) {
    MediaFile.Content content = file.content().orElseThrow();
    return new Attachment(
        file.sid(),
        file.category(),
        file.fileName(),
        content.type(),
        content.bytes(),
        content.preview().isPresent());
  }

  /** The form in the store: JSON. */
  public static String text(List<Attachment> files) {
    return new String(Json.write("files", files, LIST), StandardCharsets.UTF_8);
  }

  /** Reads {@link #text}. */
  public static List<Attachment> parse(String text) {
    return Json.read(text.getBytes(StandardCharsets.UTF_8), "files", LIST);
  }
}
