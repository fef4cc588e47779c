package parlour.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import parlour.Sid;
import parlour.media.MediaFile.Part;
import parlour.store.SqliteBackup;

/**
 * Compares a copy of the database of conversations with a folder of files, for backups.
 *
 * @param database the copy, which nobody uses
 * @param folder the files, or the place where they should be
 */
public record FilesOfCopy(Path database, Path folder) {
  /** The empty file that distinguishes the folder from the place of a volume that is not mounted. */
  public static final String MARKER = FolderBytes.MARKER;

  private static final String STORED = "SELECT sid FROM media WHERE state = 'stored'";

  /**
   * Whether this is the folder with the files that the database names. False if the database names
   * some, and the folder looks like the place of a volume that is not mounted.
   *
   * @throws parlour.store.StoreUnavailable if the copy cannot be read
   */
  public boolean isTheirFolder() {
    List<String> arrived = new ArrayList<>();
    if (knowsFiles()) {
      SqliteBackup.read(database, SqlMedia.ARRIVED, arrived::add);
    }
    try {
      return arrived.isEmpty() || new FolderBytes(folder).hasFiles();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the files that messages can name and that lack something in the folder.
   *
   * @throws parlour.store.StoreUnavailable if the copy cannot be read
   */
  public List<Sid.Media> missing() {
    List<Sid.Media> missing = new ArrayList<>();
    if (knowsFiles()) {
      FolderBytes bytes = new FolderBytes(folder);
      SqliteBackup.read(database, STORED, name -> {
        Sid.Media file = new Sid.Media(name);
        if (!bytes.has(file, Part.ORIGINAL)) {
          missing.add(file);
        }
      });
    }
    return missing;
  }

  /** Versions before the files of conversations have no table of them. */
  private boolean knowsFiles() {
    List<String> tables = new ArrayList<>();
    SqliteBackup.read(database, "SELECT name FROM sqlite_schema WHERE name = 'media'", tables::add);
    return !tables.isEmpty();
  }
}
