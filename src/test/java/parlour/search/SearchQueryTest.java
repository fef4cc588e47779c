package parlour.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import parlour.Limits;

/** A search does little work, whatever its words and the texts are. */
class SearchQueryTest {
  @Test
  void a_word_or_phrase_that_is_repeated_is_looked_for_once() {
    assertThat(SearchQuery.of("a ".repeat(90) + "b \"b a\" \"b a\" A b").size())
        .as("a, b, the phrase, and b as a beginning")
        .isEqualTo(4);
    assertThat(SearchQuery.of("order ord").size()).isEqualTo(2);
  }

  @Test
  void only_the_words_that_the_passage_can_show_are_marked() {
    String text = "x ".repeat(500) + "a ".repeat(16_000) + "b";
    var marks = SearchQuery.of("b a").in(text).orElseThrow();
    assertThat(marks).hasSize(Limits.SEARCH_PASSAGE / 2);
    assertThat(marks.getFirst()).isEqualTo(new Passage.Mark(1_000, 1_001));
    assertThat(SearchQuery.of("a \"b a\"").in(text)).isEmpty();
  }
}
