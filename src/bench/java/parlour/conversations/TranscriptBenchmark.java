package parlour.conversations;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import parlour.Identity;
import parlour.Sid;
import parlour.bench.Shop;
import parlour.config.Role;
import parlour.http.json.JsonText;
import parlour.store.SqliteDatabase;

/** The store of conversations on SQLite: the newest page of a conversation with 60 messages. */
@State(Scope.Benchmark)
public class TranscriptBenchmark {
  private static final int PAGE = 50;
  private static final int MESSAGES = 60;

  private final SecureRandom random = new SecureRandom();
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private final Identity guest = new Identity("guest_" + "0123456789abcdef".repeat(4) + "_");
  private Shop shop;
  private SqliteDatabase database;
  private ConversationStore store;
  private int turn;

  @Setup
  public void open() throws IOException {
    shop = Shop.open();
    Path file = shop.folder().resolve(Role.CONVERSATIONS.word() + ".db");
    database = SqliteDatabase.open(file, SqlConversationStore.SCHEMA);
    store = new SqlConversationStore(database);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    boolean created = store.create(
        new Conversations.NewConversation(
            conversation,
            shop.account(),
            Sid.Address.random(random),
            shop.deployment(),
            guest,
            "Guest",
            JsonText.EMPTY,
            Optional.empty(),
            Optional.empty()),
        Sid.Participant.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        now);
    for (int i = 0; created && i < MESSAGES; i++) {
      var _ = store.send(shop.account(), Sid.Message.next(Instant.EPOCH, random), message(i), now);
    }
  }

  private Conversations.NewMessage message(int number) {
    return new Conversations.NewMessage(
        conversation,
        new Message.Author(guest, ParticipantKind.GUEST, ""),
        Message.Content.of("Is it open on Sundays?"),
        Optional.of("m" + number));
  }

  @TearDown
  public void close() throws IOException {
    database.close();
    shop.close();
  }

  /** A page that was read before, of a conversation that did not change since. */
  @Benchmark
  public ConversationStore.Transcript unchanged() {
    return read(PAGE);
  }

  /** Another page than the last time, which the store therefore has to read. */
  @Benchmark
  public ConversationStore.Transcript notRemembered() {
    turn = 1 - turn;
    return read(PAGE - turn);
  }

  private ConversationStore.Transcript read(int limit) {
    ConversationStore.Transcript read = store
        .transcript(shop.account(), conversation, PageOfMessages.newest(limit))
        .orElseThrow();
    if (read.messages().items().size() != limit) {
      throw new IllegalStateException("not a whole page");
    }
    return read;
  }
}
