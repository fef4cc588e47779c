package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.store.Database;
import parlour.store.OneGroup;
import parlour.store.Postgres;
import parlour.store.RoundTrips;

/** Messages that are sent at the same time, over PostgreSQL. */
@Timeout(60)
class PostgresMessageGroupTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-11-30T04:00:00Z");
  private static final Identity GUEST = new Identity("ada");
  private static final int CONVERSATIONS = 10;

  private final Sid.Account account = Sid.Account.random(random);
  private RoundTrips wire;
  private Database database;
  private SqlConversationStore store;
  private List<Sid.Conversation> conversations;

  @BeforeEach
  void open() throws Exception {
    wire = new RoundTrips(Postgres.fresh());
    database = OneGroup.open(wire.server(), SqlConversationStore.SCHEMA);
    store = new SqlConversationStore(database);
    conversations = IntStream.range(0, CONVERSATIONS).mapToObj(this::begun).toList();
  }

  @AfterEach
  void close() throws Exception {
    database.close();
    wire.close();
  }

  @Test
  void messages_of_ten_conversations_are_three_round_trips() throws Exception {
    int fewest = Integer.MAX_VALUE; // a pool may ask beside one of them whether a connection lives
    for (int i = 0; i < 8; i++) {
      String text = "number " + i;
      int before = wire.seen();
      List<Sent> sent =
          together(conversations.stream().map(one -> guestSays(one, text)).toList());
      fewest = Math.min(fewest, wire.seen() - before);
      for (int j = 0; j < CONVERSATIONS; j++) {
        assertAdded(sent.get(j), i, text, "Guest " + j);
      }
    }
    assertThat(fewest).isEqualTo(3);
  }

  @Test
  void messages_of_one_conversation_have_indexes_without_gaps_and_a_repeated_one_has_none()
      throws Exception {
    Sid.Conversation one = conversations.get(0);
    Sid.Conversation other = conversations.get(1);
    List<Sent> sent = together(List.of(
        guestSays(one, "a"),
        guestSays(other, "x"),
        guestSays(one, "a"),
        guestSays(one, "b"),
        guestSays(one, "b"),
        guestSays(one, "c")));
    assertAdded(sent.get(0), 0, "a", "Guest 0");
    assertAdded(sent.get(1), 0, "x", "Guest 1");
    assertThat(sent.get(2)).isEqualTo(new Sent.Duplicate(((Sent.Added) sent.get(0)).message()));
    assertAdded(sent.get(3), 1, "b", "Guest 0");
    assertThat(sent.get(4)).isEqualTo(new Sent.Duplicate(((Sent.Added) sent.get(3)).message()));
    assertAdded(sent.get(5), 2, "c", "Guest 0");
    assertThat(bodies(one)).containsExactly("a", "b", "c");
    assertThat(bodies(other)).containsExactly("x");
    Conversation stored = store.find(account, one).orElseThrow();
    assertThat(stored.activity().messageCount()).isEqualTo(3);
    assertThat(stored.revision().number()).isEqualTo(1 + 3);
  }

  @Test
  void each_message_of_a_group_has_its_own_outcome() throws Exception {
    Sid.Conversation closed = conversations.get(1);
    store.update(
        account,
        closed,
        Conversations.Update.of(
            Optional.empty(), Optional.of(Conversation.State.CLOSED), Duration.ZERO),
        Optional.of(Instant.EPOCH),
        NOW);
    Sid.Conversation left = conversations.get(2);
    Sid.Participant guest =
        store.participant(account, left, GUEST).orElseThrow().sid();
    assertThat(store.leave(account, left, guest, NOW)).isTrue();
    List<Sent> sent = together(List.of(
        guestSays(conversations.get(0), "a"),
        guestSays(closed, "b"),
        guestSays(left, "c"),
        guestSays(Sid.Conversation.random(random), "d"),
        message(conversations.get(3), new Identity("stranger"), "e", List.of()),
        message(conversations.get(4), GUEST, "f", List.of(Sid.Media.random(random))),
        guestSays(conversations.get(5), "g")));
    assertAdded(sent.get(0), 0, "a", "Guest 0");
    assertThat(sent.subList(1, 6))
        .containsExactly(
            new Sent.Closed(),
            new Sent.Closed(),
            new Sent.NotFound(),
            new Sent.NotFound(),
            new Sent.NoSuchFile());
    assertAdded(sent.get(6), 0, "g", "Guest 5");
    for (int i = 1; i < 5; i++) {
      assertThat(bodies(conversations.get(i))).isEmpty();
    }
    assertThat(
            store.find(account, conversations.get(4)).orElseThrow().revision().number())
        .isEqualTo(1);
  }

  private static void assertAdded(Sent sent, int index, String body, String author) {
    assertThat(sent).isInstanceOf(Sent.Added.class);
    Message message = ((Sent.Added) sent).message();
    assertThat(message.index()).isEqualTo(new MessageIndex(index));
    assertThat(message.body()).isEqualTo(body);
    assertThat(message.author().name()).isEqualTo(author);
  }

  private List<String> bodies(Sid.Conversation conversation) {
    return store
        .transcript(account, conversation, PageOfMessages.newest(50))
        .orElseThrow()
        .messages()
        .items()
        .stream()
        .map(Message::body)
        .toList();
  }

  private List<Sent> together(List<Conversations.NewMessage> messages) throws Exception {
    List<Callable<Sent>> calls = new ArrayList<>();
    for (Conversations.NewMessage one : messages) {
      calls.add(() -> store.send(account, Sid.Message.next(NOW, random), one, NOW));
    }
    return OneGroup.of(database, calls);
  }

  private static Conversations.NewMessage guestSays(Sid.Conversation conversation, String body) {
    return message(conversation, GUEST, body, List.of());
  }

  private static Conversations.NewMessage message(
      Sid.Conversation conversation, Identity author, String body, List<Sid.Media> files) {
    return new Conversations.NewMessage(
        conversation,
        new Message.Author(author, ParticipantKind.GUEST, ""),
        Message.Content.of(body),
        new Conversations.Files(author.text(), files),
        Optional.of(body.replace(' ', '-')));
  }

  private Sid.Conversation begun(int number) {
    Sid.Conversation conversation = Sid.Conversation.random(random);
    assertThat(store.create(
            new Conversations.NewConversation(
                conversation,
                account,
                Sid.Address.random(random),
                Sid.Deployment.random(random),
                GUEST,
                "Guest " + number,
                JsonText.EMPTY,
                Optional.empty(),
                Optional.empty()),
            Sid.Participant.next(Instant.EPOCH, random),
            Sid.Message.next(Instant.EPOCH, random),
            Sid.Message.next(Instant.EPOCH, random),
            NOW))
        .isTrue();
    return conversation;
  }
}
