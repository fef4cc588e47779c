package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.http.json.Json;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.store.DiskSpace;
import picocli.CommandLine;

/** Backups of a running instance, and what is restored from them. */
class BackupTest {
  private static final Installation installation =
      Installation.start(Installation.Shape.ONE_PROCESS);

  @TempDir
  private Path folder;

  @AfterAll
  static void stop() {
    installation.close();
  }

  @Test
  void a_restored_instance_goes_on_where_the_backup_was_made() {
    try (Installation shop = Installation.start(Installation.Shape.ONE_PROCESS)) {
      Guest guest = shop.guest().starts();
      assertThat(guest.says("before", "1").status()).isLessThan(300);
      assertThat(shop.serverUploads("list.txt", "a file").status()).isEqualTo(201);
      String data = shop.folder().toString();
      assertThat(Typed.in(folder, "backup", "copy", "--data", data).err()).isEmpty();
      assertThat(guest.says("after", "2").status()).isLessThan(300);
      assertThat(type("verify", "copy").out()).contains("is complete");
      assertThat(folder.resolve("copy/media")).isNotEmptyDirectory();
      Path restored = folder.resolve("restored");
      Typed done = Typed.in(folder, "restore", "copy", "--data", restored.toString());
      assertThat(done.exit()).as(done.err()).isZero();
      Map<Setting, String> settings = new EnumMap<>(shop.settings());
      settings.put(Setting.DATA, restored.toString());
      try (ParlourProcess process = ParlourProcess.start(
          Config.read(Optional.empty(), Map.of(), settings), shop.clock, ServiceDecorators.NONE)) {
        shop.edgeIs(process.publicAddress().orElseThrow());
        assertThat(guest.reloads().status()).isEqualTo(200);
        assertThat(guest.get("/v2/Webchat/Messages").response().body())
            .contains("before")
            .doesNotContain("after");
      }
    }
  }

  @Test
  void all_stores_are_copied_as_they_were_at_one_moment() throws SQLException {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger started = new AtomicInteger();
    Thread guests = Thread.startVirtualThread(() -> {
      while (!done.get()) {
        installation.guest().starts();
        started.incrementAndGet();
      }
    });
    try {
      while (started.get() < 20) {
        Thread.onSpinWait();
      }
      assertThat(type("backup", "busy").err()).isEmpty();
    } finally {
      done.set(true);
      assertThat(joined(guests)).isTrue();
    }
    Set<String> conversations = column("busy/conversations.db", "SELECT sid FROM conversation");
    Set<String> ofSessions =
        column("busy/scoped-auth.db", "SELECT conversation_sid FROM guest_session");
    assertThat(conversations).hasSizeGreaterThan(19);
    assertThat(ofSessions).as("a session is opened first").containsAll(conversations);
    assertThat(ofSessions.size() - conversations.size()).isLessThanOrEqualTo(1);
  }

  @Test
  void a_backup_that_was_cut_off_or_damaged_is_recognized_and_never_restored() throws IOException {
    assertThat(type("backup", "whole").exit()).isZero();
    assertThat(PosixFilePermissions.toString(
            Files.getPosixFilePermissions(folder.resolve("whole/master.key"))))
        .isEqualTo("rw-------");
    Path store = folder.resolve("whole/conversations.db");
    byte[] content = Files.readAllBytes(store);
    Files.write(store, Arrays.copyOf(content, content.length - 4_096));
    assertRefused("whole", "conversations.db: it has");
    content[content.length / 2] ^= 1;
    Files.write(store, content);
    assertRefused("whole", "conversations.db: its content has changed");
    Files.delete(store);
    assertRefused("whole", "conversations.db: it is missing");
    Files.delete(folder.resolve("whole/backup.json"));
    assertRefused("whole", "the backup was cut off");
  }

  @Test
  void the_folder_of_files_can_be_a_link_and_files_that_are_not_there_are_noticed()
      throws IOException {
    assertThat(installation.serverUploads("list.txt", "a file").status()).isEqualTo(201);
    assertThat(type("backup", "whole").exit()).isZero();
    Path data = folder.resolve("data");
    String at = data.toString();
    assertThat(Typed.in(folder, "restore", "whole", "--data", at).exit()).isZero();
    Path media = data.resolve("media");
    Path volume = folder.resolve("volume");
    Files.move(media, volume);
    Files.createSymbolicLink(media, volume);
    assertThat(Typed.in(folder, "backup", "linked", "--data", at).err()).isEmpty();
    assertThat(type("verify", "linked").err()).isEmpty();
    assertThat(originals(folder.resolve("linked"))).isNotEmpty();

    Files.delete(media);
    Files.createDirectory(media);
    Typed unmounted = Typed.in(folder, "backup", "unmounted", "--data", at);
    assertThat(unmounted.exit()).isEqualTo(1);
    assertThat(unmounted.err()).contains("a volume is not mounted");
    assertThat(folder.resolve("unmounted"))
        .as("an unfinished backup, which can have the master key")
        .doesNotExist();

    Files.delete(media);
    Files.createSymbolicLink(media, volume);
    String lost = originals(volume).getFirst().getFileName().toString();
    Files.delete(originals(volume).getFirst());
    String lacks = "lacks 1 of the files of conversations, such as " + lost.substring(0, 34);
    Typed partly = Typed.in(folder, "backup", "partly", "--data", at);
    assertThat(partly.exit()).isZero();
    assertThat(partly.err()).contains(lacks);
    assertThat(type("verify", "partly").err()).contains(lacks);
  }

  @Test
  void a_backup_leaves_the_reserve_of_the_disk_free_and_removes_its_unfinished_part() {
    long reserve = DiskSpace.watermark(1L << 30);
    assertRoom(List.of(reserve), "no room on the disk");
    long most = reserve + (1L << 30);
    assertRoom(List.of(most, most, reserve), "no room on the disk");
    assertRoom(List.of(most, most, most, most, most, most, reserve), "no room on the disk");
  }

  /**
   * Runs a backup that must fail.
   *
   * @param free the free bytes at each time that they are read; the last of them stay
   */
  private void assertRoom(List<Long> free, String why) {
    Deque<Long> left = new ArrayDeque<>(free);
    DiskSpace.Source disk = () -> Optional.of(
        new DiskSpace.Space(left.size() > 1 ? left.remove() : left.element(), 1L << 30));
    StringWriter out = new StringWriter();
    Terminal terminal = Typed.terminal(folder, Map.of(), Optional.empty(), out, out);
    BackupCommand command = new BackupCommand(terminal, path -> disk);
    new CommandLine(command).parseArgs("full", "--data", installation.folder().toString());
    assertThatThrownBy(command::call).isInstanceOf(UserError.class).hasMessageContaining(why);
    assertThat(left).as("the space was read until it was short").hasSize(1);
    assertThat(folder.resolve("full")).doesNotExist();
  }

  @Test
  void an_error_of_the_machine_leaves_no_part_of_a_backup() {
    DiskSpace.Source broken = () -> {
      throw new LinkageError("a broken library");
    };
    StringWriter out = new StringWriter();
    Terminal terminal = Typed.terminal(folder, Map.of(), Optional.empty(), out, out);
    BackupCommand command = new BackupCommand(terminal, path -> broken);
    new CommandLine(command).parseArgs("full", "--data", installation.folder().toString());
    assertThatThrownBy(command::call).isInstanceOf(LinkageError.class);
    assertThat(folder.resolve("full")).doesNotExist();
  }

  @Test
  void a_part_that_cannot_be_deleted_is_named_after_the_failure_before_it() {
    BackupFolder gone = BackupFolder.at(folder.resolve("gone"));
    assertThatThrownBy(() -> gone.discard(new UserError("no room")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no room")
        .hasMessageContaining("cannot be deleted");
  }

  @Test
  void a_restore_needs_room_for_its_files_only_and_says_that_the_reserve_is_used() {
    assertThat(type("backup", "kept").exit()).isZero();
    long bytes = BackupFolder.bytes(folder.resolve("kept"));
    assertThatThrownBy(() -> restored("none", 1)).hasMessageContaining("no room on the disk");
    assertThat(restored("tight", bytes)).contains("reserved for running chats");
    assertThat(restored("wide", bytes + DiskSpace.watermark(1L << 30))).isEmpty();
  }

  /** Restores the kept backup to a new folder on a disk with so much room, and returns the complaints. */
  private String restored(String data, long free) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    RestoreCommand command = new RestoreCommand(
        Typed.terminal(folder, Map.of(), Optional.empty(), out, err),
        path -> () -> Optional.of(new DiskSpace.Space(free, 1L << 30)));
    new CommandLine(command).parseArgs("kept", "--data", folder.resolve(data).toString());
    assertThat(command.call()).isZero();
    return err.toString();
  }

  @Test
  void a_file_that_is_deleted_while_its_folder_is_listed_is_left_out() throws Exception {
    Path files = Files.createDirectory(folder.resolve("files"));
    AtomicBoolean done = new AtomicBoolean();
    Thread sweep = Thread.ofPlatform().start(() -> {
      try {
        while (!done.get()) {
          for (int i = 0; i < 300; i++) {
            Files.createFile(files.resolve("file" + i));
          }
          for (int i = 0; i < 300; i++) {
            Files.delete(files.resolve("file" + i));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    try {
      for (int i = 0; i < 200; i++) {
        BackupFolder backup =
            BackupFolder.create(folder.resolve("copy" + i), path -> Optional::empty);
        backup.add(files, "media");
      }
    } finally {
      done.set(true);
      assertThat(joined(sweep)).isTrue();
    }
  }

  @Test
  void a_backup_whose_folder_of_files_was_not_mounted_is_not_complete() throws IOException {
    assertThat(installation.serverUploads("list.txt", "a file").status()).isEqualTo(201);
    assertThat(type("backup", "whole").exit()).isZero();
    Path list = folder.resolve("whole/backup.json");
    BackupFolder.Contents all = Json.read(Files.readAllBytes(list), BackupFolder.Contents.class);
    List<BackupFolder.Item> others =
        all.files().stream().filter(file -> !file.name().startsWith("media/")).toList();
    Files.write(
        list,
        Json.write(
            new BackupFolder.Contents(all.created(), all.installation(), all.bucket(), others)));
    Files.move(folder.resolve("whole/media"), folder.resolve("away"));
    Typed verified = type("verify", "whole");
    assertThat(verified.exit()).isEqualTo(1);
    assertThat(verified.err()).contains("has no files of conversations");
  }

  private static List<Path> originals(Path below) throws IOException {
    try (Stream<Path> found = Files.walk(below)) {
      return found.filter(file -> file.toString().endsWith(".original")).toList();
    }
  }

  @Test
  void a_folder_in_use_or_with_stores_is_not_replaced() throws IOException {
    assertThat(type("backup", "safe", "--without-master-key").exit()).isZero();
    assertThat(folder.resolve("safe/master.key")).doesNotExist();
    assertThat(type("backup", "safe").err()).contains("exists already").doesNotContain("cut off");
    Files.createDirectory(folder.resolve("part"));
    assertThat(type("backup", "part").err()).contains("a backup that was cut off");
    assertThat(type("restore", "safe").err()).contains("already runs");
    Path twice = folder.resolve("twice");
    assertThat(Typed.in(folder, "restore", "safe", "--data", twice.toString()).exit())
        .isZero();
    assertThat(Typed.in(folder, "restore", "safe", "--data", twice.toString()).err())
        .contains("has stores");
    assertThat(Typed.in(folder, "backup", "keyless", "--data", twice.toString()).err())
        .contains("the master key is not in this backup");
    assertThat(Typed.in(
                folder, "restore", "safe", "--set", "database.url=postgres://parlour@127.0.0.1/p")
            .err())
        .contains("pg_restore");
    Path left = Files.createDirectory(folder.resolve("left"));
    Files.writeString(left.resolve("conversations.db-wal"), "changes of another store");
    assertThat(Typed.in(folder, "restore", "safe", "--data", left.toString()).err())
        .contains("left of them");
    assertThat(left.resolve("scoped-auth.db")).doesNotExist();
    assertThat(Typed.in(folder, "backup", "none", "--data", folder.toString()).err())
        .contains("there is no store");
  }

  @Test
  void the_master_key_comes_back_to_its_place_and_replaces_no_other_one() throws IOException {
    assertThat(type("backup", "safe").exit()).isZero();
    Path key = folder.resolve("keys/master.key");
    Path data = folder.resolve("elsewhere");
    String[] restore = {
      "restore", "safe", "--data", data.toString(), "--set", "master-key-file=" + key
    };
    Files.createDirectory(key.getParent());
    Files.writeString(key, "the key of another installation");
    assertThat(Typed.in(folder, restore).err()).contains(key + " is not the file of this backup");
    assertThat(data.resolve("conversations.db")).doesNotExist();
    Files.delete(key);
    Files.setPosixFilePermissions(
        folder.resolve("safe/master.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(Typed.in(folder, restore).exit()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .as("a backup can be moved without its modes")
        .isEqualTo("rw-------");
    assertThat(key).hasSameBinaryContentAs(folder.resolve("safe/master.key"));
    assertThat(data.resolve("master.key")).doesNotExist();
  }

  @Test
  void nothing_starts_over_a_folder_whose_restore_was_cut_off() throws IOException {
    assertThat(type("backup", "safe").exit()).isZero();
    Path data = folder.resolve("partly");
    Path noFolder = Files.writeString(folder.resolve("no-folder"), "");
    Typed cut = Typed.in(
        folder,
        "restore",
        "safe",
        "--data",
        data.toString(),
        "--set",
        "master-key-file=" + noFolder.resolve("master.key"));
    assertThat(cut.err()).contains("cannot be restored");
    assertThat(data.resolve("conversations.db")).exists();
    assertThat(data.resolve("orchestrator.db")).doesNotExist();
    assertThatThrownBy(() -> DataFolder.create(data).claim(EnumSet.allOf(Role.class)))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("was cut off");
  }

  private void assertRefused(String backup, String why) {
    Typed verified = type("verify", backup);
    assertThat(verified.exit()).isEqualTo(1);
    assertThat(verified.err()).contains(why);
    assertThat(verified.out()).isEmpty();
    Path target = folder.resolve("never");
    Typed restored = Typed.in(folder, "restore", backup, "--data", target.toString());
    assertThat(restored.exit()).isEqualTo(1);
    assertThat(restored.err()).contains(why);
    assertThat(target).doesNotExist();
  }

  private Set<String> column(String store, String query) throws SQLException {
    Set<String> values = new HashSet<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(store));
        ResultSet row = connection.createStatement().executeQuery(query)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }

  private static boolean joined(Thread thread) {
    try {
      return thread.join(Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** With the folder of the running instance, except for verify, which needs none. */
  private Typed type(String... arguments) {
    if (arguments[0].equals("verify")) {
      return Typed.in(folder, arguments);
    }
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = installation.folder().toString();
    return Typed.in(folder, all);
  }
}
