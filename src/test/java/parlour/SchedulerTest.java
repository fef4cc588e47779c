package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import parlour.config.Config;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.store.Database;
import parlour.store.ForwardingDatabase;

@Timeout(120)
class SchedulerTest {

  @Test
  void a_task_runs_again_whatever_it_throws() throws InterruptedException {
    var twice = new CountDownLatch(2);
    try (var scheduler = new Scheduler("test")) {
      scheduler.every(Duration.ofMillis(1), "fail", () -> {
        twice.countDown();
        throw new StackOverflowError("as a deep document might cause");
      });
      assertThat(twice.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void a_task_that_keeps_failing_is_one_log_line_without_a_stack_trace() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(Scheduler.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    logger.setLevel(Level.WARN);
    lines.start();
    logger.addAppender(lines);
    var often = new CountDownLatch(50);
    try (var scheduler = new Scheduler("test")) {
      scheduler.every(Duration.ofMillis(1), "poll", () -> {
        often.countDown();
        throw new Unavailable("store", "is down", null);
      });
      assertThat(often.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(null);
    }
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.getFirst().getFormattedMessage())
        .isEqualTo("cannot poll: store: is down");
    assertThat(lines.list.getFirst().getThrowableProxy()).isNull();
  }

  @Test
  void a_task_can_be_requested_at_once_and_runs_once_more_after_the_last_request()
      throws Exception {
    var done = new Semaphore(0);
    Runnable now;
    try (var scheduler = new Scheduler("test")) {
      now = scheduler.every(Duration.ofHours(1), "poll", done::release);
      for (int i = 0; i < 1_000; i++) {
        now.run();
      }
      assertThat(done.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
      done.drainPermits();
      now.run();
      assertThat(done.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
    }
    now.run(); // as a last call may, while everything is closed
    assertThat(done.availablePermits()).isZero();
  }

  @Test
  void no_task_uses_a_store_that_is_closed(@TempDir Path folder) {
    List<String> late = new CopyOnWriteArrayList<>();
    start(folder, new ServiceDecorators() {
          @Override
          public Database database(Role role, Database database) {
            return new SlowToClose(role, database, late);
          }
        })
        .close();
    assertThat(late).isEmpty();
  }

  @Test
  void only_the_owner_can_read_the_files_even_if_all_can_read_the_folder(@TempDir Path folder)
      throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (ParlourProcess _ = start(folder, ServiceDecorators.NONE);
        Stream<Path> files = Files.list(folder)) {
      assertThat(files)
          .isNotEmpty()
          .allSatisfy(
              file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                  .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------"));
    }
  }

  private static ParlourProcess start(Path folder, ServiceDecorators decorators) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.DATA, folder.toString());
    settings.put(Setting.PUBLIC_HOST, "127.0.0.1");
    settings.put(Setting.PUBLIC_PORT, "0");
    settings.put(Setting.INTERNAL_PORT, "0");
    return ParlourProcess.start(
        Config.read(Optional.empty(), Map.of(), settings), InstantSource.system(), decorators);
  }

  /** Takes as long to close as a store on a busy disk, and records all later calls. */
  private static final class SlowToClose extends ForwardingDatabase {
    private final Role role;
    private final List<String> late;
    private volatile boolean closed;

    SlowToClose(Role role, Database database, List<String> late) {
      super(database);
      this.role = role;
      this.late = late;
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
      if (closed) {
        late.add(role + " was read");
      }
      return super.read(work);
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
      if (closed) {
        late.add(role + " was written");
      }
      return super.write(work);
    }

    @Override
    public void close() {
      closed = true;
      super.close();
      try {
        TimeUnit.MILLISECONDS.sleep(700);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
