package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Changes.Change;
import parlour.conversations.Conversation;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.Entered;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Version;
import parlour.http.json.Json;
import parlour.http.json.JsonText;
import parlour.scopedauth.Generation;

/** The events that a client receives, their order and their ids. */
class DeliveryTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Sid.Conversation conversation = Sid.Conversation.random(random);
  private static final SyncObject list = SyncObject.messages(conversation);

  /** Events of the list, as {@code added 3 with the id 11}. */
  private final List<String> events = new ArrayList<>();

  /** The frames that wait to leave together. */
  private final List<byte[]> held = new ArrayList<>();

  private int sendsUntilTheSocketBreaks = Integer.MAX_VALUE;

  private Delivery delivery(long revision) {
    Outbox outbox = new Outbox(this::sent, held::add, this::flush, () -> {}, random);
    return new Delivery(
        new ConversationView(entered(revision), List.of()),
        outbox,
        new UnhandledMessages(System::nanoTime),
        InstantSource.system());
  }

  private void flush() {
    List<byte[]> frames = List.copyOf(held);
    held.clear();
    frames.forEach(this::sent);
  }

  private void sent(byte[] frame) {
    Map<String, @Nullable Object> payload = Json.object(
            new String(TwilsockFrame.parse(frame).payload(), StandardCharsets.UTF_8))
        .orElseThrow();
    String type = String.valueOf(payload.get("event_type"));
    if (!type.startsWith("list_item_")) {
      return;
    }
    if (sendsUntilTheSocketBreaks-- == 0) {
      throw new Unavailable("the test's socket", "broken", null);
    }
    List<?> all = (List<?>) Objects.requireNonNull(payload.get("events"));
    Map<?, ?> event = (Map<?, ?>) all.getFirst();
    events.add("%s %s with the id %s"
        .formatted(type.substring(10), event.get("item_index"), event.get("id")));
  }

  private static Entered entered(long revision) {
    Version changed = new Version(new Revision(revision), Instant.EPOCH);
    Sid.Account account = Sid.Account.random(random);
    return new Entered(
        new GuestSession(
            Sid.Session.random(random),
            account,
            conversation,
            new Identity("guest"),
            new Generation(1),
            Instant.MAX,
            Instant.MAX,
            false),
        new Conversation(
            conversation,
            account,
            Sid.Address.random(random),
            Optional.empty(),
            new Conversation.Details(
                JsonText.EMPTY, JsonText.EMPTY, MessageIndex.NONE, Revision.CREATED),
            new Conversation.Status(Conversation.State.ACTIVE, changed),
            new Conversation.Activity(new MessageIndex(0), 0, true, Instant.EPOCH),
            Instant.EPOCH,
            changed),
        List.of(),
        0);
  }

  private static Message message(long index, long added, long changed) {
    return new Message(
        Sid.Message.next(Instant.EPOCH, random),
        conversation,
        new MessageIndex(index),
        new Message.Author(new Identity("ann"), ParticipantKind.AGENT, "Ann"),
        Optional.of(Message.Content.of("Hi")),
        Optional.empty(),
        new Version(new Revision(added), Instant.EPOCH),
        new Version(new Revision(changed), Instant.EPOCH));
  }

  private static PollResult.News news(boolean more, Message... messages) {
    List<Change> changes = Stream.of(messages)
        .sorted(Comparator.comparing(Message::revision))
        .map(message -> (Change) new Change.OfMessage(message))
        .toList();
    return new PollResult.News(
        changes, List.of(), new Cursor(changes.getLast().revision(), 0), more);
  }

  /** The log of these messages, of which each read returns two. */
  private static Replay.Log log(Message... messages) {
    return new Replay.Log() {
      @Override
      public PollResult.News after(Revision revision) {
        Message[] later = Stream.of(messages)
            .filter(message -> message.revision().isAfter(revision))
            .sorted(Comparator.comparing(Message::revision))
            .toArray(Message[]::new);
        return news(later.length > 2, Stream.of(later).limit(2).toArray(Message[]::new));
      }

      @Override
      public Optional<Message> message(MessageIndex index) {
        return Stream.of(messages)
            .filter(message -> message.index().equals(index))
            .findFirst();
      }
    };
  }

  private static final Message[] messages = {
    message(0, 2, 20),
    message(1, 11, 40),
    message(2, 12, 12),
    message(3, 13, 13),
    message(4, 14, 50),
    message(5, 30, 30)
  };

  @Test
  void a_replay_has_an_edited_message_at_its_addition_and_at_its_edit() {
    delivery(40).subscribe(list, new Revision(5), 1, log(messages));
    assertThat(events)
        .containsExactly(
            "added 1 with the id 11",
            "added 2 with the id 12",
            "added 3 with the id 13",
            "added 4 with the id 14",
            "updated 0 with the id 20",
            "added 5 with the id 30",
            "updated 1 with the id 40");
  }

  @Test
  void a_client_whose_replays_break_after_each_event_learns_of_each_message() {
    long known = 5;
    for (int replays = 0; known < 40; replays++) {
      assertThat(replays).isLessThan(10);
      sendsUntilTheSocketBreaks = 1;
      try {
        delivery(40).subscribe(list, new Revision(known), 1, log(messages));
      } catch (Unavailable broken) {
        assertThat(events).isNotEmpty();
      }
      String last = events.getLast();
      known = Long.parseLong(last.substring(last.lastIndexOf(' ') + 1));
    }
    assertThat(events)
        .contains("added 1 with the id 11", "added 4 with the id 14", "updated 1 with the id 40")
        .doesNotHaveDuplicates();
  }

  @Test
  void news_have_an_edited_message_before_those_that_were_added_later() {
    Delivery delivery = delivery(5);
    delivery.subscribe(list, new Revision(5), 1, log());
    delivery.deliver(news(false, message(1, 11, 40), message(2, 12, 12)), log());
    assertThat(events)
        .containsExactly(
            "added 1 with the id 11", "added 2 with the id 12", "updated 1 with the id 40");
  }

  @Test
  void news_in_parts_have_a_message_whose_edit_is_in_a_later_part_at_its_addition() {
    Delivery delivery = delivery(5);
    delivery.subscribe(list, new Revision(5), 1, log());
    Message[] all = {
      message(0, 10, 30),
      message(1, 11, 40),
      message(2, 12, 12),
      message(3, 13, 50),
      message(4, 20, 20)
    };
    delivery.deliver(news(true, all[2]), log(all));
    delivery.deliver(news(true, all[4], all[0]), log(all));
    delivery.deliver(news(false, all[1], all[3]), log(all));
    assertThat(events)
        .containsExactly(
            "added 0 with the id 10",
            "added 1 with the id 11",
            "added 2 with the id 12",
            "added 3 with the id 13",
            "added 4 with the id 20",
            "updated 0 with the id 30",
            "updated 1 with the id 40",
            "updated 3 with the id 50");
  }

  @Test
  void the_first_failure_of_a_socket_is_the_one_that_is_reported() {
    Outbox broken = new Outbox(
        this::sent,
        _ -> {
          throw new Unavailable("the test's socket", "the first failure", null);
        },
        () -> {
          throw new Unavailable("the test's socket", "closed", null);
        },
        () -> {},
        random);
    Delivery delivery = new Delivery(
        new ConversationView(entered(5), List.of()),
        broken,
        new UnhandledMessages(System::nanoTime),
        InstantSource.system());
    assertThatThrownBy(() -> delivery.cancel(list.sid(), 1))
        .hasMessageContaining("the first failure");
  }

  @Test
  void an_object_whose_replay_fails_is_not_followed() {
    Delivery delivery = delivery(40);
    sendsUntilTheSocketBreaks = 2;
    assertThatThrownBy(() -> delivery.subscribe(list, new Revision(5), 1, log(messages)))
        .isInstanceOf(Unavailable.class);
    sendsUntilTheSocketBreaks = Integer.MAX_VALUE;
    events.clear();
    delivery.deliver(news(false, message(6, 60, 60)), log());
    assertThat(events).isEmpty();
    delivery.subscribe(list, new Revision(60), 2, log(messages));
    delivery.deliver(news(false, message(7, 61, 61)), log());
    assertThat(events).containsExactly("added 7 with the id 61");
  }
}
