package parlour.media;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Function;
import parlour.Limits;
import parlour.Sid;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.media.MediaFile.Part;
import parlour.s3.S3Bucket;
import parlour.store.Database;

/**
 * Moves the bytes of all stored files between a bucket and the local place, which is a folder or
 * the database of the records. It can be interrupted, and repeated. No process may serve the files
 * meanwhile.
 */
public final class MediaMove {
  private final S3Bucket bucket;
  private final MediaBytes local;
  private final Database database;

  /**
   * The result of a move.
   *
   * @param missing files whose bytes are in neither place
   */
  public record Moved(int files, int missing) {}

  /**
   * @param folder of the files; if empty, they are in the database
   */
  public MediaMove(S3Bucket bucket, Optional<Path> folder, Database database) {
    this.bucket = bucket;
    this.local = MediaService.local(folder, database);
    this.database = database;
  }

  /**
   * Each part is durable in the bucket before it is deleted here.
   *
   * @throws parlour.StartupError with the remedy, if one of the places is not the right one
   */
  public Moved toBucket() {
    local.open(database.readOne(SqlMedia::hasArrived).isPresent());
    BucketBytes to = new BucketBytes(bucket, local);
    to.open(false);
    return each((file, part) -> toBucket(to, file, part));
  }

  /** A move from the bucket that was interrupted has left a part of the bytes here. */
  private boolean toBucket(BucketBytes to, MediaFile file, Part part) {
    long length = length(file, part);
    if (bucket.length(BucketBytes.key(file.sid(), part)).equals(OptionalLong.of(length))) {
      local.delete(file.sid(), part);
      return true;
    }
    return isWhole(file.sid(), part, length) && to.sync(file.sid(), part) == length;
  }

  /** Whether the local bytes reach the length; their last chunk ends with it. */
  private boolean isWhole(Sid.Media file, Part part, long length) {
    long last = (length - 1) / Limits.MEDIA_CHUNK * Limits.MEDIA_CHUNK;
    return local
        .read(file, part, last)
        .filter(chunk -> chunk.length() == length - last)
        .isPresent();
  }

  /**
   * The bucket keeps no file that was moved and none that was deleted. If none is missing, it keeps
   * no marker, so that no process starts over it.
   *
   * @throws parlour.StartupError with the remedy, if it is not the bucket of these files
   */
  public Moved fromBucket() {
    local.open(false);
    if (!isMarked() && each(this::isWhole).missing() > 0) {
      throw new StartupError("the bucket of s3.bucket has no files of this installation, and some"
          + " files are missing in the local place: correct s3.bucket or s3.endpoint");
    }
    all(
        after -> database.readOne(sql -> SqlMedia.allDeleted(sql, after, Limits.MEDIA_SWEPT)),
        this::deleteInBucket);
    all(
        after -> database.readOne(sql -> SqlMedia.checking(sql, after, Limits.MEDIA_SWEPT)),
        this::checkingFromBucket);
    Moved moved = each(this::fromBucket);
    if (moved.missing() == 0) {
      bucket.delete(BucketBytes.MARKER);
    }
    return moved;
  }

  private boolean isWhole(MediaFile file, Part part) {
    return isWhole(file.sid(), part, length(file, part));
  }

  private boolean isMarked() {
    try {
      return bucket.length(BucketBytes.MARKER).isPresent();
    } catch (Unavailable e) {
      throw bucket.explain(e);
    }
  }

  /**
   * Does something with each part of all files.
   *
   * @param pages reads those after a sid, in the order of their sids
   */
  private static void all(
      Function<String, List<Sid.Media>> pages, BiConsumer<Sid.Media, Part> action) {
    String after = "";
    List<Sid.Media> page;
    do {
      page = pages.apply(after);
      for (Sid.Media file : page) {
        for (Part part : Part.values()) {
          action.accept(file, part);
        }
        after = file.text();
      }
    } while (page.size() == Limits.MEDIA_SWEPT);
  }

  /** Deletes the bytes of a deleted file, which a process without the bucket would not find. */
  private void deleteInBucket(Sid.Media file, Part part) {
    bucket.delete(BucketBytes.key(file, part));
  }

  /**
   * Moves back the bytes of an upload whose checks were interrupted when a process stopped. The
   * last call of the upload can be repeated after that, and otherwise a sweep deletes the upload.
   */
  private void checkingFromBucket(Sid.Media file, Part part) {
    OptionalLong length = bucket.length(BucketBytes.key(file, part));
    if (length.isPresent() && !fromBucket(file, part, length.getAsLong())) {
      throw new Unavailable("S3", "the object of " + file.text() + " was cut meanwhile", null);
    }
  }

  private boolean fromBucket(MediaFile file, Part part) {
    long length = length(file, part);
    if (bucket.length(BucketBytes.key(file.sid(), part)).isPresent()
        && !fromBucket(file.sid(), part, length)) {
      return false;
    }
    return isWhole(file.sid(), part, length);
  }

  /** Returns false, and keeps the object, if it is shorter. */
  private boolean fromBucket(Sid.Media file, Part part, long length) {
    String key = BucketBytes.key(file, part);
    for (long offset = 0; offset < length; offset += Limits.MEDIA_CHUNK) {
      byte[] bytes = bucket.get(key, offset, Limits.MEDIA_CHUNK).orElse(new byte[0]);
      if (bytes.length < Math.min(length - offset, Limits.MEDIA_CHUNK)) {
        return false;
      }
      local.write(file, part, offset, new Chunk(bytes));
    }
    local.sync(file, part);
    bucket.delete(key);
    return true;
  }

  private Moved each(BiPredicate<MediaFile, Part> move) {
    int files = 0;
    int missing = 0;
    String after = "";
    while (true) {
      String from = after;
      List<MediaFile> page =
          database.readOne(sql -> SqlMedia.stored(sql, from, Limits.MEDIA_SWEPT));
      for (MediaFile file : page) {
        boolean isThere = true;
        for (Part part : Part.values()) {
          if (length(file, part) > 0) {
            isThere &= moved(move, file, part);
          }
        }
        files += isThere ? 1 : 0;
        missing += isThere ? 0 : 1;
        after = file.sid().text();
      }
      if (page.size() < Limits.MEDIA_SWEPT) {
        return new Moved(files, missing);
      }
    }
  }

  /** A part that is nowhere is counted, and the other ones are moved. */
  private boolean moved(BiPredicate<MediaFile, Part> move, MediaFile file, Part part) {
    boolean isNowhere = local.read(file.sid(), part, 0).isEmpty()
        && bucket.length(BucketBytes.key(file.sid(), part)).isEmpty();
    return !isNowhere && move.test(file, part);
  }

  private static long length(MediaFile file, Part part) {
    return file.content().map(content -> content.bytes(part)).orElse(0L);
  }
}
