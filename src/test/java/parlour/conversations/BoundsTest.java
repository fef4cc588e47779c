package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.PollResult;
import parlour.http.json.JsonText;
import parlour.store.DiskSpace;

/** Bounds of what a follower reads at once, and of a disk that is nearly full. */
class BoundsTest extends WithOneConversation {
  @Test
  void a_follower_without_a_reservation_only_learns_that_a_long_message_exists() {
    GuestConversations.GuestSession session = entered();
    says("short", "a");
    says("x".repeat(Limits.FOLLOW_BYTES / 3), "b");
    says("y".repeat(Limits.FOLLOW_BYTES / 3), "c");
    PollResult.News first =
        news(guests.follow(session, new Cursor(new Revision(2), 0), LONG, Amount.SMALL));
    assertThat(first.changes()).hasSize(1);
    assertThat(first.more()).isTrue();
    assertThat(guests.follow(session, first.cursor(), LONG, Amount.SMALL))
        .isEqualTo(PollResult.News.later(first.cursor()));
    PollResult.News rest = news(guests.follow(session, first.cursor(), LONG, Amount.LARGE));
    assertThat(rest.changes()).hasSize(2);
    assertThat(rest.more()).isFalse();
  }

  @Test
  void on_a_nearly_full_disk_no_conversation_begins_and_running_ones_go_on() {
    DiskSpace full = new DiskSpace(() -> Optional.of(new DiskSpace.Space(1, 1L << 40)));
    full.check();
    Conversations there = service(new SqlConversationStore(database), clock, full);
    var another = new Conversations.NewConversation(
        Sid.Conversation.random(random),
        account,
        Sid.Address.random(random),
        deployment,
        GUEST,
        "Ada",
        JsonText.EMPTY,
        Optional.empty(),
        Optional.empty());
    assertThatThrownBy(() -> there.create(another)).isInstanceOf(Unavailable.class);
    says("Hello", "a");
  }

  private GuestConversations.GuestSession entered() {
    return done(guests.enter(scopedAuth.pass())).orElseThrow().session();
  }

  private void says(String body, String clientId) {
    assertThat(done(guests.send(scopedAuth.pass(), body, JsonText.EMPTY, List.of(), clientId)))
        .isInstanceOf(Sent.Added.class);
  }

  private static <T> T done(GuestOutcome<T> outcome) {
    return ((GuestOutcome.Done<T>) outcome).value();
  }

  private static PollResult.News news(PollResult result) {
    return (PollResult.News) result;
  }
}
