package parlour.media;

import java.util.Optional;
import parlour.Sid;

/**
 * Where the bytes of files are kept. The record of a file is written before its bytes, and deleted
 * after them. So bytes have a record, unless a store completes a write long after its deadline.
 *
 * <p>Every method throws {@link parlour.Unavailable} if the bytes cannot be reached now.
 */
interface MediaBytes {
  /**
   * Checks at the start that this is the place with the files of these records, and that it can be
   * used.
   *
   * @param isUsed whether there are records of files that have arrived
   * @throws parlour.StartupError with the remedy, if it is not
   */
  void open(boolean isUsed);

  /** Writes bytes at an offset, where the bytes before it were written before. */
  void write(Sid.Media file, MediaFile.Part part, long offset, Chunk chunk);

  /** The number of bytes that have arrived of a file that is not stored. */
  long arrived(Sid.Media file);

  /**
   * Makes durable what was written to a part. It can be repeated.
   *
   * @return the length of the part
   */
  long sync(Sid.Media file, MediaFile.Part part);

  /**
   * Reads a stored file.
   *
   * @return at most {@link parlour.Limits#MEDIA_CHUNK} bytes; empty if the part does not exist
   */
  Optional<Chunk> read(Sid.Media file, MediaFile.Part part, long offset);

  /** The same of a file that is not stored yet, which can be in another place. */
  default Optional<Chunk> readUpload(Sid.Media file, MediaFile.Part part, long offset) {
    return read(file, part, offset);
  }

  /** Deletes a part, also if it does not exist. */
  void delete(Sid.Media file, MediaFile.Part part);
}
