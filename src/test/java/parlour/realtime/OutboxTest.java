package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import parlour.Limits;

/** The frames of a socket, and its client's acknowledgements. */
class OutboxTest {
  /** The ids of the frames that wait to leave together. */
  private final List<String> held = new ArrayList<>();

  /** The ids of the frames that have left, in their order. */
  private final List<String> left = new ArrayList<>();

  private Consumer<String> onLeave = _ -> {};

  private final Outbox outbox = new Outbox(
      frame -> {
        leave();
        leave(TwilsockFrame.parse(frame).id());
      },
      frame -> held.add(TwilsockFrame.parse(frame).id()),
      this::leave,
      () -> {},
      new SecureRandom());

  private void leave() {
    List<String> ids = List.copyOf(held);
    held.clear();
    ids.forEach(this::leave);
  }

  private void leave(String id) {
    left.add(id);
    onLeave.accept(id);
  }

  private String notifies(int bytes) {
    String id = outbox.nextId();
    outbox.notify(id, SyncEvents.EVENT, new JsonObject().with("text", "x".repeat(bytes)));
    return id;
  }

  @Test
  void notifications_leave_together_and_before_any_other_frame() {
    String first = notifies(1);
    String second = notifies(1);
    assertThat(left).isEmpty();
    outbox.flush();
    assertThat(left).containsExactly(first, second);
    String third = notifies(1);
    String ping = outbox.ping();
    assertThat(left).containsExactly(first, second, third, ping).doesNotHaveDuplicates();
  }

  /** Otherwise the client could not acknowledge what takes the room, and would lose its socket. */
  @Test
  void notifications_that_wait_leave_before_a_later_one_waits_for_room() {
    onLeave = outbox::acknowledged;
    String first = notifies(1);
    String second = notifies(Limits.REALTIME_UNACKNOWLEDGED_BYTES);
    assertThat(left).containsExactly(first);
    outbox.flush();
    assertThat(left).containsExactly(first, second);
  }

  @Test
  void only_a_short_acknowledgement_that_the_client_owes_is_one() {
    String id = outbox.ping();
    assertThat(outbox.acknowledgedBy(acknowledgement("TM1", "")))
        .as("of nothing that was sent")
        .isEmpty();
    String longest = "x".repeat(Limits.REALTIME_ACKNOWLEDGEMENT);
    assertThat(outbox.acknowledgedBy(acknowledgement(id, longest)))
        .as("a long one")
        .isEmpty();
    assertThat(outbox.acknowledgedBy(new byte[100])).as("no frame").isEmpty();
    assertThat(outbox.acknowledgedBy(TwilsockFrame.bytes(
            new JsonObject().with("id", id).with("method", "message"), new byte[0])))
        .as("a request")
        .isEmpty();
    assertThat(outbox.acknowledgedBy(acknowledgement(id, ""))).contains(id);
    outbox.acknowledged(id);
    assertThat(outbox.acknowledgedBy(acknowledgement(id, "")))
        .as("a repeated one")
        .isEmpty();
  }

  private static byte[] acknowledgement(String id, String more) {
    JsonObject header = new JsonObject()
        .with("id", id)
        .with("method", "reply")
        .with("payload_type", "application/json")
        .with("status", new JsonObject().with("code", 200).with("status", "OK"))
        .with("more", more);
    return TwilsockFrame.bytes(header, new byte[0]);
  }
}
