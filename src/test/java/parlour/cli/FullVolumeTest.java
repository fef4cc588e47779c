package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.Eventually;
import parlour.LongForm;
import parlour.demo.DemoBrowser;

/**
 * The files of conversations on a volume of their own, a real one, which gets full while the disk of
 * the stores has room.
 */
@Timeout(120)
@LongForm(instead = "DiskSpaceTest")
class FullVolumeTest {
  /** No memory is used for what is not written. */
  private static final String LARGE = "8g";

  /** Smaller than the reserve, and than the second file. */
  private static final String SMALL = "256k";

  private static final String FULL = "no file can be uploaded";

  private static final int SECOND = 1_000_000;

  @TempDir
  private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void a_full_volume_of_files_stops_uploads_only_and_they_go_on_when_it_has_room()
      throws Exception {
    Path media = Files.createDirectories(
        folder.resolve("data/media"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.setPosixFilePermissions(
        folder.resolve("data"), PosixFilePermissions.fromString("rwx------"));
    assumeTrue(canMount(media), "this system lets no user mount a volume of their own");
    try (Started up = Started.upOverVolume(folder, media, LARGE)) {
      DemoBrowser guest = browser(up);
      assertThat(guest.startsChat().status()).isEqualTo(201);
      HttpResponse<String> before = uploads(up, 100);
      assertThat(before.statusCode()).as(before.body()).isEqualTo(201);

      resize(up, media, SMALL);
      assertThat(uploads(up, SECOND).statusCode())
          .as("what does not fit is an outage")
          .isEqualTo(503);
      Eventually.until("the volume counts as full", () -> ready(up).contains(FULL));
      assertThat(ready(up)).contains("\"status\":\"ready\"");
      assertThat(up.err()).contains("the disk of the folder of files (media) is nearly full");
      HttpResponse<String> refused = uploads(up, SECOND);
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
      assertThat(refused.body()).contains("No file can be stored just now");
      assertThat(guest.reloads().status()).isEqualTo(200);
      assertThat(browser(up).startsChat().status()).as("another guest").isEqualTo(201);

      resize(up, media, LARGE);
      Eventually.until("the volume has room", () -> !ready(up).contains(FULL));
      HttpResponse<String> after = uploads(up, SECOND);
      assertThat(after.statusCode()).as(after.body()).isEqualTo(201);
      assertThat(up.terminate().exit()).isZero();
    }
  }

  private static boolean canMount(Path place) throws IOException, InterruptedException {
    try {
      return run(Started.overVolume(place, SMALL, List.of("true"))) == 0;
    } catch (IOException e) {
      return false; // there is no unshare
    }
  }

  private static void resize(Started up, Path volume, String size) throws Exception {
    assertThat(run(List.of(
            "nsenter",
            "--target",
            String.valueOf(up.pid()),
            "--user",
            "--mount",
            "--preserve-credentials",
            "mount",
            "-o",
            "remount,size=" + size,
            volume.toString())))
        .isZero();
  }

  private static int run(List<String> command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  /** A server of the account uploads a text. */
  private HttpResponse<String> uploads(Started up, int length)
      throws IOException, InterruptedException {
    String account = up.awaits("account +(AC[0-9a-f]{32})");
    String credentials = account + ":" + up.awaits("auth token +([0-9a-f]{32})");
    URI uri = up.edge().resolve("/v1/Services/IS" + account.substring(2) + "/Media?Filename=a.txt");
    return http.send(
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "text/plain")
            .header(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)))
            .POST(HttpRequest.BodyPublishers.ofString("a".repeat(length)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String ready(Started up) throws IOException, InterruptedException {
    URI uri = up.edge().resolve("/health/ready");
    return http.send(
            HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private DemoBrowser browser(Started up) {
    return new DemoBrowser(
        http,
        up.edge(),
        "http://localhost:3000",
        up.deploymentKey(),
        DemoBrowser.CHROME_ON_WINDOWS);
  }
}
