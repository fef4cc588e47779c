package parlour.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Responder;
import parlour.accounts.WebhookSecret;
import parlour.conversations.Conversations;
import parlour.conversations.Conversations.NewMessage;
import parlour.conversations.JoinOutcome;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Sent;
import parlour.http.json.JsonText;
import parlour.orchestrator.TestOrchestrator;
import parlour.scopedauth.Sensitivity;
import parlour.spec.Browser;
import parlour.webhooks.WebhookEvent.EventType;
import parlour.webhooks.WebhookStore.DeliveryCursor;

class PendingEventsTest {
  @TempDir
  Path folder;

  private TestOrchestrator orchestrator;
  private Conversations conversations;
  private Sid.Account account;
  private Sid.Conversation conversation;
  private WebhookStore.Claim claim;

  @BeforeEach
  void begin() {
    orchestrator = new TestOrchestrator(folder, Sensitivity.MEDIUM);
    conversations = orchestrator.conversations;
    account = orchestrator.configuration().account();
    conversation = orchestrator.init(Browser.CHROME_ON_WINDOWS).conversation();
    claim = new WebhookStore.Claim(
        conversation,
        account,
        orchestrator.configuration().address().orElseThrow(),
        new Responder.Webhook(
            URI.create("https://bot.example.com/"), WebhookSecret.next(orchestrator.random)),
        "lease",
        DeliveryCursor.NOTHING,
        0,
        Optional.empty());
  }

  @AfterEach
  void end() {
    orchestrator.close();
  }

  @Test
  void a_message_that_was_edited_late_keeps_its_place_over_all_pages() {
    int many = Limits.MAX_PAGE * 2 + 20;
    List<Message> sent = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      sent.add(send(String.valueOf(i)));
    }
    conversations.edit(account, conversation, sent.get(3).sid(), Optional.of("new"), none());
    conversations.remove(account, conversation, sent.get(150).sid());
    List<WebhookEvent> events = all(DeliveryCursor.NOTHING);
    assertThat(events.stream().filter(event -> event.type() == EventType.MESSAGE_ADDED))
        .extracting(event -> message(event).index())
        .containsExactlyElementsOf(sent.stream().map(Message::index).toList());
    assertThat(events.subList(events.size() - 2, events.size()))
        .extracting(WebhookEvent::type)
        .containsExactly(EventType.MESSAGE_EDITED, EventType.MESSAGE_REMOVED);
    assertThat(message(events.get(4)).body()).as("as it is now").isEqualTo("new");
    assertThat(message(events.get(151)).body())
        .as("a removed body is not delivered")
        .isEmpty();
  }

  @Test
  void a_participant_who_joined_and_left_before_the_delivery_causes_both_events() {
    Participant ann = join("ann");
    send("between");
    conversations.leave(account, conversation, ann.sid());
    assertThat(all(new DeliveryCursor(new Revision(1), MessageIndex.NONE)))
        .extracting(WebhookEvent::type)
        .containsExactly(
            EventType.PARTICIPANT_JOINED, EventType.MESSAGE_ADDED, EventType.PARTICIPANT_LEFT);
  }

  @Test
  void reopening_is_an_event_and_creating_does_not_count_as_reopening() {
    assertThat(all(DeliveryCursor.NOTHING))
        .extracting(WebhookEvent::type)
        .containsExactly(EventType.CONVERSATION_CREATED);
    conversations.update(account, conversation, Conversations.Update.CLOSE);
    PendingEvents closed = read(DeliveryCursor.NOTHING);
    conversations.update(
        account, conversation, Conversations.Update.reopening(Duration.ofHours(1)));
    assertThat(all(closed.upTo()))
        .extracting(WebhookEvent::type)
        .containsExactly(EventType.CONVERSATION_REOPENED);
  }

  @Test
  void reading_causes_no_event() {
    send("one");
    List<WebhookEvent> before = all(DeliveryCursor.NOTHING);
    PendingEvents read = read(DeliveryCursor.NOTHING);
    conversations.read(account, conversation, new Identity("guest"), new MessageIndex(0));
    join("ann");
    conversations.read(account, conversation, new Identity("ann"), new MessageIndex(0));
    assertThat(all(read.upTo()))
        .extracting(WebhookEvent::type)
        .containsExactly(EventType.PARTICIPANT_JOINED);
    assertThat(before)
        .extracting(WebhookEvent::type)
        .containsExactly(EventType.CONVERSATION_CREATED, EventType.MESSAGE_ADDED);
  }

  /** Random changes and random polls: each event occurs once and in order, and none is missing. */
  @Test
  void every_sequence_of_changes_is_delivered_in_order() {
    long seed = System.nanoTime();
    System.out.println("seed of every_sequence_of_changes_is_delivered_in_order: " + seed);
    Random random = new Random(seed);
    List<Message> sent = new ArrayList<>();
    List<Participant> came = new ArrayList<>();
    List<WebhookEvent> delivered = new ArrayList<>();
    DeliveryCursor upTo = DeliveryCursor.NOTHING;
    for (int i = 0; i < 400; i++) {
      orchestrator.clock.pass(Duration.ofMillis(1));
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> sent.add(send("m" + i));
        case 3 -> {
          if (!sent.isEmpty()) {
            Message one = sent.get(random.nextInt(sent.size()));
            conversations.edit(account, conversation, one.sid(), Optional.of("e" + i), none());
          }
        }
        case 4 -> {
          if (!sent.isEmpty()) {
            conversations.remove(
                account, conversation, sent.get(random.nextInt(sent.size())).sid());
          }
        }
        case 5 -> came.add(join("agent" + random.nextInt(3)));
        case 6 -> {
          if (!came.isEmpty()) {
            conversations.leave(
                account, conversation, came.get(random.nextInt(came.size())).sid());
          }
        }
        default ->
          conversations.read(
              account, conversation, new Identity("agent1"), new MessageIndex(random.nextInt(50)));
      }
      if (random.nextInt(15) == 0) {
        PendingEvents read = read(upTo);
        int cut = random.nextInt(read.all().size() + 1); // a failure in the middle of it
        for (PendingEvents.ConversationEvent one : read.all().subList(0, cut)) {
          delivered.add(one.event());
          upTo = one.cursor();
        }
      }
    }
    conversations.update(account, conversation, Conversations.Update.CLOSE);
    delivered.addAll(all(upTo));

    assertThat(delivered).extracting(WebhookEvent::revision).isSorted();
    Set<String> ids = new HashSet<>();
    assertThat(delivered)
        .allSatisfy(event -> assertThat(ids.add(event.eventId())).isTrue());
    assertThat(delivered.stream().filter(event -> event.type() == EventType.MESSAGE_ADDED))
        .extracting(event -> message(event).index())
        .containsExactlyElementsOf(sent.stream().map(Message::index).toList());
    assertThat(delivered.getFirst().type()).isEqualTo(EventType.CONVERSATION_CREATED);
    assertThat(delivered.getLast().type()).isEqualTo(EventType.CONVERSATION_CLOSED);
    for (Participant now : conversations.participants(account, conversation).orElseThrow()) {
      if (now.kind() == ParticipantKind.AGENT) {
        assertThat(delivered.stream()
                .filter(event -> event.participant() != null
                    && event.participant().sid().equals(now.sid().text()))
                .map(WebhookEvent::type)
                .reduce((first, second) -> second))
            .contains(now.joined() ? EventType.PARTICIPANT_JOINED : EventType.PARTICIPANT_LEFT);
      }
    }
  }

  private List<WebhookEvent> all(DeliveryCursor from) {
    List<WebhookEvent> events = new ArrayList<>();
    PendingEvents read = read(from);
    read.all().forEach(one -> events.add(one.event()));
    while (read.more()) {
      read = read(read.upTo());
      read.all().forEach(one -> events.add(one.event()));
    }
    return events;
  }

  private PendingEvents read(DeliveryCursor from) {
    return PendingEvents.after(from, conversations, claim).orElseThrow();
  }

  private static parlour.conversations.Forms.MessageForm message(WebhookEvent event) {
    return Optional.ofNullable(event.message()).orElseThrow();
  }

  private Message send(String body) {
    Sent sent = conversations.send(
        account,
        new NewMessage(
            conversation,
            new Message.Author(new Identity("bot"), ParticipantKind.SYSTEM, "Bot"),
            Message.Content.of(body),
            Optional.empty()));
    return ((Sent.Added) sent).message();
  }

  private Participant join(String identity) {
    JoinOutcome outcome = conversations.join(
        account,
        conversation,
        new Identity(identity),
        ParticipantKind.AGENT,
        Optional.of(identity));
    return switch (outcome) {
      case JoinOutcome.Joined(Participant one) -> one;
      case JoinOutcome.AlreadyThere() ->
        conversations.participants(account, conversation).orElseThrow().stream()
            .filter(one -> one.identity().text().equals(identity))
            .findFirst()
            .orElseThrow();
      case JoinOutcome.Full() -> fail("the conversation is full");
      case JoinOutcome.NotFound() -> fail("the conversation is gone");
    };
  }

  private static Optional<JsonText> none() {
    return Optional.empty();
  }
}
