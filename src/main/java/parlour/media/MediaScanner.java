package parlour.media;

import java.io.InputStream;

/** Looks for malware in files. */
@FunctionalInterface
public interface MediaScanner {
  /** Accepts every file: the scanner of an installation without one. */
  MediaScanner NONE = _ -> true;

  /**
   * Whether nothing was found.
   *
   * @throws parlour.Unavailable if the scanner does not answer: the file is neither accepted nor
   *     refused
   */
  boolean isClean(InputStream file);
}
