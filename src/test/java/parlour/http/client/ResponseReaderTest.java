package parlour.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;

class ResponseReaderTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final int MAX = 20;

  @Test
  void a_body_is_as_long_as_announced_however_its_bytes_arrive() throws IOException {
    for (int step : new int[] {1, 2, 7, 1_000}) {
      var reader = reader(OK + "Content-Length: 5\r\nX-Y:  z \r\n\r\nhello", step);
      InternalResponse response = reader.read(MAX);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("x-y")).isEqualTo("z");
      assertThat(text(response)).isEqualTo("hello");
      assertThat(reader.isReusable()).isTrue();
    }
  }

  @Test
  void chunks_are_joined_and_trailers_skipped() throws IOException {
    for (int step : new int[] {1, 3, 1_000}) {
      var reader = reader(
          OK + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nT: x\r\n\r\n",
          step);
      assertThat(text(reader.read(MAX))).isEqualTo("hello");
      assertThat(reader.isReusable()).isTrue();
    }
  }

  @Test
  void a_body_without_a_length_ends_with_its_connection() throws IOException {
    var reader = reader(OK + "\r\nhello", 2);
    assertThat(text(reader.read(MAX))).isEqualTo("hello");
    assertThat(reader.isReusable()).isFalse();
  }

  @Test
  void a_connection_is_not_used_again_if_the_server_closes_it_or_sends_more_than_one_response()
      throws IOException {
    var closing = reader(OK + "Connection: close\r\nContent-Length: 0\r\n\r\n", 1_000);
    closing.read(MAX);
    assertThat(closing.isReusable()).isFalse();
    var talking = reader(OK + "Content-Length: 1\r\n\r\nab", 1_000);
    assertThat(text(talking.read(MAX))).isEqualTo("a");
    assertThat(talking.isReusable()).isFalse();
  }

  @Test
  void a_header_longer_than_the_first_buffer_is_read_whole() throws IOException {
    String value = "v".repeat(3 * Limits.CLIENT_READ_BUFFER);
    var reader = reader(OK + "X: " + value + "\r\nContent-Length: 2\r\n\r\nok", 1_000);
    InternalResponse response = reader.read(MAX);
    assertThat(response.header("x")).isEqualTo(value);
    assertThat(text(response)).isEqualTo("ok");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 21\r\n\r\n123456789012345678901",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 5\r\n\r\nhell",
        "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip\r\n\r\na",
        "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n15\r\n123456789012345678901\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
        "\r\n123456789012345678901",
        "X: a\r\n b: folded\r\n\r\n",
        "X : a\r\n\r\n",
        ": a\r\n\r\n",
        "X: a\n\r\n",
        "X: a"
      })
  void what_parlour_does_not_send_is_a_failure(String rest) {
    assertThatThrownBy(() -> reader(OK + rest, 1_000).read(MAX)).isInstanceOf(IOException.class);
  }

  @Test
  void a_header_is_bounded_whether_it_has_long_lines_or_many() {
    String oneLine = "X: " + "x".repeat(Limits.RESPONSE_HEADER_BYTES);
    assertThatThrownBy(() -> reader(OK + oneLine, 1_000).read(MAX)).hasMessageContaining("too long");
    String many = "X: x\r\n".repeat(Limits.RESPONSE_HEADER_BYTES / 6);
    assertThatThrownBy(() -> reader(OK + many + "\r\n", 1_000).read(MAX))
        .hasMessageContaining("too long");
  }

  private static ResponseReader reader(String bytes, int step) {
    var in = new ByteArrayInputStream(bytes.getBytes(StandardCharsets.ISO_8859_1));
    return new ResponseReader(
        (into, offset, length) -> in.read(into, offset, Math.min(step, length)));
  }

  private static String text(InternalResponse response) {
    return new String(response.body(), StandardCharsets.ISO_8859_1);
  }
}
