package parlour.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jclouds.blobstore.options.ListContainerOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.media.Media.Finished;
import parlour.media.MediaFile.Part;
import parlour.s3.RealS3;
import parlour.s3.S3Address;
import parlour.s3.S3Bucket;
import parlour.store.Database;
import parlour.store.DiskSpace;

/** Files in a bucket of a real S3 server, wherever their uploads arrive. */
abstract class BucketMediaContract extends MediaContract {
  private static final byte[] TEXT = "Hello\n".getBytes(StandardCharsets.UTF_8);

  private static final RealS3 server = RealS3.shared();

  private S3Bucket bucket = new S3Bucket(server.address(), InstantSource.system());

  /** Where uploads arrive; if empty, in the database. */
  protected abstract Optional<Path> folder();

  /** Whether anything is there. */
  protected abstract boolean hasLocalBytes();

  @BeforeEach
  void emptyTheBucket() {
    server.objects().clearContainer(RealS3.BUCKET);
    bucket.close();
    bucket = new S3Bucket(server.address(), InstantSource.system());
    media = media(database, DiskSpace.unknown());
  }

  @AfterEach
  void closeBucket() {
    bucket.close();
  }

  @Override
  protected MediaService media(Database database, DiskSpace disk) {
    return MediaService.inBucket(bucket, folder(), database, disk, this::now);
  }

  private static List<String> objects() {
    return server.objects().list(RealS3.BUCKET, ListContainerOptions.Builder.recursive()).stream()
        .map(object -> object.getName())
        .filter(name -> !name.equals(BucketBytes.MARKER))
        .toList();
  }

  @Override
  protected boolean hasBytes() {
    return hasLocalBytes() || !objects().isEmpty();
  }

  @Override
  protected void writeLate(Sid.Media file) {
    bucket.put(
        BucketBytes.key(file, Part.ORIGINAL), TEXT.length, () -> new ByteArrayInputStream(TEXT));
  }

  /** Writes the first chunk of an upload where uploads arrive, as a call that had stalled. */
  private void appendLate(Sid.Media file, byte[] text) {
    MediaService.local(folder(), database)
        .write(file, Part.ORIGINAL, 0, new Chunk(Arrays.copyOf(text, Limits.MEDIA_CHUNK)));
  }

  @Test
  void a_chunk_that_is_written_after_the_file_was_stored_changes_nothing_and_goes_with_the_file() {
    byte[] text = text(2 * Limits.MEDIA_CHUNK + 9);
    MediaFile file = stored("long.txt", text);
    appendLate(file.sid(), text);
    assertThat(read(file.sid(), Part.ORIGINAL)).isEqualTo(text);
    database.write(sql -> sql.update(
        "UPDATE media SET state = 'deleted' WHERE sid = ?", file.sid().text()));
    media.sweep();
    assertThat(hasBytes()).isFalse();
  }

  @Test
  void a_chunk_that_is_written_after_the_upload_was_written_to_the_bucket_replaces_nothing_there() {
    byte[] text = text(2 * Limits.MEDIA_CHUNK + 9);
    Sid.Media sid = begun(text.length);
    for (int from = 0; from < text.length; from += Limits.MEDIA_CHUNK) {
      int to = Math.min(text.length, from + Limits.MEDIA_CHUNK);
      media.append(sid, from, new Chunk(Arrays.copyOfRange(text, from, to)));
    }
    // As a process that crashes after the bytes were written, and before the record was.
    new BucketBytes(bucket, MediaService.local(folder(), database)).sync(sid, Part.ORIGINAL);
    appendLate(sid, text);
    assertThat(media.finish(sid, "long.txt", "")).isInstanceOf(Finished.Stored.class);
    assertThat(read(sid, Part.ORIGINAL)).isEqualTo(text);
  }

  @Override
  protected void lose(Sid.Media file) {
    for (Part part : Part.values()) {
      server.objects().removeBlob(RealS3.BUCKET, BucketBytes.key(file, part));
    }
  }

  @Test
  void a_stored_file_is_in_the_bucket_alone_and_a_refused_one_never_gets_there() {
    Sid.Media refused = begun(100);
    media.append(refused, 0, new Chunk("<html><script></script>".getBytes(StandardCharsets.UTF_8)));
    assertThat(media.finish(refused, "page.txt", "")).isInstanceOf(Finished.TypeRefused.class);
    media.sweep();
    MediaFile image = stored("image.png", Images.encoded(Images.redAndBlue(8, 8), "png"));
    assertThat(objects())
        .containsExactlyInAnyOrder(
            image.sid().text() + "/original", image.sid().text() + "/preview");
    assertThat(hasLocalBytes()).isFalse();
  }

  @Test
  void while_the_store_is_down_nothing_is_stored_refused_or_forgotten() {
    MediaFile kept = stored("kept.txt", TEXT);
    MediaFile deleted = stored("deleted.txt", TEXT);
    database.write(sql -> sql.update(
        "UPDATE media SET state = 'deleted' WHERE sid = ?", deleted.sid().text()));
    long used = used();
    Runnable again = server.stop();
    Sid.Media arriving = begun(TEXT.length);
    assertThat(media.append(arriving, 0, new Chunk(TEXT))).isEqualTo(Media.Appended.DONE);
    assertThatThrownBy(() -> media.finish(arriving, "new.txt", "")).isInstanceOf(Unavailable.class);
    assertThat(media.find(account, arriving)).isEmpty();
    assertThatThrownBy(() -> media.read(kept.sid(), Part.ORIGINAL, 0))
        .isInstanceOf(Unavailable.class);
    media.sweep();
    again.run();
    assertThat(used()).isGreaterThan(used);
    assertThat(media.finish(arriving, "new.txt", "")).isInstanceOf(Finished.Stored.class);
    assertThat(read(arriving, Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(read(kept.sid(), Part.ORIGINAL)).isEqualTo(TEXT);
    media.sweep();
    assertThat(objects()).noneMatch(key -> key.startsWith(deleted.sid().text()));
  }

  @Test
  void an_upload_that_was_written_before_a_crash_is_finished_by_another_process() {
    byte[] text = text(Limits.MEDIA_CHUNK + 5);
    Sid.Media sid = begun(text.length);
    media.append(sid, 0, new Chunk(Arrays.copyOf(text, Limits.MEDIA_CHUNK)));
    MediaService other = media(database, DiskSpace.unknown());
    other.append(
        sid,
        Limits.MEDIA_CHUNK,
        new Chunk(Arrays.copyOfRange(text, Limits.MEDIA_CHUNK, text.length)));
    // As a process that crashes after the bytes were written, and before the record was.
    new BucketBytes(bucket, MediaService.local(folder(), database)).sync(sid, Part.ORIGINAL);
    assertThat(hasLocalBytes()).isFalse();
    assertThat(other.finish(sid, "text.txt", "")).isInstanceOf(Finished.Stored.class);
    assertThat(read(sid, Part.ORIGINAL)).isEqualTo(text);
    assertThat(media.find(account, sid).orElseThrow().content().orElseThrow().bytes())
        .isEqualTo(text.length);
  }

  @Test
  void a_start_over_another_bucket_or_without_a_store_is_refused_with_the_remedy() {
    stored("kept.txt", TEXT);
    server.objects().createContainerInLocation(null, "another");
    assertThatThrownBy(() -> start("another", server.address().endpoint()))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("s3.bucket")
        .hasMessageContaining("parlour migrate --from local --to s3");
    assertThatThrownBy(() -> start("missing", server.address().endpoint()))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("there is no such bucket");
    assertThatThrownBy(() -> start(RealS3.BUCKET, URI.create("http://127.0.0.1:1")))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("does not answer");
    start(RealS3.BUCKET, server.address().endpoint());
  }

  private void start(String name, URI endpoint) {
    S3Address right = server.address();
    S3Address address = new S3Address(
        endpoint,
        right.region(),
        name,
        true,
        right.accessKey(),
        right.secretKey(),
        Optional.empty());
    try (S3Bucket other = new S3Bucket(address, InstantSource.system())) {
      var _ = MediaService.inBucket(other, folder(), database, DiskSpace.unknown(), this::now);
    }
  }

  @Test
  void files_are_moved_into_the_bucket_and_back_and_a_move_can_be_repeated() {
    server.objects().removeBlob(RealS3.BUCKET, BucketBytes.MARKER);
    MediaService local = folder()
        .map(files -> MediaService.inFolder(files, database, DiskSpace.unknown(), this::now))
        .orElseGet(() -> MediaService.inDatabase(database, DiskSpace.unknown(), this::now));
    media = local;
    byte[] longText = text(2 * Limits.MEDIA_CHUNK + 9);
    byte[] image = Images.encoded(Images.redAndBlue(20, 10), "png");
    MediaFile text = stored("long.txt", longText);
    MediaFile picture = stored("picture.png", image);
    byte[] preview = read(picture.sid(), Part.PREVIEW);
    MediaMove move = new MediaMove(bucket, folder(), database);
    assertThatThrownBy(() -> media(database, DiskSpace.unknown())).isInstanceOf(StartupError.class);

    assertThat(move.toBucket()).isEqualTo(new MediaMove.Moved(2, 0));
    assertThat(move.toBucket()).as("repeated").isEqualTo(new MediaMove.Moved(2, 0));
    assertThat(hasLocalBytes()).isFalse();
    media = media(database, DiskSpace.unknown());
    assertThat(read(text.sid(), Part.ORIGINAL)).isEqualTo(longText);
    assertThat(read(picture.sid(), Part.PREVIEW)).isEqualTo(preview);
    MediaFile lost = stored("lost.txt", TEXT);
    lose(lost.sid());

    Sid.Media checked = begun(TEXT.length);
    media.append(checked, 0, new Chunk(TEXT));
    database.write(sql -> SqlMedia.check(sql, checked));
    new BucketBytes(bucket, MediaService.local(folder(), database)).sync(checked, Part.ORIGINAL);
    MediaFile erased = stored("erased.txt", TEXT);
    database.write(sql -> sql.update(
        "UPDATE media SET state = 'deleted' WHERE sid = ?", erased.sid().text()));

    assertThat(move.fromBucket()).isEqualTo(new MediaMove.Moved(2, 1));
    assertThat(move.fromBucket()).as("repeated").isEqualTo(new MediaMove.Moved(2, 1));
    assertThat(objects()).as("also nothing of what was deleted").isEmpty();
    assertThat(isMarked())
        .as("a file is missing, so the bucket is still in use")
        .isTrue();
    database.write(sql -> sql.update(
        "UPDATE media SET state = 'deleted' WHERE sid = ?", lost.sid().text()));
    assertThat(move.fromBucket()).isEqualTo(new MediaMove.Moved(2, 0));
    assertThat(isMarked()).isFalse();
    assertThat(move.fromBucket()).as("repeated").isEqualTo(new MediaMove.Moved(2, 0));
    media = local;
    assertThat(media.finish(checked, "checked.txt", ""))
        .as("an upload whose checks were broken off, and whose last call is repeated")
        .isInstanceOf(Finished.Stored.class);
    assertThat(read(checked, Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(read(text.sid(), Part.ORIGINAL)).isEqualTo(longText);
    assertThat(read(picture.sid(), Part.ORIGINAL)).isEqualTo(image);
    assertThat(read(picture.sid(), Part.PREVIEW)).isEqualTo(preview);
  }

  private static boolean isMarked() {
    return server.objects().blobExists(RealS3.BUCKET, BucketBytes.MARKER);
  }

  @Test
  void a_move_out_of_a_bucket_that_is_not_the_one_of_these_files_is_refused() {
    MediaFile file = stored("kept.txt", TEXT);
    server.objects().removeBlob(RealS3.BUCKET, BucketBytes.MARKER);
    MediaMove move = new MediaMove(bucket, folder(), database);
    lose(file.sid());
    assertThatThrownBy(move::fromBucket)
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("s3.bucket");
  }

  @Test
  void bytes_that_an_interrupted_move_has_left_here_replace_nothing_in_the_bucket() {
    byte[] text = text(2 * Limits.MEDIA_CHUNK + 9);
    MediaFile file = stored("long.txt", text);
    MediaBytes local = MediaService.local(folder(), database);
    local.write(file.sid(), Part.ORIGINAL, 0, new Chunk(Arrays.copyOf(text, Limits.MEDIA_CHUNK)));
    MediaMove move = new MediaMove(bucket, folder(), database);
    assertThat(move.toBucket()).isEqualTo(new MediaMove.Moved(1, 0));
    assertThat(hasLocalBytes()).isFalse();
    assertThat(read(file.sid(), Part.ORIGINAL)).isEqualTo(text);
  }
}
