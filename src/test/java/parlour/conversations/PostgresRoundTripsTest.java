package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.events.LocalEventBus;
import parlour.http.json.JsonText;
import parlour.scopedauth.Audience;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.RoundTrips;

/** Counts round trips on the wire, for a database that is far away. */
@Timeout(60)
class PostgresRoundTripsTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private static final Sid.Account ACCOUNT = Sid.Account.random(random);

  private static Instant now = NOW;
  private static RoundTrips wire;
  private static Database database;
  private static Database sessions;
  private static SqlConversationStore store;

  @BeforeAll
  static void open() throws IOException {
    PostgresServer server = Postgres.fresh();
    wire = new RoundTrips(server);
    PostgresServer through = wire.server();
    database = Postgres.open(through, SqlConversationStore.SCHEMA);
    sessions = Postgres.open(through, SqlSessions.SCHEMA);
    store = new SqlConversationStore(database);
  }

  @AfterAll
  static void close() throws IOException {
    database.close();
    sessions.close();
    wire.close();
  }

  @Test
  void a_message_is_three_round_trips_numbers_the_message_and_the_commit() {
    Sid.Conversation conversation = begun();
    for (int i = 0; i < 8; i++) { // the driver prepares a statement on the server after some uses
      say(conversation, "warm up " + i);
    }
    assertThat(fewest(
            i -> assertThat(say(conversation, "counted " + i)).isInstanceOf(Sent.Added.class)))
        .isEqualTo(3);
  }

  @Test
  void a_call_of_an_account_reads_nothing_before_its_change() {
    ConversationsService conversations = new ConversationsService(
        store,
        new LocalEventBus(Limits.FOLLOW_TIMEOUT),
        scopedAuth(),
        DiskSpace.unknown(),
        InstantSource.fixed(NOW),
        random);
    Sid.Conversation conversation = begun();
    for (int i = 0; i < 8; i++) {
      conversations.send(ACCOUNT, agentSays(conversation, "warm up " + i));
      assertThat(conversations.participants(ACCOUNT, conversation)).isPresent();
    }
    assertThat(fewest(i -> assertThat(
                conversations.send(ACCOUNT, agentSays(conversation, "counted " + i)))
            .isInstanceOf(Sent.Added.class)))
        .isEqualTo(3);
    assertThat(fewest(
            i -> assertThat(conversations.participants(ACCOUNT, conversation)).isPresent()))
        .isEqualTo(1);
  }

  @Test
  void a_page_that_did_not_change_is_one_round_trip() {
    Sid.Conversation conversation = begun();
    IntConsumer read =
        _ -> assertThat(store.transcript(ACCOUNT, conversation, PageOfMessages.newest(50)))
            .isPresent();
    IntStream.range(0, 8).forEach(read);
    assertThat(fewest(read)).isEqualTo(1);
  }

  @Test
  void a_page_of_the_inbox_takes_few_round_trips_however_many_conversations_it_has() {
    for (int i = 0; i < 51; i++) {
      say(begun(), "Hello");
    }
    InboxList open = new InboxList.InState(Conversation.State.ACTIVE);
    IntConsumer read = _ -> assertThat(
            store.inbox(ACCOUNT, Sight.ALL, open, Optional.empty(), 50).items())
        .hasSize(50);
    IntStream.range(0, 8).forEach(read);
    assertThat(fewest(read))
        .isEqualTo(1 + 5 * 4 + 1); // the list, five times the details of ten, and the end
  }

  @Test
  void a_transaction_of_conversations_is_indexed_in_as_few_round_trips_as_one() {
    SqlSearchIndex index = new SqlSearchIndex(database);
    List<Sid.Conversation> all =
        IntStream.range(0, Limits.SEARCH_UPDATED).mapToObj(_ -> begun()).toList();
    index.update();
    for (int count : new int[] {1, Limits.SEARCH_UPDATED}) {
      List<Integer> counted = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        for (Sid.Conversation one : all.subList(0, count)) {
          say(one, "of " + count + " number " + i);
        }
        int before = wire.seen();
        index.update();
        counted.add(wire.seen() - before);
      }
      // which ones, their texts, the conversations, the texts in the index, the commit; and no more
      assertThat(Collections.min(counted)).as("%d conversations", count).isEqualTo(6);
    }
  }

  private static ScopedAuth scopedAuth() {
    Sid.Deployment deployment = Sid.Deployment.random(random);
    return new OneGuest(
        Sid.Conversation.random(random),
        new Audience(ACCOUNT, deployment, false),
        InstantSource.fixed(NOW));
  }

  private static Conversations.NewMessage agentSays(Sid.Conversation conversation, String body) {
    return new Conversations.NewMessage(
        conversation,
        new Message.Author(new Identity("agent_1"), ParticipantKind.AGENT, "Ann"),
        Message.Content.of(body),
        Optional.of(body.replace(' ', '-')));
  }

  @Test
  void the_session_of_a_token_is_read_in_one_round_trip() {
    SqlSessions store = new SqlSessions(sessions);
    for (int i = 0; i < 8; i++) {
      var _ = store.lineage(Sid.Session.random(random));
    }
    assertThat(fewest(i -> assertThat(store.lineage(Sid.Session.random(random))).isEmpty()))
        .isEqualTo(1);
  }

  /** Of several times, because a pool may open a connection beside one of them. */
  private static int fewest(IntConsumer work) {
    return IntStream.range(0, 5)
        .map(i -> {
          int before = wire.seen();
          work.accept(i);
          return wire.seen() - before;
        })
        .min()
        .orElseThrow();
  }

  private static Sent say(Sid.Conversation conversation, String body) {
    now = now.plusSeconds(60); // texts of the same moment look for a free key in the index
    return store.send(
        ACCOUNT,
        Sid.Message.next(Instant.EPOCH, random),
        new Conversations.NewMessage(
            conversation,
            new Message.Author(new Identity("ada"), ParticipantKind.GUEST, ""),
            Message.Content.of(body),
            Optional.of(body.replace(' ', '-'))),
        now);
  }

  private static Sid.Conversation begun() {
    Sid.Conversation conversation = Sid.Conversation.random(random);
    boolean created = store.create(
        new Conversations.NewConversation(
            conversation,
            ACCOUNT,
            Sid.Address.random(random),
            Sid.Deployment.random(random),
            new Identity("ada"),
            "Ada",
            JsonText.EMPTY,
            Optional.empty(),
            Optional.empty()),
        Sid.Participant.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        NOW);
    assertThat(created).isTrue();
    return conversation;
  }
}
