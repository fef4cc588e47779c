package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.http.json.JsonText;

class ValueTypesTest {

  @Test
  void a_number_that_no_change_can_have_is_not_a_revision() {
    assertThatThrownBy(() -> new Revision(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(Revision.orNone(-1)).isEqualTo(Revision.NONE);
    assertThat(Revision.orNone(7)).isEqualTo(new Revision(7));
  }

  @Test
  void a_number_that_no_message_can_have_is_not_an_index() {
    assertThatThrownBy(() -> new MessageIndex(-2)).isInstanceOf(IllegalArgumentException.class);
    assertThat(MessageIndex.FIRST.previous()).isEqualTo(MessageIndex.NONE);
    assertThatThrownBy(MessageIndex.NONE::previous).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_name_that_nobody_can_see_is_not_an_identity() {
    assertThatThrownBy(() -> new Identity(" \t")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void the_later_of_two_revisions_has_the_higher_number() {
    Revision second = new Revision(2);
    assertThat(second.isAfter(Revision.CREATED)).isTrue();
    assertThat(second.isAfter(second)).isFalse();
    assertThat(Revision.CREATED.isAfter(second)).isFalse();
    assertThat(second.laterOf(Revision.CREATED)).isEqualTo(second);
    assertThat(Revision.CREATED.laterOf(second)).isEqualTo(second);
    assertThat(second.earlierOf(Revision.CREATED)).isEqualTo(Revision.CREATED);
    assertThat(Revision.CREATED.earlierOf(second)).isEqualTo(Revision.CREATED);
  }

  @Test
  void the_answers_of_the_form_are_shown_among_the_attributes() {
    JsonText answers = JsonText.parse("{\"order\":\"4711\"}");
    assertThat(Conversation.withAnswers(JsonText.EMPTY, answers))
        .hasToString("{\"pre_engagement_data\":{\"order\":\"4711\"}}");
    assertThat(Conversation.withAnswers(JsonText.parse(" { \"vip\": true }"), answers))
        .hasToString("{\"pre_engagement_data\":{\"order\":\"4711\"},\"vip\": true }");
    assertThat(Conversation.withAnswers(JsonText.parse("{\"vip\":true}"), JsonText.EMPTY))
        .hasToString("{\"vip\":true}");
    for (String own : List.of("{\"pre_engagement_data\":1}", "[1]", "\"vip\"", "null")) {
      assertThat(Conversation.withAnswers(JsonText.parse(own), answers)).hasToString(own);
    }
  }
}
