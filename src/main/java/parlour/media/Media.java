package parlour.media;

import java.util.Optional;
import parlour.Sid;

/**
 * The files of conversations. An upload is {@link #begin}, then {@link #append} for each chunk in
 * order, then {@link #finish}; an upload that is not finished within an hour is deleted.
 *
 * <p>Every method throws {@link parlour.Unavailable} in an outage, and can be repeated: the caller
 * chooses the sid, and each chunk has its offset. A client that repeats a whole upload
 * begins a new attempt.
 */
public interface Media {

  /**
   * A file that will be uploaded.
   *
   * @param sid of this attempt, random, so that no other attempt touches its bytes
   * @param clientId the uploader's own id of the file, the same in each attempt
   * @param maxBytes the length that the uploader announced, or the longest that is accepted; there
   *     must be room for it at the beginning, and it is reserved as the bytes arrive
   */
  record NewFile(
      Sid.Media sid,
      MediaFile.Owner owner,
      Optional<String> clientId,
      String category,
      long maxBytes) {}

  /** The answer to {@link #begin}. */
  sealed interface Begun {
    record Accepted() implements Begun {}

    /** The file is longer than {@link parlour.Limits#MEDIA_FILE_BYTES}. */
    record TooLong() implements Begun {}

    /** The conversation's or the account's files leave no room for it. */
    record Full(Scope scope) implements Begun {}

    /** The uploader has {@link parlour.Limits#MEDIA_UNSENT} files that no message has taken. */
    record TooManyUnsent() implements Begun {}

    /** The disk is nearly full. */
    record NoSpace() implements Begun {}

    enum Scope {
      CONVERSATION,
      ACCOUNT
    }
  }

  /** The answer to {@link #append}. */
  enum Appended {
    DONE,
    /** The file would become longer than {@link parlour.Limits#MEDIA_FILE_BYTES}. */
    TOO_LONG,
    /** Other files of the conversation have taken the room meanwhile. */
    CONVERSATION_FULL,
    /** Other files of the account have taken the room meanwhile. */
    ACCOUNT_FULL,
    /** No such upload is arriving: it was never begun, has ended, or was deleted. */
    NOT_FOUND
  }

  /** The answer to {@link #finish}. */
  sealed interface Finished {
    record Stored(MediaFile file) implements Finished {}

    /** The file was deleted, because files of its type are not accepted. */
    record TypeRefused(String type) implements Finished {}

    /** The file was deleted, because the scanner found malware in it. */
    record Infected() implements Finished {}

    /** The file was deleted, because it has no bytes. */
    record Empty() implements Finished {}

    /** There is no such upload: it was never begun, or was deleted. */
    record NotFound() implements Finished {}
  }

  /** Begins an upload if there is room for all of it, and reserves room for its first bytes. */
  Begun begin(NewFile file);

  /**
   * Adds bytes to an upload, and reserves more room for it when they need it.
   *
   * @param offset of the first byte; a chunk that comes twice replaces itself
   */
  Appended append(Sid.Media file, long offset, Chunk chunk);

  /**
   * Checks the bytes, makes the preview, and stores the file. If an earlier attempt has stored the
   * file with the same client id, that one is the answer, and this attempt is deleted.
   *
   * @param fileName as the uploader gives it; {@link FileNames} decides what is kept
   * @param client the address that the call is counted for, which shares the checks fairly with
   *     others; if empty, the file's conversation is
   */
  Finished finish(Sid.Media file, String fileName, String client);

  /** Deletes an upload that is not finished. */
  void discard(Sid.Media file);

  /** A stored file of an account. */
  Optional<MediaFile> find(Sid.Account account, Sid.Media file);

  /**
   * Reads bytes of a stored file.
   *
   * @return at most {@link parlour.Limits#MEDIA_CHUNK} bytes from the offset, none at the end of the
   *     part; empty if the file was deleted
   */
  Optional<Chunk> read(Sid.Media file, MediaFile.Part part, long offset);
}
