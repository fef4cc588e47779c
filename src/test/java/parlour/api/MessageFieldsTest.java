package parlour.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.conversations.MessageIndex;
import parlour.conversations.PageOfMessages;
import parlour.errors.Problem;
import parlour.http.server.RequestFields;

class MessageFieldsTest {

  @Test
  void any_number_below_the_first_index_means_the_beginning_of_the_conversation() {
    for (long number : new long[] {-1, -2, Long.MIN_VALUE}) {
      assertThat(page("{\"after\":%d}".formatted(number)))
          .isEqualTo(new PageOfMessages.After(MessageIndex.NONE, Limits.PAGE_DEFAULT));
      assertThat(page("{\"before\":%d}".formatted(number)))
          .isEqualTo(new PageOfMessages.Before(MessageIndex.NONE, Limits.PAGE_DEFAULT));
    }
  }

  @Test
  void a_page_of_no_index_is_the_newest() {
    assertThat(page("{}")).isEqualTo(PageOfMessages.newest(Limits.PAGE_DEFAULT));
  }

  @Test
  void attributes_are_any_json_value_of_at_most_16_kib() {
    String longest = '"' + "x".repeat(16 * 1024 - 2) + '"';
    for (String json : List.of("{}", "[1]", "\"text\"", "1.5", "true", "null", longest)) {
      assertThat(MessageFields.attributes(Optional.of(json))).hasToString(json);
    }
    for (String other : List.of("", "text", "{", "[1] 2", longest + " ")) {
      assertThatThrownBy(() -> MessageFields.attributes(Optional.of(other)))
          .as(other)
          .isInstanceOf(Problem.class)
          .hasMessageContaining("16384");
    }
  }

  private static PageOfMessages page(String query) {
    return MessageFields.page(RequestFields.ofJson(query.getBytes(StandardCharsets.UTF_8)));
  }
}
