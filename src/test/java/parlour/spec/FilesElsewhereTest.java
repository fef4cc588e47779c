package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jclouds.blobstore.options.ListContainerOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.StartupError;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.media.FakeClamd;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.s3.RealS3;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/**
 * Files that are in an object store, and that a scanner reads before they are stored. With a process
 * for each role, the store has an own authority, and the bucket is in its host name.
 */
@ParameterizedClass
@EnumSource(
    value = Shape.class,
    names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE", "OVER_POSTGRES"})
class FilesElsewhereTest {
  private static final String TEXT = "A list:\n- one\n- two\n";

  @SuppressWarnings("NullAway.Init")
  private static RealS3.Secured tls;

  private final RealS3 store;
  private final FakeClamd clamd = new FakeClamd();
  private final Shape shape;
  private final Installation installation;

  FilesElsewhereTest(Shape shape) {
    this.shape = shape;
    store = shape == Shape.A_PROCESS_PER_ROLE ? RealS3.start(tls) : RealS3.start();
    installation = Installation.start(shape, ServiceDecorators.NONE, settings(RealS3.BUCKET));
  }

  @BeforeAll
  static void makeCertificate(@TempDir Path folder) {
    tls = RealS3.Secured.make(folder, "missing");
  }

  private Map<Setting, String> settings(String bucket) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.S3_ENDPOINT, store.address().endpoint().toString());
    settings.put(Setting.S3_BUCKET, bucket);
    settings.put(Setting.S3_PATH_STYLE, store.address().pathStyle() ? "on" : "off");
    store
        .address()
        .authorities()
        .ifPresent(authority -> settings.put(Setting.S3_TLS_CA, authority.file().toString()));
    settings.put(Setting.S3_ACCESS_KEY, RealS3.ACCESS_KEY);
    settings.put(Setting.S3_SECRET_KEY, RealS3.SECRET_KEY);
    settings.put(Setting.CLAMAV_ADDRESS, "127.0.0.1:" + clamd.address().getPort());
    return settings;
  }

  @AfterEach
  void stop() {
    installation.close();
    store.close();
    clamd.close();
  }

  @Test
  void a_clean_file_is_opened_from_the_store_and_malware_is_refused_by_45787() {
    Guest guest = installation.guest().starts();
    Reply file = uploads(guest, "clean", TEXT);
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    assertThat(keys()).contains(file.text("sid") + "/original");
    assertThat(opened(file)).isEqualTo(TEXT);
    if (shape == Shape.OVER_POSTGRES) {
      try (ParlourProcess other = installation.another()) {
        URI there = URI.create(other.publicAddress().orElseThrow() + link(file));
        assertThat(Http.send(Http.request(there).GET().build()).body()).isEqualTo(TEXT);
      }
    }

    Reply infected = uploads(guest, "infected", FakeClamd.EICAR);
    assertThat(infected.status()).isEqualTo(422);
    assertThat(infected.json()).containsEntry("code", 45787L).containsEntry("action", "fix");
    assertThat(keys())
        .containsExactlyInAnyOrder(file.text("sid") + "/original", "files-of-parlour");
  }

  @Test
  void without_the_scanner_or_the_store_a_file_is_an_outage_and_accepted_afterwards() {
    Guest guest = installation.guest().starts();
    String kept = link(uploads(guest, "kept", TEXT));
    Runnable again = store.stop();
    assertThat(uploads(guest, "later", TEXT).status()).isEqualTo(503);
    assertThat(
            Http.send(Http.request(URI.create(installation.edge() + kept)).GET().build())
                .statusCode())
        .isEqualTo(503);
    again.run();
    assertThat(uploads(guest, "later", TEXT).status()).isEqualTo(201);
    clamd.close();
    assertThat(uploads(guest, "unscanned", TEXT).status()).isEqualTo(503);
    assertThat(
            Http.send(Http.request(URI.create(installation.edge() + kept)).GET().build())
                .body())
        .isEqualTo(TEXT);
  }

  @Test
  void a_start_with_a_wrong_bucket_is_refused() {
    installation.stop(Role.CONVERSATIONS);
    assertThatThrownBy(() -> Installation.start(shape, ServiceDecorators.NONE, settings("missing")))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining("bucket missing")
        .hasMessageContaining("s3.bucket")
        .hasMessageNotContaining(RealS3.SECRET_KEY);
  }

  private List<String> keys() {
    return store.objects().list(RealS3.BUCKET, ListContainerOptions.Builder.recursive()).stream()
        .map(object -> object.getName())
        .toList();
  }

  private Reply uploads(Guest by, String clientId, String text) {
    Map<String, String> headers = new LinkedHashMap<>(by.bearer());
    headers.put("Content-Type", "application/octet-stream");
    return by.post("/v2/Webchat/Media?Filename=list.txt&ClientId=" + clientId, text, headers);
  }

  private static String link(Reply file) {
    Map<?, ?> links = (Map<?, ?>)
        Objects.requireNonNull(file.json().get("links"), () -> file.response().body());
    return String.valueOf(links.get("content_direct_temporary"));
  }

  private String opened(Reply file) {
    return Http.send(
            Http.request(URI.create(installation.edge() + link(file))).GET().build())
        .body();
  }
}
