package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.Sha256;
import parlour.errors.Errors;
import parlour.http.Header;

/** Bodies of any length, of which only a part is in memory. */
@Timeout(120)
class FileBodiesTest {
  private static final int CHUNK = 64 * 1024;
  private static final int MAX = 64 * CHUNK;
  private static final byte[] FILE = bytes(3 * CHUNK + 7);

  private final AtomicInteger leastFree = new AtomicInteger(Integer.MAX_VALUE);
  private final CompletableFuture<List<Integer>> lengths = new CompletableFuture<>();
  private final Listener listener = Listener.start(
      Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
      new Routes(Errors.PLAIN)
          .post("/upload", call -> upload(call, false))
          .post("/digested", call -> upload(call, true))
          .download("/file", _ -> file(FILE.length))
          .download("/short", _ -> file(FILE.length + CHUNK))
          .download("/endless", _ -> endless())
          .download("/refused", _ -> {
            throw new RefusedRequest(404);
          }));

  private ApiResponse upload(ApiRequest call, boolean isDigested) {
    if (isDigested) {
      call.expectBody(Sha256.of(FILE));
    }
    List<Integer> got = new ArrayList<>();
    List<byte[]> parts = new ArrayList<>();
    long length = call.bodyInChunks(CHUNK, MAX, chunk -> {
      got.add(chunk.length);
      if (parts.size() < 10) {
        parts.add(chunk);
      }
      leastFree.accumulateAndGet(ApiRequest.arriving().free(), Math::min);
    });
    lengths.complete(got);
    return ApiResponse.text(200, length + " " + HexFormat.of().formatHex(Sha256.of(joined(parts))));
  }

  private static Download file(long length) {
    return new Download(
        List.of(new Header("Content-Type", "text/plain")),
        length,
        CHUNK,
        offset ->
            Arrays.copyOfRange(FILE, (int) offset, (int) Math.min(FILE.length, offset + CHUNK)));
  }

  private static Download endless() {
    return new Download(List.of(), 1L << 40, CHUNK, _ -> new byte[CHUNK]);
  }

  /** Jetty can deadlock if it stops while it writes to a client that reads slowly. */
  @AfterEach
  void stop() {
    CompletableFuture.runAsync(listener::close).orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Test
  void an_upload_arrives_in_chunks_of_the_same_length() throws IOException {
    assertThat(post("/upload", FILE))
        .startsWith("HTTP/1.1 200")
        .endsWith(FILE.length + " " + HexFormat.of().formatHex(Sha256.of(FILE)));
    assertThat(lengths.join()).containsExactly(CHUNK, CHUNK, CHUNK, 7);
  }

  @Test
  void an_upload_that_ends_with_a_full_chunk_has_no_empty_one() throws IOException {
    post("/upload", bytes(2 * CHUNK));
    assertThat(lengths.join()).containsExactly(CHUNK, CHUNK);
  }

  @Test
  void a_long_upload_takes_the_memory_of_a_chunk() throws IOException {
    assertThat(post("/upload", bytes(MAX))).startsWith("HTTP/1.1 200");
    assertThat(Limits.BODY_MEMORY - leastFree.get())
        .isLessThanOrEqualTo(2 * CHUNK + Limits.BODY_RESERVATION);
    assertThat(ApiRequest.arriving().free()).isEqualTo(Limits.BODY_MEMORY);
  }

  @Test
  void a_longer_upload_is_refused_whether_its_length_is_announced_or_not() throws IOException {
    try (var wire = new Wire(listener.port())) {
      wire.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: " + (MAX + 1) + "\r\n\r\n");
      assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 413");
    }
    String chunk = Integer.toHexString(CHUNK) + "\r\n" + "a".repeat(CHUNK) + "\r\n";
    assertThat(exchange("POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + chunk.repeat(MAX / CHUNK)
            + "1\r\na\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void an_upload_that_is_cut_off_is_refused() throws IOException {
    try (var wire = new Wire(listener.port())) {
      wire.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"
          + "a".repeat(100_000));
      assertThat(wire.endSending().readAll()).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void an_upload_must_be_the_one_that_was_digested() throws IOException {
    assertThat(post("/digested", FILE)).startsWith("HTTP/1.1 200");
    byte[] changed = FILE.clone();
    changed[CHUNK + 1]++;
    assertThat(post("/digested", changed)).startsWith("HTTP/1.1 400");
  }

  @Test
  void a_download_has_the_whole_file_and_its_headers() throws IOException {
    String answer = get("/file");
    assertThat(answer)
        .startsWith("HTTP/1.1 200")
        .contains("Content-Length: " + FILE.length)
        .contains("Content-Type: text/plain")
        .contains("Cache-Control: no-store");
    assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).isEqualTo(latin1(FILE));
  }

  @Test
  void head_has_the_headers_without_the_file() throws IOException {
    assertThat(exchange("HEAD /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200")
        .contains("Content-Length: " + FILE.length)
        .endsWith("\r\n\r\n");
  }

  @Test
  void a_file_that_is_deleted_while_it_is_read_does_not_pass_for_the_whole() throws IOException {
    String answer = get("/short");
    assertThat(answer).contains("Content-Length: " + (FILE.length + CHUNK));
    assertThat(answer.length()).isLessThan(FILE.length + CHUNK);
  }

  @Test
  void a_refusal_is_an_ordinary_answer() throws IOException {
    assertThat(get("/refused")).startsWith("HTTP/1.1 404");
  }

  @Test
  void a_download_waits_for_its_reader_and_ends_with_the_connection() throws Exception {
    try (var wire = new Wire(listener.port()).send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")) {
      assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
    }
    // The reader is gone; without an end of the download, the listener could not stop.
    CompletableFuture.runAsync(listener::close).get(60, TimeUnit.SECONDS);
  }

  private String post(String path, byte[] body) throws IOException {
    return exchange("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length
        + "\r\nConnection: close\r\n\r\n" + latin1(body));
  }

  private String get(String path) throws IOException {
    return exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  private String exchange(String request) throws IOException {
    try (var wire = new Wire(listener.port()).send(request)) {
      return wire.readAll();
    }
  }

  private static byte[] joined(List<byte[]> parts) {
    return latin1Bytes(parts.stream().map(FileBodiesTest::latin1).collect(Collectors.joining()));
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] latin1Bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ('a' + i % 26);
    }
    return bytes;
  }
}
