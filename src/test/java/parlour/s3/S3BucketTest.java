package parlour.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Unavailable;

class S3BucketTest {
  @AutoClose
  private static final RealS3 server = RealS3.start();

  private S3Bucket bucket = bucket(server.address());

  @AfterEach
  void close() {
    bucket.close();
  }

  private static S3Bucket bucket(S3Address address) {
    return new S3Bucket(address, InstantSource.system());
  }

  @Test
  void an_object_is_read_in_parts_as_it_was_written_until_it_is_deleted() {
    byte[] bytes = new byte[3_000_000];
    new Random(1).nextBytes(bytes);
    bucket.put("ME1/original", bytes.length, () -> new ByteArrayInputStream(bytes));
    assertThat(bucket.length("ME1/original")).hasValue(bytes.length);
    assertThat(bucket.get("ME1/original", 0, 100_000)).contains(Arrays.copyOf(bytes, 100_000));
    assertThat(bucket.get("ME1/original", 2_950_000, 100_000))
        .contains(Arrays.copyOfRange(bytes, 2_950_000, 3_000_000));
    assertThat(bucket.get("ME1/original", bytes.length, 100)).contains(new byte[0]);
    bucket.delete("ME1/original");
    bucket.delete("ME1/original");
    assertThat(bucket.get("ME1/original", 0, 10)).isEmpty();
    assertThat(bucket.length("ME1/original")).isEmpty();
  }

  @Test
  void a_body_that_ends_early_or_fails_leaves_no_object() {
    assertThatThrownBy(() -> bucket.put("a", 10, () -> new ByteArrayInputStream(new byte[5])))
        .isInstanceOf(Unavailable.class);
    assertThatThrownBy(() -> bucket.put("a", 10, () -> {
          throw new Unavailable("Media", "the source is gone", null);
        }))
        .isInstanceOf(Unavailable.class);
    assertThat(bucket.get("a", 0, 10)).isEmpty();
  }

  @Test
  void a_store_that_is_down_is_an_outage_and_its_objects_are_there_again_afterwards() {
    byte[] bytes = "kept".getBytes(StandardCharsets.UTF_8);
    bucket.put("kept", bytes.length, () -> new ByteArrayInputStream(bytes));
    Runnable again = server.stop();
    assertThatThrownBy(() -> bucket.get("kept", 0, 10)).isInstanceOf(Unavailable.class);
    assertThatThrownBy(() -> bucket.length("kept")).isInstanceOf(Unavailable.class);
    assertThatThrownBy(() -> bucket.delete("kept")).isInstanceOf(Unavailable.class);
    again.run();
    assertThat(bucket.get("kept", 0, 10)).contains(bytes);
  }

  @Test
  void each_wrong_setting_is_explained() {
    S3Address right = server.address();
    assertThat(explained(right.endpoint(), "another-bucket", right.accessKey(), right.secretKey()))
        .contains("another-bucket", "correct s3.bucket");
    assertThat(explained(right.endpoint(), right.bucket(), "unknown", right.secretKey()))
        .contains("s3.access-key")
        .doesNotContain(right.secretKey());
    assertThat(explained(right.endpoint(), right.bucket(), right.accessKey(), "wrong secret"))
        .contains("s3.secret-key")
        .doesNotContain("wrong secret");
    assertThat(explained(
            URI.create("http://127.0.0.1:1"), right.bucket(), right.accessKey(), right.secretKey()))
        .contains("http://127.0.0.1:1", "does not answer", "s3.endpoint");
  }

  @Test
  void a_clock_that_is_wrong_is_named() {
    InstantSource slow = InstantSource.offset(InstantSource.system(), Duration.ofHours(-2));
    try (S3Bucket late = new S3Bucket(server.address(), slow)) {
      assertThatThrownBy(() -> late.length("x"))
          .isInstanceOfSatisfying(
              Unavailable.class, e -> assertThat(late.explain(e)).hasMessageContaining("clocks"));
    }
  }

  private static String explained(URI endpoint, String name, String key, String secret) {
    S3Address right = server.address();
    try (S3Bucket wrong = bucket(
        new S3Address(endpoint, right.region(), name, true, key, secret, right.authorities()))) {
      return assertThatThrownBy(() -> wrong.length("x"))
                  .isInstanceOf(Unavailable.class)
                  .actual()
              instanceof Unavailable e
          ? String.valueOf(wrong.explain(e).getMessage())
          : "";
    }
  }

  @Test
  void an_address_does_not_print_its_secret_and_names_the_bucket_in_its_host_or_path() {
    S3Address byPath = server.address();
    assertThat(byPath.toString()).doesNotContain(RealS3.SECRET_KEY);
    S3Address byHost = new S3Address(
        URI.create("https://s3.example.com"), "r", "files", false, "k", "s", byPath.authorities());
    assertThat(byHost.of("ME1/original"))
        .isEqualTo(URI.create("https://files.s3.example.com/ME1/original"));
    assertThat(byPath.of("ME1/original").getPath()).isEqualTo("/files-of-tests/ME1/original");
    for (String wrong : new String[] {
      "s3.example.com",
      "ftp://a",
      "https://",
      "https://key:secret@a",
      "https://a/path",
      "https://a?b"
    }) {
      assertThatThrownBy(() -> S3Address.endpoint(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("secret@");
    }
  }
}
