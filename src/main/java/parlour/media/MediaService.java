package parlour.media;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.Unavailable;
import parlour.media.MediaFile.Part;
import parlour.media.SqlMedia.State;
import parlour.s3.S3Bucket;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.trace.SecurityLog;

/**
 * Files, with their records in a database and their bytes in {@link MediaBytes}.
 *
 * <p>The order makes it safe to crash: a record exists before the first byte, and the bytes are
 * durable before the record says that the file is stored. A deleted file keeps its record until its
 * bytes are gone, and for as long as a call of its upload can still write some.
 */
public final class MediaService implements Media {
  private static final Logger log = LoggerFactory.getLogger(MediaService.class);

  private final OutageLog outage = new OutageLog(log, "deleted files are kept");

  private final Database database;
  private final MediaBytes bytes;
  private final DiskSpace disk;
  private final InstantSource clock;
  private final Optional<Scan> scan;
  private final Previews previews = new Previews();
  private final LongAdder storedBytes = new LongAdder();

  /** The sid of the last file of the last sweep; empty if that came to the end. */
  @GuardedBy("this")
  private String sweptTo = "";

  /** The scan of each file, and the log of what it finds. */
  private record Scan(MalwareScanner scanner, SecurityLog security) {}

  private MediaService(
      Database database,
      MediaBytes bytes,
      DiskSpace disk,
      InstantSource clock,
      Optional<Scan> scan) {
    this.database = database;
    this.bytes = bytes;
    this.disk = disk;
    this.clock = clock;
    this.scan = scan;
  }

  /**
   * Keeps the bytes below a folder, for an installation with one node.
   *
   * @throws parlour.StartupError with the remedy, if the folder is not the one with its files
   */
  public static MediaService inFolder(
      Path folder, Database database, DiskSpace disk, InstantSource clock) {
    return opened(database, local(Optional.of(folder), database), disk, clock);
  }

  /** Keeps the bytes in the database, which several nodes can share. */
  public static MediaService inDatabase(Database database, DiskSpace disk, InstantSource clock) {
    return opened(database, local(Optional.empty(), database), disk, clock);
  }

  /**
   * Keeps the bytes in a bucket, which several nodes can share.
   *
   * @param folder where uploads arrive; if empty, they arrive in the database
   * @throws parlour.StartupError with the remedy, if the bucket cannot be used, or is another one
   */
  public static MediaService inBucket(
      S3Bucket bucket,
      Optional<Path> folder,
      Database database,
      DiskSpace disk,
      InstantSource clock) {
    return opened(database, new BucketBytes(bucket, local(folder, database)), disk, clock);
  }

  static MediaBytes local(Optional<Path> folder, Database database) {
    return folder.<MediaBytes>map(FolderBytes::new).orElseGet(() -> new SqlBytes(database));
  }

  /** The same service, which stores a file only after a scanner has found nothing in it. */
  public MediaService scannedBy(MalwareScanner scanner, SecurityLog security) {
    return new MediaService(database, bytes, disk, clock, Optional.of(new Scan(scanner, security)));
  }

  private static MediaService opened(
      Database database, MediaBytes bytes, DiskSpace disk, InstantSource clock) {
    bytes.open(database.readOne(SqlMedia::hasArrived).isPresent());
    return new MediaService(database, bytes, disk, clock, Optional.empty());
  }

  @Override
  public Begun begin(NewFile file) {
    if (file.maxBytes() > Limits.MEDIA_FILE_BYTES) {
      return new Begun.TooLong();
    }
    if (disk.isScarce()) {
      return new Begun.NoSpace();
    }
    return database.write(sql -> SqlMedia.begin(sql, file, now()));
  }

  @Override
  public Appended append(Sid.Media file, long offset, Chunk chunk) {
    boolean isAligned = offset >= 0 && offset % Limits.MEDIA_CHUNK == 0;
    if (!isAligned || chunk.length() == 0 || chunk.length() > Limits.MEDIA_CHUNK) {
      throw new IllegalArgumentException("a chunk of " + chunk.length() + " bytes at " + offset);
    }
    Optional<SqlMedia.Row> arriving = row(file).filter(row -> row.state() == State.ARRIVING);
    if (arriving.isEmpty()) {
      return Appended.NOT_FOUND;
    }
    long end = offset + chunk.length();
    if (end > Limits.MEDIA_FILE_BYTES) {
      return Appended.TOO_LONG;
    }
    if (end > arriving.get().room()) {
      Optional<Begun.Scope> full =
          database.write(sql -> SqlMedia.grow(sql, arriving.get().file(), end));
      if (full.isPresent()) {
        return switch (full.get()) {
          case CONVERSATION -> Appended.CONVERSATION_FULL;
          case ACCOUNT -> Appended.ACCOUNT_FULL;
        };
      }
    }
    bytes.write(file, Part.ORIGINAL, offset, chunk);
    if (row(file).isEmpty()) { // the sweep may have deleted its bytes before these were written
      deleteBytes(file);
      return Appended.NOT_FOUND;
    }
    return Appended.DONE;
  }

  @Override
  public Finished finish(Sid.Media file, String fileName, String client) {
    Optional<SqlMedia.Row> found = database.write(sql -> SqlMedia.check(sql, file));
    if (found.isEmpty()) {
      return new Finished.NotFound();
    }
    SqlMedia.Row row = found.get();
    if (row.isStored()) {
      return new Finished.Stored(row.file()); // this call was repeated
    }
    Optional<Chunk> beginning = bytes.readUpload(file, Part.ORIGINAL, 0);
    if (beginning.isEmpty()) {
      return refused(file, new Finished.Empty());
    }
    TypeDetector.Detected detected = TypeDetector.detect(beginning.get().bytes());
    if (detected.accepted().isEmpty()) {
      return refused(file, new Finished.TypeRefused(detected.name()));
    }
    String whose = client.isEmpty() ? nameOf(row.file().owner()) : client;
    if (isInfected(row.file(), whose)) { // before a decoder of images reads it
      return refused(file, new Finished.Infected());
    }
    return store(row, FileNames.of(fileName), detected.accepted().get(), whose);
  }

  /** The conversation, or the account of a server. */
  private static String nameOf(MediaFile.Owner owner) {
    return owner
        .conversation()
        .map(Sid.Conversation::text)
        .orElse(owner.account().text());
  }

  private boolean isInfected(MediaFile file, String client) {
    if (scan.isEmpty()) {
      return false;
    }
    return switch (scan.get().scanner().scan(original(file.sid()), client)) {
      case MalwareScanner.Verdict.Clean() -> false;
      case MalwareScanner.Verdict.Infected(String signature) -> {
        MediaFile.Owner owner = file.owner();
        scan.get()
            .security()
            .write(
                SecurityLog.Event.MALWARE_FOUND,
                owner.account().text(),
                owner
                    .conversation()
                    .map(Sid.Conversation::text)
                    .orElse(file.sid().text()));
        log.warn(
            "clamd found {} in the file {}, which is not kept",
            signature,
            file.sid().text());
        yield true;
      }
    };
  }

  private InputStream original(Sid.Media file) {
    return new PartStream(bytes, file, Part.ORIGINAL);
  }

  private Finished refused(Sid.Media file, Finished refusal) {
    discard(file);
    return refusal;
  }

  private Finished store(SqlMedia.Row row, String fileName, MediaType type, String client) {
    Sid.Media file = row.file().sid();
    Optional<Previews.Made> preview =
        type.hasPreview() ? previews.of(type, () -> original(file), client) : Optional.empty();
    preview.ifPresent(made -> writePreview(file, made.bytes().bytes()));
    MediaFile.Content content = new MediaFile.Content(
        type.text(),
        bytes.sync(file, Part.ORIGINAL),
        preview.map(made -> new MediaFile.Preview(made.type(), made.bytes().length())));
    Optional<MediaFile> stored =
        database.write(sql -> SqlMedia.finish(sql, row, FileNames.of(fileName, type), content));
    if (stored.isEmpty()) {
      return finishedElsewhere(file);
    }
    storedBytes.add(content.bytes(Part.ORIGINAL));
    return new Finished.Stored(stored.get());
  }

  /** The bytes of the files that were stored since the start of this process. */
  public double storedBytes() {
    return storedBytes.doubleValue();
  }

  /** The file is not being checked any more: this call was repeated, or the file was deleted. */
  private Finished finishedElsewhere(Sid.Media file) {
    Optional<SqlMedia.Row> now = row(file);
    if (now.filter(SqlMedia.Row::isStored).isPresent()) {
      return new Finished.Stored(now.get().file());
    }
    deleteBytes(file); // the sweep may have deleted its bytes before the preview was written
    return new Finished.NotFound();
  }

  private void writePreview(Sid.Media file, byte[] preview) {
    for (int from = 0; from < preview.length; from += Limits.MEDIA_CHUNK) {
      int to = Math.min(preview.length, from + Limits.MEDIA_CHUNK);
      bytes.write(file, Part.PREVIEW, from, new Chunk(Arrays.copyOfRange(preview, from, to)));
    }
    bytes.sync(file, Part.PREVIEW);
  }

  private void deleteBytes(Sid.Media file) {
    for (Part part : Part.values()) {
      bytes.delete(file, part);
    }
  }

  @Override
  public void discard(Sid.Media file) {
    long arrived = bytes.arrived(file);
    database.write(sql -> {
      SqlMedia.discard(sql, file, arrived);
      return file;
    });
  }

  @Override
  public Optional<MediaFile> find(Sid.Account account, Sid.Media file) {
    return row(file)
        .filter(SqlMedia.Row::isStored)
        .map(SqlMedia.Row::file)
        .filter(found -> found.owner().account().equals(account));
  }

  @Override
  public Optional<Chunk> read(Sid.Media file, Part part, long offset) {
    if (offset < 0 || offset % Limits.MEDIA_CHUNK != 0) {
      throw new IllegalArgumentException("no chunk begins at " + offset);
    }
    Optional<MediaFile.Content> content =
        row(file).filter(SqlMedia.Row::isStored).flatMap(stored -> stored.file().content());
    if (content.isEmpty()) {
      return Optional.empty();
    }
    long expected = Math.clamp(content.get().bytes(part) - offset, 0, Limits.MEDIA_CHUNK);
    Chunk chunk = expected == 0
        ? new Chunk(new byte[0])
        : bytes.read(file, part, offset).orElseGet(() -> new Chunk(new byte[0]));
    if (chunk.length() < expected && row(file).isPresent()) { // it was not deleted meanwhile
      throw new Unavailable(
          "Media", "the bytes of the stored file " + file.text() + " are missing", null);
    }
    return Optional.of(chunk);
  }

  /**
   * Deletes the bytes and the records of deleted files, and files that no message has taken. It
   * begins after the file at which the last sweep ended, so that files that cannot be deleted do not
   * keep others from it.
   */
  public synchronized void sweep() {
    Instant before = now().minus(Limits.MEDIA_UNSENT_AGE);
    database.write(sql -> SqlMedia.deleteUnsent(sql, before));
    String after = sweptTo;
    List<SqlMedia.Deleted> page =
        database.readOne(sql -> SqlMedia.deleted(sql, before, after, Limits.MEDIA_SWEPT));
    int failures = 0;
    for (SqlMedia.Deleted deleted : page) {
      sweptTo = deleted.file().text();
      try {
        deleteBytes(deleted.file());
      } catch (Unavailable e) { // the other files can perhaps be deleted nevertheless
        outage.failed(e);
        failures++;
        if (failures == Limits.MEDIA_SWEEP_FAILURES) {
          return; // each may have taken the whole time of a call
        }
        continue;
      }
      database.write(sql -> {
        SqlMedia.deleteRecord(sql, deleted, before);
        return deleted;
      });
    }
    if (failures == 0) {
      outage.worked();
    }
    if (page.size() < Limits.MEDIA_SWEPT) {
      sweptTo = "";
    }
  }

  private Optional<SqlMedia.Row> row(Sid.Media file) {
    return database.readOne(sql -> SqlMedia.find(sql, file));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS); // as the store keeps it
  }
}
