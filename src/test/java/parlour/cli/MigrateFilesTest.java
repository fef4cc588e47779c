package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.config.Role;
import parlour.s3.RealS3;
import parlour.spec.Guest;
import parlour.spec.Installation;
import parlour.spec.Installation.Shape;

/** The files of an instance are moved into a bucket, and back. */
class MigrateFilesTest {
  @AutoClose
  private final Installation installation = Installation.start(Shape.ONE_PROCESS);

  @AutoClose
  private final RealS3 store = RealS3.start();

  @Test
  void files_move_while_the_instance_is_stopped_and_only_then() {
    Guest guest = installation.guest().starts();
    Map<String, String> headers = new LinkedHashMap<>(guest.bearer());
    headers.put("Content-Type", "text/plain");
    String file = guest
        .post("/v2/Webchat/Media?Filename=a.txt&ClientId=a", "Hello", headers)
        .text("sid");

    Typed running = migrate("local", "s3");
    assertThat(running.exit()).isEqualTo(1);
    assertThat(running.err()).contains("already runs");
    installation.stop(Role.STARSHIP);

    Typed moved = migrate("local", "s3");
    assertThat(moved.err()).isEmpty();
    assertThat(moved.exit()).isZero();
    assertThat(moved.out())
        .contains("1 files are in the bucket " + RealS3.BUCKET)
        .doesNotContain(RealS3.SECRET_KEY);
    assertThat(store.objects().blobExists(RealS3.BUCKET, file + "/original")).isTrue();

    Typed back = migrate("s3", "local");
    assertThat(back.exit()).as(back.err()).isZero();
    assertThat(store.objects().blobExists(RealS3.BUCKET, file + "/original")).isFalse();
    assertThat(installation.folder().resolve("media").resolve(file.substring(2, 4)))
        .isDirectoryContaining(path -> path.endsWith(file + ".original"));
  }

  @Test
  void a_wrong_use_is_reported() {
    assertThat(migrate("local", "sqlite:data").err()).contains("--from local --to s3");
    assertThat(Typed.in(installation.folder(), "migrate", "--from", "local", "--to", "s3")
            .err())
        .contains("s3.endpoint is not set");
  }

  private Typed migrate(String from, String to) {
    Map<String, String> settings = new HashMap<>();
    settings.put("PARLOUR_DATA", installation.folder().toString());
    settings.put("PARLOUR_S3_ENDPOINT", store.address().endpoint().toString());
    settings.put("PARLOUR_S3_BUCKET", RealS3.BUCKET);
    settings.put("PARLOUR_S3_ACCESS_KEY", RealS3.ACCESS_KEY);
    settings.put("PARLOUR_S3_SECRET_KEY", RealS3.SECRET_KEY);
    return Typed.in(installation.folder(), settings, "migrate", "--from", from, "--to", to);
  }
}
