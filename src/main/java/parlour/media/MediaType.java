package parlour.media;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The types of files that are accepted: those which the Twilio web app sends, and
 * what phones and desktops make besides. None of them is run by a browser that shows it.
 */
enum MediaType {
  JPEG("image/jpeg", true, "jpg jpeg"),
  PNG("image/png", true, "png"),
  GIF("image/gif", true, "gif"),
  WEBP("image/webp", false, "webp"),
  HEIC("image/heic", false, "heic"),
  PDF("application/pdf", false, "pdf"),
  TEXT("text/plain", false, "txt csv log md"),
  MP3("audio/mpeg", false, "mp3"),
  AMR("audio/amr", false, "amr"),
  OGG("application/ogg", false, "ogg oga opus"),
  WAV("audio/vnd.wave", false, "wav"),
  M4A("audio/mp4", false, "m4a"),
  MP4("video/mp4", false, "mp4 m4v"),
  QUICKTIME("video/quicktime", false, "mov"),
  WEBM("application/x-matroska", false, "webm");

  private final String name;
  private final boolean hasPreview;
  private final String extensions;

  /**
   * @param name as the detector gives it
   * @param hasPreview whether a preview can be made of it
   * @param extensions of file names, the usual one first, with spaces between them
   */
  MediaType(String name, boolean hasPreview, String extensions) {
    this.name = name;
    this.hasPreview = hasPreview;
    this.extensions = extensions;
  }

  static Optional<MediaType> of(String name) {
    for (MediaType type : values()) {
      if (type.name.equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The usual extensions of all accepted types, for an error message. */
  static String names() {
    return Stream.of(values())
        .map(type -> type.extensions().getFirst())
        .collect(Collectors.joining(", "));
  }

  /** The media type (RFC 2046) with which it is stored and served. */
  String text() {
    return switch (this) {
      case OGG -> "audio/ogg";
      case WAV -> "audio/wav";
      case WEBM -> "video/webm";
      default -> name;
    };
  }

  boolean hasPreview() {
    return hasPreview;
  }

  List<String> extensions() {
    return List.of(extensions.split(" ", -1));
  }
}
