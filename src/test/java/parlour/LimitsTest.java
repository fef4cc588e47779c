package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Relations between bounds, so that none of them makes another one useless. */
class LimitsTest {

  @Test
  void the_longest_message_fits_a_page_and_what_a_page_is_read_with() {
    int longest = Limits.MESSAGE_ENVELOPE_BYTES
        + 2 * Limits.MESSAGE_BODY_BYTES
        + 2 * Limits.ATTRIBUTES_BYTES
        + 2 * 3 * Limits.FRIENDLY_NAME_CHARACTERS;
    assertThat(longest).isLessThan(Limits.PAGE_BYTES).isLessThan(Limits.FOLLOW_MEMORY);
    int overview = Limits.OVERVIEW_ENVELOPE_BYTES
        + 2 * Limits.PRE_ENGAGEMENT_BYTES
        + 2 * Limits.ATTRIBUTES_BYTES
        + longest;
    assertThat(overview).isLessThan(Limits.PAGE_BYTES);
  }

  @Test
  void a_page_fits_the_answer_of_another_process() {
    assertThat(Limits.PAGE_BYTES + Limits.INTERNAL_BODY)
        .isLessThan(Limits.CONVERSATIONS_RESPONSE_BYTES);
    assertThat(Limits.FOLLOW_BYTES + 60 * Limits.WATCH_REVISIONS)
        .isLessThan(Limits.CONVERSATIONS_RESPONSE_BYTES);
  }

  @Test
  void small_answers_need_no_reservation_and_large_ones_get_one() {
    assertThat(Limits.FOLLOW_UNRESERVED_BYTES).isLessThan(Limits.FOLLOW_BYTES);
    assertThat(Limits.PAGE_BYTES).isLessThan(Limits.PAGE_MEMORY);
    assertThat(Limits.FOLLOW_BYTES).isLessThan(Limits.FOLLOW_MEMORY);
    int share = Limits.RESPONSE_MEMORY / Limits.RESPONSE_MEMORY_SHARE;
    assertThat(Limits.PAGE_MEMORY).isLessThanOrEqualTo(share);
    assertThat(Limits.FOLLOW_MEMORY).isLessThanOrEqualTo(share);
    assertThat(Limits.TOKEN_CHARACTERS).isLessThan(Limits.RESPONSE_UNRESERVED_BYTES);
  }

  @Test
  void a_reader_has_no_longer_than_the_edge_waits_for_the_whole_call_and_a_page_more() {
    assertThat(Limits.READER_DEADLINE).isLessThanOrEqualTo(Limits.FORWARD_DEADLINE);
    assertThat(Limits.RESPONSE_MEMORY_TIMEOUT.plus(Limits.CONVERSATIONS_DEADLINE))
        .isLessThan(Limits.FORWARD_DEADLINE);
  }
}
