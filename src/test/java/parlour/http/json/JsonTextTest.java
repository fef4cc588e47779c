package parlour.http.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonTextTest {
  private record Holder(JsonText value, Optional<JsonText> more) {}

  @Test
  void it_is_the_exact_text_of_one_value_of_any_kind() {
    for (String text : List.of("{ \"a\" : [1,null] }", "\"x\"", "1.50", "true", "null", "{}")) {
      assertThat(JsonText.of(text, 100).orElseThrow().text()).isEqualTo(text);
      assertThat(JsonText.parse(text).text()).isEqualTo(text);
    }
    for (String other : List.of("", "{a:1}", "{", "[1] 2", "text", "\"")) {
      assertThat(JsonText.of(other, 100)).as(other).isEmpty();
      assertThatThrownBy(() -> JsonText.parse(other)).as(other).isInstanceOf(Json.Malformed.class);
    }
  }

  @Test
  void its_bound_counts_bytes_of_utf_8() {
    assertThat(JsonText.of("\"ä\"", 4)).isPresent();
    assertThat(JsonText.of("\"ä\"", 3)).isEmpty();
  }

  @Test
  void two_are_equal_if_their_texts_are() {
    assertThat(JsonText.parse("[1]"))
        .isEqualTo(JsonText.stored("[1]"))
        .hasSameHashCodeAs(JsonText.stored("[1]"))
        .isNotEqualTo(JsonText.parse("[1 ]"))
        .isNotEqualTo("[1]");
    assertThat(JsonText.stored("{}")).isSameAs(JsonText.EMPTY);
  }

  @Test
  void it_is_a_string_in_records_and_in_maps() {
    byte[] written = Json.write(new Holder(JsonText.parse("[1]"), Optional.empty()));
    assertThat(new String(written, StandardCharsets.UTF_8)).isEqualTo("{\"value\":\"[1]\"}");
    assertThat(Json.read(written, Holder.class))
        .isEqualTo(new Holder(JsonText.parse("[1]"), Optional.empty()));
    assertThat(Json.write(Map.of("value", JsonText.parse("[1]")))).isEqualTo(written);
  }

  @Test
  void an_object_gets_another_first_member_unless_it_has_one_of_this_name() {
    JsonText value = JsonText.parse("[1]");
    assertThat(JsonText.EMPTY.withFirst("a", value)).hasToString("{\"a\":[1]}");
    assertThat(JsonText.parse(" { \"b\": 2 }").withFirst("a", value))
        .hasToString("{\"a\":[1],\"b\": 2 }");
    for (String same : List.of("{\"a\":1}", "[]", "null", "\"{}\"")) {
      assertThat(JsonText.parse(same).withFirst("a", value)).hasToString(same);
    }
  }
}
