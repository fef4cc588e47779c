package parlour.conversations;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Sid;
import parlour.events.LocalEventBus;
import parlour.http.json.JsonText;
import parlour.media.Media;
import parlour.media.MediaService;
import parlour.push.NoPushes;
import parlour.push.PushSubscriptions;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Audience;
import parlour.spec.StoppedClock;
import parlour.store.DiskSpace;
import parlour.store.Sqlite;
import parlour.store.SqliteDatabase;

/** Tests of the services over a new SQLite file, with one conversation, greeted, and its guest. */
abstract class WithOneConversation {
  static final SecureRandom random = new SecureRandom();
  static final Duration LONG = Duration.ofSeconds(9);
  static final Identity GUEST = new Identity("guest_1");
  static final Identity ANN = new Identity("agent_1");

  final StoppedClock clock = new StoppedClock();
  final Sid.Account account = Sid.Account.random(random);
  final Sid.Deployment deployment = Sid.Deployment.random(random);
  final Audience audience = new Audience(account, deployment, false);
  final Sid.Conversation conversation = Sid.Conversation.random(random);
  final OneGuest scopedAuth = new OneGuest(conversation, audience, clock);
  SqliteDatabase database;
  ConversationsService conversations;
  Revocations revocations;
  GuestConversations guests;

  @BeforeEach
  void open(@TempDir Path folder) {
    database = Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
    conversations = service(new SqlConversationStore(database), clock);
    revocations = new Revocations(scopedAuth, conversations, clock);
    guests = new GuestConversationsService(
        conversations, media(), scopedAuth, revocations, pushes(), RateLimiter.UNLIMITED);
    conversations.create(new Conversations.NewConversation(
        conversation,
        account,
        Sid.Address.random(random),
        deployment,
        GUEST,
        "Ada",
        JsonText.EMPTY,
        Optional.empty(),
        Optional.of(new Conversations.Greeting("Front desk", "Welcome Ada"))));
  }

  Media media() {
    return MediaService.inDatabase(database, DiskSpace.unknown(), clock);
  }

  PushSubscriptions pushes() {
    return NoPushes.over(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  /** Another node over the same store or another one, which no event of this one reaches. */
  ConversationsService service(ConversationStore store, InstantSource clock) {
    return service(store, clock, DiskSpace.unknown());
  }

  ConversationsService service(ConversationStore store, InstantSource clock, DiskSpace disk) {
    return new ConversationsService(
        store, new LocalEventBus(LONG), scopedAuth, disk, clock, random);
  }
}
