package parlour.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.LongForm;
import parlour.Sid;
import parlour.Unavailable;
import parlour.media.Media.Appended;
import parlour.media.Media.Begun;
import parlour.media.Media.Finished;
import parlour.media.MediaFile.Part;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.trace.SecurityLog;

/** The contract of files, wherever their bytes are kept. */
abstract class MediaContract {
  private static final SecureRandom random = new SecureRandom();
  /** The room that an upload reserves at its beginning. */
  private static final long FIRST_ROOM = Limits.MEDIA_ROOM_STEP + Limits.MEDIA_PREVIEW_BYTES;

  private static final byte[] TEXT = "Hello\n".getBytes(StandardCharsets.UTF_8);

  final Sid.Account account = Sid.Account.random(random);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private final MediaFile.Owner guest =
      new MediaFile.Owner(account, Optional.of(conversation), "guest_1");

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  Database database;
  MediaService media;

  /** Opens the same database each time. */
  protected abstract Database open();

  protected abstract MediaService media(Database database, DiskSpace disk);

  /** Whether any bytes are kept. */
  protected abstract boolean hasBytes();

  /** Writes bytes behind the service's back, as a call that had stalled. */
  protected abstract void writeLate(Sid.Media file);

  /** Loses the bytes of a stored file behind the service's back. */
  protected abstract void lose(Sid.Media file);

  @BeforeEach
  void openMedia() {
    database = open();
    media = media(database, DiskSpace.unknown());
  }

  Instant now() {
    return now;
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void a_file_is_read_as_it_was_uploaded() {
    byte[] longText = text(2 * Limits.MEDIA_CHUNK + 17);
    MediaFile file = stored("notes.txt", longText);
    assertThat(read(file.sid(), Part.ORIGINAL)).isEqualTo(longText);
    assertThat(media.find(account, file.sid())).contains(file);
    assertThat(file.content())
        .contains(new MediaFile.Content("text/plain", longText.length, Optional.empty()));
    assertThat(read(file.sid(), Part.PREVIEW)).isEmpty();
  }

  @Test
  void a_file_whose_last_chunk_is_full_is_read_to_its_end() {
    byte[] text = text(2 * Limits.MEDIA_CHUNK);
    MediaFile file = stored("notes.txt", text);
    assertThat(read(file.sid(), Part.ORIGINAL)).isEqualTo(text);
    assertThat(file.content().orElseThrow().bytes()).isEqualTo(text.length);
  }

  @Test
  void every_call_of_an_upload_can_be_repeated() {
    Sid.Media sid = begun(TEXT.length);
    assertThat(media.begin(newFile(sid, guest, TEXT.length))).isEqualTo(new Begun.Accepted());
    assertThat(media.append(sid, 0, new Chunk(TEXT))).isEqualTo(Appended.DONE);
    assertThat(media.append(sid, 0, new Chunk(TEXT))).isEqualTo(Appended.DONE);
    Finished first = media.finish(sid, "notes.txt", "");
    assertThat(media.finish(sid, "notes.txt", "")).isEqualTo(first);
    assertThat(media.append(sid, 0, new Chunk(TEXT)))
        .as("after its end")
        .isEqualTo(Appended.NOT_FOUND);
    assertThat(read(sid, Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(used()).isEqualTo(TEXT.length);
  }

  @Test
  void attempts_with_the_same_client_id_are_one_file_and_the_first_that_arrives_is_it() {
    Sid.Media broken = attempt("a");
    media.append(broken, 0, new Chunk(new byte[] {'x'}));
    Sid.Media first = attempt("a");
    Sid.Media second = attempt("a");
    media.append(second, 0, new Chunk("other".getBytes(StandardCharsets.UTF_8)));
    media.append(first, 0, new Chunk(TEXT));
    Finished stored = media.finish(first, "notes.txt", "");
    assertThat(media.finish(second, "other.txt", "")).isEqualTo(stored);
    media.discard(broken);
    media.discard(second);
    media.discard(first);
    media.sweep();
    assertThat(read(first, Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(media.find(account, second)).isEmpty();
    assertThat(used()).isEqualTo(TEXT.length);
    Sid.Media another = attempt("b");
    media.append(another, 0, new Chunk(TEXT));
    assertThat(media.finish(another, "notes.txt", "")).isNotEqualTo(stored);
  }

  private Sid.Media attempt(String clientId) {
    Sid.Media sid = Sid.Media.random(random);
    media.begin(
        new Media.NewFile(sid, guest, Optional.of(clientId), MediaFile.CATEGORY, TEXT.length));
    return sid;
  }

  @Test
  void an_upload_goes_on_after_a_restart() {
    byte[] text = text(Limits.MEDIA_CHUNK + 1);
    Sid.Media sid = begun(text.length);
    media.append(sid, 0, new Chunk(Arrays.copyOf(text, Limits.MEDIA_CHUNK)));
    database.close();
    openMedia();
    media.append(sid, Limits.MEDIA_CHUNK, new Chunk(new byte[] {text[Limits.MEDIA_CHUNK]}));
    assertThat(media.finish(sid, "notes.txt", "")).isInstanceOf(Finished.Stored.class);
    assertThat(read(sid, Part.ORIGINAL)).isEqualTo(text);
  }

  @Test
  void a_file_that_is_not_finished_cannot_be_read() {
    Sid.Media sid = begun(TEXT.length);
    media.append(sid, 0, new Chunk(TEXT));
    assertThat(media.find(account, sid)).isEmpty();
    assertThat(media.read(sid, Part.ORIGINAL, 0)).isEmpty();
  }

  @Test
  void another_account_does_not_find_a_file() {
    MediaFile file = stored("notes.txt", TEXT);
    assertThat(media.find(Sid.Account.random(random), file.sid())).isEmpty();
  }

  @Test
  void a_file_is_never_longer_than_the_longest_that_is_accepted() {
    Sid.Media sid = begun(Limits.MEDIA_FILE_BYTES);
    assertThat(media.append(sid, Limits.MEDIA_FILE_BYTES, new Chunk(TEXT)))
        .isEqualTo(Appended.TOO_LONG);
    assertThat(media.begin(newFile(Sid.Media.random(random), guest, Limits.MEDIA_FILE_BYTES + 1)))
        .isEqualTo(new Begun.TooLong());
  }

  @Test
  void a_file_without_bytes_is_refused() {
    Sid.Media sid = begun(10);
    assertThat(media.finish(sid, "notes.txt", "")).isEqualTo(new Finished.Empty());
    assertThat(media.finish(sid, "notes.txt", "")).isEqualTo(new Finished.NotFound());
  }

  @Test
  void the_bytes_decide_about_the_type_and_the_name_says_no_other_one() {
    MediaFile photo = stored("report.pdf", Images.encoded(Images.redAndBlue(8, 8), "png"));
    assertThat(photo.content().orElseThrow().type()).isEqualTo("image/png");
    assertThat(photo.fileName()).isEqualTo("report.pdf.png");
    assertThat(stored("run.bat", TEXT).fileName()).isEqualTo("run.bat.txt");
  }

  @Test
  void a_type_that_browsers_run_is_refused_and_its_bytes_are_deleted() {
    for (String page : List.of(
        "<!DOCTYPE html><script>alert(1)</script>",
        "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "MZ\u0090\0",
        "#!/bin/sh\nrm -r /\n")) {
      Sid.Media sid = begun(1_000);
      media.append(sid, 0, new Chunk(page.getBytes(StandardCharsets.ISO_8859_1)));
      assertThat(media.finish(sid, "notes.txt", ""))
          .as(page)
          .isInstanceOf(Finished.TypeRefused.class);
    }
    media.sweep();
    assertThat(hasBytes()).isFalse();
    assertThat(used()).isZero();
  }

  @Test
  void a_preview_has_the_pixels_upright_and_nothing_else_of_a_photo() {
    byte[] photo = Images.turnedPhoto(Images.redAndBlue(400, 200), "SECRET PLACE");
    MediaFile file = stored("photo.jpg", photo);
    byte[] preview = read(file.sid(), Part.PREVIEW);
    assertThat(file.content().orElseThrow().preview())
        .contains(new MediaFile.Preview("image/jpeg", preview.length));
    assertThat(new String(photo, StandardCharsets.ISO_8859_1)).contains("SECRET PLACE");
    assertThat(new String(preview, StandardCharsets.ISO_8859_1))
        .doesNotContain("SECRET PLACE")
        .doesNotContain("Exif");
    BufferedImage shown = Images.decoded(preview);
    assertThat(List.of(shown.getWidth(), shown.getHeight())).containsExactly(200, 400);
    assertThat(new Color(shown.getRGB(100, 40)).getRed()).isGreaterThan(200);
    assertThat(new Color(shown.getRGB(100, 360)).getBlue()).isGreaterThan(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif"})
  void a_file_of_two_types_is_the_first_one_and_its_preview_has_nothing_of_the_other(String type) {
    byte[] image = Images.encoded(Images.redAndBlue(40, 30), type);
    byte[] other = "<script>alert(1)</script>PK\3\4 SECRET".getBytes(StandardCharsets.ISO_8859_1);
    byte[] both = Arrays.copyOf(image, image.length + other.length);
    System.arraycopy(other, 0, both, image.length, other.length);
    MediaFile file = stored("page.html", both);
    assertThat(file.fileName()).isEqualTo("page.html." + type);
    assertThat(file.content().orElseThrow().type())
        .isEqualTo("image/" + (type.equals("jpg") ? "jpeg" : type));
    assertThat(read(file.sid(), Part.ORIGINAL)).isEqualTo(both);
    assertThat(new String(read(file.sid(), Part.PREVIEW), StandardCharsets.ISO_8859_1))
        .isNotEmpty()
        .doesNotContain("<script>", "PK\3\4", "SECRET");
  }

  @Test
  void a_large_image_gets_a_small_preview_and_a_transparent_one_stays_transparent() {
    MediaFile large = stored("large.jpg", Images.encoded(Images.redAndBlue(4_000, 3_000), "jpg"));
    BufferedImage shown = Images.decoded(read(large.sid(), Part.PREVIEW));
    assertThat(List.of(shown.getWidth(), shown.getHeight()))
        .containsExactly(Limits.MEDIA_PREVIEW_EDGE, Limits.MEDIA_PREVIEW_EDGE * 3 / 4);
    MediaFile clear = stored(
        "clear.png", Images.encoded(new BufferedImage(20, 20, BufferedImage.TYPE_INT_ARGB), "png"));
    assertThat(new Color(Images.decoded(read(clear.sid(), Part.PREVIEW)).getRGB(5, 5), true)
            .getAlpha())
        .isZero();
  }

  @Test
  void an_image_that_claims_to_be_huge_or_is_broken_has_no_preview() {
    for (byte[] image : List.of(
        Images.bomb(60_000, 60_000),
        Arrays.copyOf(Images.encoded(Images.redAndBlue(200, 200), "jpg"), 400))) {
      MediaFile file = stored("image", image);
      assertThat(file.content().orElseThrow().preview()).isEmpty();
      assertThat(read(file.sid(), Part.ORIGINAL)).isEqualTo(image);
    }
  }

  @Test
  @LongForm(instead = "the tests of other images")
  void an_image_of_sixteen_bits_a_channel_gets_a_preview() {
    MediaFile deep = stored("deep.png", Images.encoded(Images.deep(4_000, 3_000), "png"));
    assertThat(deep.content().orElseThrow().preview()).isPresent();
  }

  @Test
  void an_image_of_many_scans_has_no_preview() {
    byte[] photo = Images.progressive(Images.redAndBlue(64, 64));
    assertThat(stored("photo.jpg", photo).content().orElseThrow().preview()).isPresent();
    byte[] endless = Images.withScans(photo, Limits.MEDIA_IMAGE_SCANS + 1);
    assertThat(stored("photo.jpg", endless).content().orElseThrow().preview()).isEmpty();
  }

  @Test
  void one_participant_has_a_bounded_number_of_files_that_no_message_has_taken() {
    for (int i = 0; i < Limits.MEDIA_UNSENT; i++) {
      begun(1);
    }
    assertThat(media.begin(newFile(Sid.Media.random(random), guest, 1)))
        .isEqualTo(new Begun.TooManyUnsent());
    assertThat(media.begin(newFile(Sid.Media.random(random), agent(1), 1)))
        .isEqualTo(new Begun.Accepted());
  }

  @Test
  void an_upload_takes_room_as_its_bytes_arrive() {
    Sid.Media slow = begun(Limits.MEDIA_FILE_BYTES);
    assertThat(used()).isEqualTo(FIRST_ROOM);
    arrives(slow, 0);
    assertThat(used()).isEqualTo(FIRST_ROOM);
    arrives(slow, Limits.MEDIA_ROOM_STEP);
    arrives(slow, Limits.MEDIA_ROOM_STEP); // a repeated call
    assertThat(used()).isEqualTo(FIRST_ROOM + Limits.MEDIA_ROOM_STEP);
    assertThat(media.finish(slow, "slow.txt", "")).isInstanceOf(Finished.Stored.class);
    assertThat(used()).isEqualTo(2 * Limits.MEDIA_ROOM_STEP);
  }

  /** The bytes of a step of an upload's room. */
  private void arrives(Sid.Media upload, long from) {
    byte[] bytes = text(Limits.MEDIA_CHUNK);
    for (long at = from; at < from + Limits.MEDIA_ROOM_STEP; at += Limits.MEDIA_CHUNK) {
      assertThat(media.append(upload, at, new Chunk(bytes))).isEqualTo(Appended.DONE);
    }
  }

  @Test
  void the_files_of_a_conversation_are_bounded_together() {
    for (int i = 0; i < Limits.MEDIA_CONVERSATION_BYTES / FIRST_ROOM - 1; i++) {
      begun(agent(i), 1);
    }
    assertThat(media.begin(newFile(Sid.Media.random(random), guest, Limits.MEDIA_ROOM_STEP + 1)))
        .as("one byte more than there is room for")
        .isEqualTo(new Begun.Full(Begun.Scope.CONVERSATION));
    Sid.Media last = begun(guest, Limits.MEDIA_ROOM_STEP);
    assertThat(used()).isEqualTo(Limits.MEDIA_CONVERSATION_BYTES);
    arrives(last, 0);
    assertThat(media.append(last, Limits.MEDIA_ROOM_STEP, new Chunk(TEXT)))
        .isEqualTo(Appended.CONVERSATION_FULL);
    assertThat(used()).isEqualTo(Limits.MEDIA_CONVERSATION_BYTES);
  }

  private MediaFile.Owner agent(int number) {
    return new MediaFile.Owner(account, Optional.of(conversation), "agent_" + number);
  }

  @Test
  void the_files_of_an_account_are_bounded_together() {
    MediaFile.Owner server = new MediaFile.Owner(account, Optional.empty(), MediaFile.Owner.SERVER);
    begun(1);
    long full = Limits.MEDIA_ACCOUNT_BYTES - FIRST_ROOM;
    database.write(sql -> sql.update("UPDATE media_usage SET bytes = ?", full));
    assertThat(media.begin(newFile(Sid.Media.random(random), server, Limits.MEDIA_ROOM_STEP + 1)))
        .isEqualTo(new Begun.Full(Begun.Scope.ACCOUNT));
    Sid.Media last = begun(server, Limits.MEDIA_ROOM_STEP);
    arrives(last, 0);
    assertThat(media.append(last, Limits.MEDIA_ROOM_STEP, new Chunk(TEXT)))
        .isEqualTo(Appended.ACCOUNT_FULL);
    assertThat(used()).isEqualTo(Limits.MEDIA_ACCOUNT_BYTES);
  }

  @Test
  void no_file_is_accepted_while_the_disk_is_nearly_full() {
    DiskSpace full = new DiskSpace(() -> Optional.of(new DiskSpace.Space(1, 1_000_000)));
    full.check();
    assertThat(media(database, full).begin(newFile(Sid.Media.random(random), guest, 1)))
        .isEqualTo(new Begun.NoSpace());
  }

  @Test
  void a_message_takes_a_file_once_and_only_its_uploader_can_send_it() {
    MediaFile file = stored("notes.txt", TEXT);
    Sid.Message message = Sid.Message.next(Instant.EPOCH, random);
    MediaFile.Owner other = new MediaFile.Owner(account, Optional.of(conversation), "guest_2");
    MediaFile.Owner elsewhere =
        new MediaFile.Owner(account, Optional.of(Sid.Conversation.random(random)), "guest_1");
    assertThat(take(other, message, file)).isEmpty();
    assertThat(take(elsewhere, message, file)).isEmpty();
    assertThat(take(guest, message, file)).hasSize(1);
    assertThat(take(guest, Sid.Message.next(Instant.EPOCH, random), file)).isEmpty();
    assertThat(media.find(account, file.sid()).flatMap(MediaFile::message)).contains(message);
  }

  @Test
  void a_file_of_a_server_belongs_to_the_conversation_of_its_message() {
    MediaFile.Owner server = new MediaFile.Owner(account, Optional.empty(), MediaFile.Owner.SERVER);
    MediaFile file = stored(server, "notes.txt", TEXT);
    MediaFile.Owner sender =
        new MediaFile.Owner(account, Optional.of(conversation), MediaFile.Owner.SERVER);
    assertThat(take(sender, Sid.Message.next(Instant.EPOCH, random), file)).hasSize(1);
    assertThat(media.find(account, file.sid()).orElseThrow().owner().conversation())
        .contains(conversation);
  }

  @Test
  void files_that_no_message_took_and_uploads_without_an_end_are_deleted_after_an_hour() {
    MediaFile sent = stored("sent.txt", TEXT);
    take(guest, Sid.Message.next(Instant.EPOCH, random), sent);
    MediaFile unsent = stored("unsent.txt", TEXT);
    Sid.Media arriving = begun(5);
    media.append(arriving, 0, new Chunk(new byte[] {'a'}));
    now = now.plus(Limits.MEDIA_UNSENT_AGE);
    media.sweep();
    assertThat(media.find(account, unsent.sid())).isPresent();
    now = now.plus(Duration.ofMillis(1));
    media.sweep();
    assertThat(media.find(account, unsent.sid())).isEmpty();
    assertThat(media.finish(arriving, "arriving.txt", "")).isEqualTo(new Finished.NotFound());
    assertThat(read(sent.sid(), Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(used()).isEqualTo(TEXT.length);
  }

  @Test
  void an_upload_that_is_not_stored_keeps_room_only_for_what_arrived() {
    media.discard(begun(Limits.MEDIA_FILE_BYTES));
    assertThat(used()).as("room by which a sweep finds it").isEqualTo(1);
    Sid.Media broken = begun(Limits.MEDIA_FILE_BYTES);
    byte[] text = text(Limits.MEDIA_CHUNK + 17);
    media.append(broken, 0, new Chunk(Arrays.copyOf(text, Limits.MEDIA_CHUNK)));
    media.append(broken, Limits.MEDIA_CHUNK, new Chunk(new byte[17]));
    media.discard(broken);
    media.discard(broken);
    assertThat(used()).isEqualTo(1 + text.length);
    Sid.Media refused = begun(Limits.MEDIA_FILE_BYTES);
    byte[] program = {'M', 'Z', (byte) 0x90, 0};
    media.append(refused, 0, new Chunk(program));
    assertThat(media.finish(refused, "a.txt", "")).isInstanceOf(Finished.TypeRefused.class);
    assertThat(used()).isEqualTo(1 + text.length + program.length);
    assertThat(hasBytes()).isTrue();
    media.sweep();
    assertThat(hasBytes()).isFalse();
    assertThat(used()).isZero();
  }

  @Test
  void bytes_that_a_stalled_call_writes_after_the_deletion_are_deleted_when_the_upload_has_ended() {
    Sid.Media sid = begun(TEXT.length);
    media.append(sid, 0, new Chunk(TEXT));
    media.discard(sid);
    media.sweep();
    assertThat(hasBytes()).isFalse();
    assertThat(used()).as("its room is free at once").isZero();
    assertThat(media.append(sid, 0, new Chunk(TEXT))).isEqualTo(Appended.NOT_FOUND);
    writeLate(sid);
    assertThat(hasBytes()).isTrue();
    now = now.plus(Limits.MEDIA_UNSENT_AGE).plus(Duration.ofMillis(1));
    media.sweep();
    assertThat(hasBytes()).isFalse();
    Optional<String> record =
        database.readOne(sql -> sql.first("SELECT sid FROM media", row -> row.getString("sid")));
    assertThat(record).isEmpty();
    assertThat(used()).isZero();
  }

  @Test
  void the_bytes_of_a_removed_message_and_of_an_erased_conversation_are_deleted() {
    MediaFile first = stored("first.png", Images.encoded(Images.redAndBlue(8, 8), "png"));
    Sid.Message message = Sid.Message.next(Instant.EPOCH, random);
    take(guest, message, first);
    stored("second.txt", TEXT);
    database.write(sql -> {
      SqlMedia.deleteOf(sql, message);
      return message;
    });
    assertThat(media.find(account, first.sid())).isEmpty();
    assertThat(media.read(first.sid(), Part.ORIGINAL, 0)).isEmpty();
    database.write(sql -> {
      SqlMedia.deleteOf(sql, conversation);
      return message;
    });
    assertThat(hasBytes()).isTrue();
    media.sweep();
    assertThat(hasBytes()).isFalse();
    assertThat(used()).isZero();
  }

  @Test
  void a_stored_file_whose_bytes_are_lost_is_an_outage_and_its_record_stays() {
    MediaFile text = stored("lost.txt", TEXT);
    MediaFile image = stored("lost.png", Images.encoded(Images.redAndBlue(8, 8), "png"));
    lose(text.sid());
    lose(image.sid());
    assertThatThrownBy(() -> media.read(text.sid(), Part.ORIGINAL, 0))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining(text.sid().text());
    assertThatThrownBy(() -> media.read(image.sid(), Part.PREVIEW, 0))
        .isInstanceOf(Unavailable.class);
    media.sweep();
    assertThat(media.find(account, text.sid())).isPresent();
  }

  @Test
  void malware_is_refused_and_nothing_of_it_is_kept_and_no_verdict_is_an_outage() {
    try (FakeClamd clamd = new FakeClamd()) {
      media = media(database, DiskSpace.unknown())
          .scannedBy(
              new MalwareScanner(clamd.address()),
              new SecurityLog(this::now, "a secret of tests", _ -> {}));
      assertThat(read(stored("clean.txt", TEXT).sid(), Part.ORIGINAL)).isEqualTo(TEXT);
      Sid.Media infected = begun(100);
      media.append(infected, 0, new Chunk(FakeClamd.EICAR.getBytes(StandardCharsets.US_ASCII)));
      assertThat(media.finish(infected, "eicar.txt", "")).isEqualTo(new Finished.Infected());
      assertThat(media.find(account, infected)).isEmpty();
      assertThat(media.finish(infected, "eicar.txt", "")).isEqualTo(new Finished.NotFound());
      media.sweep();
      assertThat(used()).isEqualTo(TEXT.length);

      Sid.Media unscanned = begun(TEXT.length);
      media.append(unscanned, 0, new Chunk(TEXT));
      clamd.reply("stream: some ERROR");
      assertThatThrownBy(() -> media.finish(unscanned, "a.txt", ""))
          .isInstanceOf(Unavailable.class);
      assertThat(media.find(account, unscanned)).isEmpty();
      clamd.reply(null);
      assertThat(media.finish(unscanned, "a.txt", "")).isInstanceOf(Finished.Stored.class);
    }
  }

  @Test
  void a_file_that_a_repeated_call_has_stored_meanwhile_is_kept() {
    try (FakeClamd clamd = new FakeClamd()) {
      media = media(database, DiskSpace.unknown())
          .scannedBy(
              new MalwareScanner(clamd.address()),
              new SecurityLog(this::now, "a secret of tests", _ -> {}));
      Sid.Media sid = begun(TEXT.length);
      media.append(sid, 0, new Chunk(TEXT));
      List<Finished> repeated = new ArrayList<>();
      clamd.beforeAnswer(() -> repeated.add(media.finish(sid, "notes.txt", "another")));
      Finished first = media.finish(sid, "notes.txt", "");
      assertThat(first).isInstanceOf(Finished.Stored.class);
      assertThat(repeated).containsExactly(first);
      assertThat(read(sid, Part.ORIGINAL)).isEqualTo(TEXT);
      assertThat(used()).isEqualTo(TEXT.length);
    }
  }

  private List<MediaFile> take(MediaFile.Owner owner, Sid.Message message, MediaFile file) {
    return database.write(sql -> SqlMedia.take(sql, owner, message, List.of(file.sid())));
  }

  long used() {
    return database
        .readOne(sql -> sql.first(
            "SELECT bytes FROM media_usage WHERE account_sid = ?",
            row -> row.getLong("bytes"),
            account.text()))
        .orElse(0L);
  }

  Sid.Media begun(long bytes) {
    return begun(guest, bytes);
  }

  private Sid.Media begun(MediaFile.Owner owner, long bytes) {
    Sid.Media sid = Sid.Media.random(random);
    assertThat(media.begin(newFile(sid, owner, bytes))).isEqualTo(new Begun.Accepted());
    return sid;
  }

  private static Media.NewFile newFile(Sid.Media sid, MediaFile.Owner owner, long bytes) {
    return new Media.NewFile(sid, owner, Optional.empty(), MediaFile.CATEGORY, bytes);
  }

  MediaFile stored(String name, byte[] bytes) {
    return stored(guest, name, bytes);
  }

  private MediaFile stored(MediaFile.Owner owner, String name, byte[] bytes) {
    Sid.Media sid = begun(owner, bytes.length);
    for (int from = 0; from < bytes.length; from += Limits.MEDIA_CHUNK) {
      int to = Math.min(bytes.length, from + Limits.MEDIA_CHUNK);
      assertThat(media.append(sid, from, new Chunk(Arrays.copyOfRange(bytes, from, to))))
          .isEqualTo(Appended.DONE);
    }
    return ((Finished.Stored) media.finish(sid, name, "")).file();
  }

  byte[] read(Sid.Media file, Part part) {
    var all = new ByteArrayOutputStream();
    Optional<Chunk> next = media.read(file, part, 0);
    while (next.isPresent() && next.get().length() > 0) {
      all.writeBytes(next.get().bytes());
      next = next.get().length() < Limits.MEDIA_CHUNK
          ? Optional.empty()
          : media.read(file, part, all.size());
    }
    return all.toByteArray();
  }

  static byte[] text(int length) {
    byte[] text = new byte[length];
    new Random(1).nextBytes(text);
    for (int i = 0; i < length; i++) {
      text[i] = (byte) ('a' + Math.floorMod(text[i], 26));
    }
    return text;
  }
}
