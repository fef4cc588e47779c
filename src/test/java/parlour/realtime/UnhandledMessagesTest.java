package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Version;

/** The messages that a page shows, and the kind of the event that announces a message. */
class UnhandledMessagesTest {
  private static final SecureRandom random = new SecureRandom();

  private long now;
  private final UnhandledMessages unhandled = new UnhandledMessages(() -> now);

  private static Message message(long index, long added, long changed) {
    return new Message(
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Conversation.random(random),
        new MessageIndex(index),
        new Message.Author(new Identity("ann"), ParticipantKind.AGENT, "Ann"),
        Optional.of(Message.Content.of("Hi")),
        Optional.empty(),
        new Version(new Revision(added), Instant.EPOCH),
        new Version(new Revision(changed), Instant.EPOCH));
  }

  @Test
  void a_message_whose_event_may_be_unhandled_is_on_no_page() {
    Message old = message(0, 2, 2);
    Message fresh = message(1, 5, 5);
    unhandled.rootRead(new Revision(4));
    assertThat(unhandled.mayShow(old)).isTrue();
    assertThat(unhandled.mayShow(fresh)).as("before its event").isFalse();
    unhandled.followed(new Revision(4));
    unhandled.sending("TM1", fresh.index());
    assertThat(unhandled.mayShow(fresh)).as("while it is sent").isFalse();
    unhandled.acknowledged("TM1");
    now += Limits.REALTIME_HANDLING.toNanos() - 1;
    assertThat(unhandled.mayShow(fresh)).as("just acknowledged").isFalse();
    now += 1;
    assertThat(unhandled.mayShow(fresh)).as("handled").isTrue();
    assertThat(unhandled.mayShow(old)).isTrue();
  }

  @Test
  void a_page_shows_nothing_before_the_client_has_said_what_it_knows() {
    assertThat(unhandled.mayShow(message(0, 2, 2))).isFalse();
    Thread.currentThread().interrupt();
    assertThat(unhandled.awaitKnown()).isFalse();
    assertThat(Thread.interrupted()).isTrue();
    unhandled.followed(new Revision(4));
    assertThat(unhandled.awaitKnown()).isTrue();
    assertThat(unhandled.mayShow(message(0, 2, 2))).isTrue();
  }

  @Test
  void a_root_that_is_read_again_does_not_make_an_unhandled_message_known() {
    Message fresh = message(1, 5, 5);
    unhandled.followed(new Revision(4));
    unhandled.sending("TM1", fresh.index());
    unhandled.rootRead(new Revision(5));
    assertThat(unhandled.mayShow(fresh)).isFalse();
  }

  @Test
  void a_message_that_is_new_to_a_client_is_added_whatever_happened_to_it_since() {
    SyncObject list = SyncObject.messages(Sid.Conversation.random(random));
    Subscription subscription = new Subscription(list, new Revision(4));
    assertThat(subscription.changeOf(message(0, 2, 9))).isEqualTo(SyncEvents.Change.UPDATED);
    assertThat(subscription.changeOf(message(1, 5, 9))).isEqualTo(SyncEvents.Change.ADDED);
    assertThat(subscription.changeOf(message(1, 5, 10))).isEqualTo(SyncEvents.Change.UPDATED);
  }
}
