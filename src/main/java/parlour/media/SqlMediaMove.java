package parlour.media;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.media.MediaFile.Part;
import parlour.store.DataCopy;

/** Moves the bytes of files from a folder into the database that their records were moved to. */
public final class SqlMediaMove {
  private SqlMediaMove() {}

  /**
   * The result of a move.
   *
   * @param missing files whose bytes are not in the folder
   */
  public record Moved(int files, int missing) {}

  /**
   * Copies the bytes of all stored files, and commits after each file. It can be repeated.
   *
   * @param folder of the files
   * @param records the copy of the conversations' tables, which has ended
   */
  public static Moved move(Path folder, DataCopy records) {
    FolderBytes from = new FolderBytes(folder);
    return records.more(to -> {
      int missing = 0;
      List<Sid.Media> files = stored(to);
      from.open(!files.isEmpty());
      for (Sid.Media file : files) {
        if (!copy(file, Part.ORIGINAL, from, to)) {
          missing++;
        }
        copy(file, Part.PREVIEW, from, to);
        to.commit();
      }
      return new Moved(files.size() - missing, missing);
    });
  }

  private static List<Sid.Media> stored(Connection to) throws SQLException {
    List<Sid.Media> files = new ArrayList<>();
    try (Statement statement = to.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT sid FROM media WHERE state = 'stored' ORDER BY sid")) {
      while (rows.next()) {
        files.add(new Sid.Media(rows.getString("sid")));
      }
    }
    return files;
  }

  /** Returns whether the folder has any bytes of this part. */
  private static boolean copy(Sid.Media file, Part part, FolderBytes from, Connection to)
      throws SQLException {
    try (PreparedStatement insert = to.prepareStatement(SqlBytes.WRITE)) {
      long offset = 0;
      Optional<Chunk> next = from.read(file, part, offset);
      while (next.isPresent() && next.get().length() > 0) {
        insert.setString(1, file.text());
        insert.setString(2, SqlBytes.word(part));
        insert.setLong(3, offset / Limits.MEDIA_CHUNK);
        insert.setBytes(4, next.get().bytes());
        insert.executeUpdate();
        offset += next.get().length();
        next = next.get().length() < Limits.MEDIA_CHUNK
            ? Optional.empty()
            : from.read(file, part, offset);
      }
      return offset > 0;
    }
  }
}
