package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;

class TwilsockFrameTest {
  private static final String HEADER = "{\"method\":\"reply\",\"id\":\"TM1\",\"payload_size\":0}";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] frame(String header, String payload) {
    return bytes("TWILSOCK V3.0 " + bytes(header).length + "\r\n" + header + "\r\n" + payload);
  }

  @Test
  void a_frame_is_read_as_it_was_written() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      byte[] payload = new byte[random.nextInt(300)];
      random.nextBytes(payload);
      String id = "TM" + random.nextLong();
      JsonObject header = new JsonObject()
          .with("method", "message")
          .with("id", id)
          .with("name", "ü🙂".repeat(random.nextInt(20)));
      TwilsockFrame read = TwilsockFrame.parse(TwilsockFrame.bytes(header, payload));
      assertThat(read.payload()).as("seed %d", seed).isEqualTo(payload);
      assertThat(read.id()).isEqualTo(id);
      assertThat(read.member("name")).isEqualTo(header.members().get("name"));
    }
  }

  @Test
  void a_frame_that_was_cut_or_damaged_is_refused_and_never_a_fault() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] whole = frame(
        "{\"method\":\"message\",\"id\":\"TM1\",\"token\":\"ü\",\"payload_size\":5}", "hello");
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> TwilsockFrame.parse(cut))
          .isInstanceOf(TwilsockFrame.Malformed.class);
    }
    for (int i = 0; i < 5_000; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        TwilsockFrame.parse(damaged);
      } catch (TwilsockFrame.Malformed refused) {
        assertThat(refused).as("seed %d", seed).hasMessageNotContaining("hello");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "TWILSOCK V3.0 ",
        "TWILSOCK V2.0 2\r\n{}\r\n",
        "TWILSOCK V3.0 \r\n{}\r\n",
        "TWILSOCK V3.0 -2\r\n{}\r\n",
        "TWILSOCK V3.0 +2\r\n{}\r\n",
        "TWILSOCK V3.0 0\r\n\r\n",
        "TWILSOCK V3.0 99999999999999999999\r\n{}\r\n",
        "TWILSOCK V3.0 2\n{}\n",
        "TWILSOCK V3.0 3\r\n{}\r\n",
        "TWILSOCK V3.0 2\r\n[]\r\n",
        "TWILSOCK V3.0 2\r\n{}\r\n",
      })
  void a_beginning_that_lies_is_refused(String text) {
    assertThatThrownBy(() -> TwilsockFrame.parse(bytes(text)))
        .isInstanceOf(TwilsockFrame.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"method\":\"reply\",\"id\":\"TM1\",\"payload_size\":1}",
        "{\"method\":\"reply\",\"id\":\"TM1\",\"payload_size\":-1}",
        "{\"method\":\"reply\",\"id\":\"TM1\",\"payload_size\":\"0\"}",
        "{\"method\":\"reply\",\"id\":7,\"payload_size\":0}",
        "{\"id\":\"TM1\",\"payload_size\":0}",
        "{\"method\":\"reply\",\"method\":\"init\"",
      })
  void a_header_that_lies_is_refused(String header) {
    assertThatThrownBy(() -> TwilsockFrame.parse(frame(header, "")))
        .isInstanceOf(TwilsockFrame.Malformed.class);
  }

  @Test
  void a_line_that_does_not_end_with_both_characters_is_refused() {
    String begin = "TWILSOCK V3.0 " + HEADER.length();
    assertThat(TwilsockFrame.parse(bytes(begin + "\r\n" + HEADER + "\r\n")).id())
        .isEqualTo("TM1");
    for (String end : List.of("\rx", "x\n", "xx")) {
      assertThatThrownBy(() -> TwilsockFrame.parse(bytes(begin + end + HEADER + "\r\n")))
          .as("the first line")
          .isInstanceOf(TwilsockFrame.Malformed.class);
      assertThatThrownBy(() -> TwilsockFrame.parse(bytes(begin + "\r\n" + HEADER + end)))
          .as("the header")
          .isInstanceOf(TwilsockFrame.Malformed.class);
    }
  }

  @Test
  void a_length_that_is_right_only_after_an_overflow_is_refused() {
    long length = (1L << 32) + HEADER.length();
    assertThatThrownBy(
            () -> TwilsockFrame.parse(bytes("TWILSOCK V3.0 " + length + "\r\n" + HEADER + "\r\n")))
        .isInstanceOf(TwilsockFrame.Malformed.class);
  }

  @Test
  void an_id_has_at_most_so_many_characters() {
    String longest = "x".repeat(Limits.REALTIME_FRAME_ID);
    assertThat(TwilsockFrame.parse(frame(HEADER.replace("TM1", longest), "")).id())
        .isEqualTo(longest);
    assertThatThrownBy(() -> TwilsockFrame.parse(frame(HEADER.replace("TM1", longest + "x"), "")))
        .isInstanceOf(TwilsockFrame.Malformed.class);
  }

  @Test
  void bytes_after_the_payload_are_refused() {
    assertThat(TwilsockFrame.parse(frame(HEADER, "")).method()).isEqualTo("reply");
    assertThatThrownBy(() -> TwilsockFrame.parse(frame(HEADER, "\r\n")))
        .isInstanceOf(TwilsockFrame.Malformed.class);
  }

  @Test
  void a_header_has_at_most_64_KiB() {
    String fill = "x".repeat(Limits.REALTIME_HEADER - HEADER.length() - 7);
    String longest = HEADER.replace("{", "{\"a\":\"" + fill + "\",");
    assertThat(longest).hasSize(Limits.REALTIME_HEADER);
    assertThat(TwilsockFrame.parse(frame(longest, "")).id()).isEqualTo("TM1");
    assertThatThrownBy(() -> TwilsockFrame.parse(frame(longest.replaceFirst("x", "xx"), "")))
        .isInstanceOf(TwilsockFrame.Malformed.class);
  }

  @Test
  void a_frame_does_not_print_its_token() {
    TwilsockFrame frame = TwilsockFrame.parse(
        frame("{\"method\":\"init\",\"id\":\"TM1\",\"token\":\"plr1.secret\"}", ""));
    assertThat(frame.toString()).doesNotContain("secret");
  }
}
