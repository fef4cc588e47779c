package parlour.media;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import parlour.Limits;
import parlour.Sid;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.s3.S3Bucket;

/**
 * The bytes of files in a bucket, an object for each part. A bucket cannot append, so an upload
 * arrives in a local place first, chunk by chunk; {@link #sync} moves it into the bucket. A file that
 * is refused never gets there.
 */
final class BucketBytes implements MediaBytes {
  /** The key of an object that marks the bucket of an installation, as long as it is the right one. */
  static final String MARKER = "files-of-parlour";

  private static final byte[] MARKER_TEXT =
      "This bucket has the files of a Parlour.\n".getBytes(StandardCharsets.UTF_8);

  private final S3Bucket bucket;
  private final MediaBytes local;

  /**
   * @param local where uploads arrive; files that were not moved into the bucket are read from there
   */
  BucketBytes(S3Bucket bucket, MediaBytes local) {
    this.bucket = bucket;
    this.local = local;
  }

  @Override
  public void open(boolean isUsed) {
    local.open(false);
    try {
      if (bucket.length(MARKER).isEmpty() && isUsed) {
        throw new StartupError("the bucket of s3.bucket has no files of this installation, but"
            + " messages have some: correct s3.bucket or s3.endpoint; or, if the files are still in"
            + " the folder or the database, run this before the start: parlour migrate --from local"
            + " --to s3");
      }
      bucket.put(MARKER, MARKER_TEXT.length, () -> new ByteArrayInputStream(MARKER_TEXT));
      bucket.delete(MARKER + "-deleted"); // the key must be allowed to
    } catch (Unavailable e) {
      throw bucket.explain(e);
    }
  }

  @Override
  public void write(Sid.Media file, MediaFile.Part part, long offset, Chunk chunk) {
    local.write(file, part, offset, chunk);
  }

  /** The bucket has none of them, unless the upload broke after its last byte. */
  @Override
  public long arrived(Sid.Media file) {
    return local.arrived(file);
  }

  /**
   * An object is always whole, because no upload is written before all its bytes have arrived. So what
   * is still local of it was written late, by a call that had stalled, and replaces nothing.
   */
  @Override
  public long sync(Sid.Media file, MediaFile.Part part) {
    OptionalLong written = bucket.length(key(file, part));
    if (written.isPresent()) { // this call was repeated
      local.delete(file, part);
      return written.getAsLong();
    }
    if (local.read(file, part, 0).isEmpty()) {
      throw new Unavailable("Media", "the bytes of " + file.text() + " have not arrived", null);
    }
    long length = local.sync(file, part);
    bucket.put(key(file, part), length, () -> new PartStream(local, file, part));
    local.delete(file, part);
    return length;
  }

  @Override
  public Optional<Chunk> read(Sid.Media file, MediaFile.Part part, long offset) {
    return written(file, part, offset).or(() -> local.read(file, part, offset));
  }

  @Override
  public Optional<Chunk> readUpload(Sid.Media file, MediaFile.Part part, long offset) {
    return local.readUpload(file, part, offset).or(() -> written(file, part, offset));
  }

  private Optional<Chunk> written(Sid.Media file, MediaFile.Part part, long offset) {
    return bucket.get(key(file, part), offset, Limits.MEDIA_CHUNK).map(Chunk::new);
  }

  @Override
  public void delete(Sid.Media file, MediaFile.Part part) {
    local.delete(file, part);
    bucket.delete(key(file, part));
  }

  static String key(Sid.Media file, MediaFile.Part part) {
    return file.text() + "/" + part.name().toLowerCase(Locale.ROOT);
  }
}
