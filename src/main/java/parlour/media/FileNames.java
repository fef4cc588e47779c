package parlour.media;

import java.util.Locale;
import parlour.DisplayName;
import parlour.Limits;

/**
 * Makes a name that an uploader gave fit to be shown and to be saved under: without folders,
 * control characters and controls of the writing direction, and with an extension of its type. A
 * system opens a saved file by its extension, so a text must not be saved as a program.
 */
final class FileNames {
  private static final String UNNAMED = "file";

  private FileNames() {}

  /** The last segment of the name, cleaned and cut; {@code file} if nothing is left. */
  static String of(String given) {
    String name = DisplayName.of(given);
    name = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
        .strip();
    while (name.startsWith(".")) { // a hidden file, or a folder
      name = name.substring(1);
    }
    return name.isBlank() ? UNNAMED : cut(name, Limits.MEDIA_NAME_CHARACTERS);
  }

  /** The same name, which ends with an extension of this type. */
  static String of(String name, MediaType type) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (String extension : type.extensions()) {
      if (lower.endsWith("." + extension)) {
        return name;
      }
    }
    return name + "." + type.extensions().getFirst();
  }

  /** Cuts the beginning, because the extension is at the end. Does not split a code point. */
  private static String cut(String name, int max) {
    if (name.length() <= max) {
      return name;
    }
    String end = name.substring(name.length() - max);
    return Character.isLowSurrogate(end.charAt(0)) ? end.substring(1) : end;
  }
}
