package parlour.media;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiPredicate;
import parlour.Limits;
import parlour.Sid;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.media.MediaFile.Part;
import parlour.s3.S3Bucket;
import parlour.store.Database;

/**
 * Moves the bytes of all stored files between a bucket and the local place, which is a folder or the
 * database of the records. It can be interrupted, and repeated. No process may serve the files
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
    deleteInBucket();
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
   * Deletes what the sweep of a process without the bucket would not find: the bytes of deleted files,
   * and those of uploads whose checks a stop broke off.
   */
  private void deleteInBucket() {
    database.write(SqlMedia::deleteChecking);
    String after = "";
    List<Sid.Media> page;
    do {
      String from = after;
      page = database.readOne(sql -> SqlMedia.allDeleted(sql, from, Limits.MEDIA_SWEPT));
      for (Sid.Media file : page) {
        for (Part part : Part.values()) {
          bucket.delete(BucketBytes.key(file, part));
        }
        after = file.text();
      }
    } while (page.size() == Limits.MEDIA_SWEPT);
  }

  private boolean fromBucket(MediaFile file, Part part) {
    String key = BucketBytes.key(file.sid(), part);
    long length = length(file, part);
    if (bucket.length(key).isPresent()) {
      for (long offset = 0; offset < length; offset += Limits.MEDIA_CHUNK) {
        byte[] bytes = bucket.get(key, offset, Limits.MEDIA_CHUNK).orElse(new byte[0]);
        if (bytes.length < Math.min(length - offset, Limits.MEDIA_CHUNK)) {
          return false;
        }
        local.write(file.sid(), part, offset, new Chunk(bytes));
      }
      local.sync(file.sid(), part);
      bucket.delete(key);
    }
    return isWhole(file.sid(), part, length);
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
