package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.Identity;
import parlour.Sid;
import parlour.accounts.SqlAccounts;
import parlour.conversations.Amount;
import parlour.conversations.AssignOutcome;
import parlour.conversations.Changes;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.InboxList;
import parlour.conversations.LabelOutcome;
import parlour.conversations.Message;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Sent;
import parlour.conversations.Sight;
import parlour.conversations.SqlConversationStore;
import parlour.conversations.SqlSearchIndex;
import parlour.conversations.SqlTeamStore;
import parlour.inbox.Agents;
import parlour.inbox.CannedReplies.CannedReply;
import parlour.inbox.SqlAgents;
import parlour.inbox.SqlCannedReplies;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Schema;
import parlour.store.Sqlite;

/** The stores of the version before teams, with the data of a busy installation, are opened and used. */
@ParameterizedClass
@EnumSource
class UpgradeTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Identity ANN = new Identity("agent_ann");
  private static final byte[] DIGEST = "digest".getBytes(StandardCharsets.UTF_8);

  /** The databases. */
  enum Kind {
    SQLITE,
    POSTGRES
  }

  private final Kind kind;

  @TempDir
  private Path folder;

  private final SecureRandom random = new SecureRandom();
  private final Sid.Account account = Sid.Account.random(random);
  private Optional<PostgresServer> server = Optional.empty();

  UpgradeTest(Kind kind) {
    this.kind = kind;
  }

  @Test
  void guests_who_waited_before_the_upgrade_wait_after_it_and_are_claimed_and_answered() {
    Sid.Conversation waiting = Sid.Conversation.random(random);
    Sid.Conversation greeted = Sid.Conversation.random(random);
    Sid.Conversation answered = Sid.Conversation.random(random);
    Sid.Conversation closed = Sid.Conversation.random(random);
    try (Database before = open(upTo(SqlConversationStore.SCHEMA, "008-media.sql"))) {
      insert(before, waiting, "active", "agent_ann agent", "guest_1 guest", "guest_1 guest");
      insert(before, greeted, "active", "guest_1 guest", "greeter system");
      insert(before, answered, "active", "guest_1 guest", "agent_ann agent");
      insert(before, closed, "closed", "guest_1 guest");
    }
    try (Database database = open(SqlConversationStore.SCHEMA)) {
      SqlConversationStore store = new SqlConversationStore(database);
      SqlTeamStore team = new SqlTeamStore(database);
      assertThat(waitsSince(store, waiting)).contains(NOW.plusSeconds(1));
      assertThat(waitsSince(store, greeted)).contains(NOW);
      assertThat(waitsSince(store, answered)).isEmpty();
      assertThat(waitsSince(store, closed)).isEmpty();
      assertThat(sids(store, new InboxList.Waiting(InboxList.Order.OLDEST)))
          .containsExactly(greeted, waiting);
      assertThat(sids(store, new InboxList.Unassigned()))
          .containsExactlyInAnyOrder(waiting, greeted, answered);
      assertThat(sids(store, new InboxList.InState(Conversation.State.CLOSED)))
          .containsExactly(closed);
      assertThat(team.assign(account, waiting, ANN, Optional.empty(), Optional.of(ANN), NOW))
          .isEqualTo(new AssignOutcome.Assigned());
      assertThat(team.label(account, waiting, ANN, "refund", NOW))
          .isEqualTo(new LabelOutcome.Done());
      Sent answer = store.send(
          account,
          Sid.Message.next(Instant.EPOCH, random),
          new Conversations.NewMessage(
              waiting,
              new Message.Author(ANN, ParticipantKind.AGENT, "Ann"),
              Message.Content.of("Yes"),
              Optional.empty()),
          NOW.plusSeconds(9));
      assertThat(answer).isInstanceOf(Sent.Added.class);
      assertThat(waitsSince(store, waiting)).isEmpty();
    }
  }

  @Test
  void messages_and_their_changes_from_before_are_found_by_a_follower_and_by_a_search() {
    Sid.Conversation conversation = Sid.Conversation.random(random);
    try (Database before = open(upTo(SqlConversationStore.SCHEMA, "019-closed-by-assignee.sql"))) {
      insert(before, conversation, "active", "guest_1 guest", "guest_1 guest", "guest_1 guest");
      before.write(sql -> {
        sql.update(
            "UPDATE message SET added_revision = message_index + 2, revision = message_index + 2");
        // read marks and the like took 5 to 7; then the first message was edited
        sql.update("UPDATE message SET body = 'changed', revision = 8 WHERE message_index = 0");
        return sql.update("UPDATE conversation SET revision = 9");
      });
    }
    try (Database database = open(SqlConversationStore.SCHEMA)) {
      SqlConversationStore store = new SqlConversationStore(database);
      assertThat(changedAfter(store, conversation, 0)).containsExactly(1L, 2L, 0L);
      assertThat(changedAfter(store, conversation, 3)).containsExactly(2L, 0L);
      assertThat(changedAfter(store, conversation, 4)).containsExactly(0L);
      assertThat(changedAfter(store, conversation, 8)).isEmpty();
      new SqlSearchIndex(database).update();
      assertThat(found(database, "text")).isEqualTo(2);
      assertThat(found(database, "changed")).isEqualTo(1);
    }
  }

  private List<Long> changedAfter(
      SqlConversationStore store, Sid.Conversation conversation, long revision) {
    return store
        .changes(account, conversation, new Revision(revision), 9, Amount.LARGE)
        .orElseThrow()
        .changes()
        .stream()
        .filter(Changes.Change.OfMessage.class::isInstance)
        .map(change -> ((Changes.Change.OfMessage) change).message().index().number())
        .toList();
  }

  private static int found(Database database, String term) {
    return database.read(sql -> sql.first(
            "SELECT count(*) AS found FROM search_document WHERE terms LIKE ?",
            row -> row.getInt("found"),
            "%" + term + "%")
        .orElseThrow());
  }

  @Test
  void an_agent_from_before_stays_signed_in_with_the_identity_of_their_messages_as_an_admin() {
    try (Database before = open(upTo(SqlAccounts.SCHEMA, "007-realtime.sql"))) {
      before.write(sql -> {
        sql.update(
            "INSERT INTO account (sid, name, auth_token_digest, digest_key, created_at)"
                + " VALUES (?, 'Acme', ?, ?, ?)",
            account.text(),
            DIGEST,
            DIGEST,
            NOW);
        for (String name : List.of("ann", "ben")) {
          sql.update(
              "INSERT INTO agent (name, account_sid, password_digest, created_at)"
                  + " VALUES (?, ?, ?, ?)",
              name,
              account.text(),
              DIGEST,
              NOW);
        }
        return sql.update(
            "INSERT INTO agent_session (digest, agent_name, created_at, seen_at)"
                + " VALUES ('d1', 'ann', ?, ?)",
            NOW,
            NOW);
      });
    }
    try (Database database = open(SqlAccounts.SCHEMA)) {
      SqlAgents agents = new SqlAgents(database);
      Agents.Agent ann =
          agents.signedIn("d1", Instant.EPOCH, Instant.EPOCH).orElseThrow().agent();
      assertThat(ann.identity()).isEqualTo(ANN);
      assertThat(ann.displayName()).isEqualTo("ann");
      assertThat(ann.role()).isEqualTo(Agents.Role.ADMIN);
      assertThat(agents.lastOpen(account, Sid.Address.random(random), NOW))
          .as("the inbox may be open")
          .contains(NOW);
      assertThat(agents.agentsOf(account, 9)).hasSize(2);
      assertThat(agents.signIn("d2", "ben", DIGEST, Optional.empty(), "Firefox", NOW))
          .isTrue();
      SqlCannedReplies replies = new SqlCannedReplies(database);
      assertThat(replies.put(account, new CannedReply("Hours", "9 to 5"), 9)).isTrue();
      assertThat(replies.find(account, "h", 9)).hasSize(1);
    }
  }

  private static Schema upTo(Schema schema, String last) {
    List<String> all = schema.migrations();
    return new Schema(schema.role(), all.subList(0, all.indexOf(last) + 1));
  }

  private Database open(Schema schema) {
    return switch (kind) {
      case SQLITE -> Sqlite.open(folder.resolve(schema.role() + ".db"), schema);
      case POSTGRES -> {
        server = server.or(() -> Optional.of(Postgres.fresh()));
        yield Postgres.open(server.orElseThrow(), schema);
      }
    };
  }

  /**
   * A conversation as the version before stored it.
   *
   * @param authors of its messages, one each second, each with a kind behind a space
   */
  private void insert(
      Database database, Sid.Conversation conversation, String state, String... authors) {
    database.write(sql -> {
      sql.update(
          """
          INSERT INTO conversation (sid, account_sid, address_sid, state, pre_engagement_data,
            created_at, updated_at, last_activity_at, state_at, next_index)
          VALUES (?, ?, ?, ?, '{}', ?, ?, ?, ?, ?)
          """,
          conversation.text(),
          account.text(),
          Sid.Address.random(random).text(),
          state,
          NOW,
          NOW,
          NOW,
          NOW,
          (long) authors.length);
      for (int i = 0; i < authors.length; i++) {
        String[] author = authors[i].split(" ", 2);
        sql.update(
            """
            INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,
              author_name, body, attributes, created_at, updated_at, added_revision, revision, removed)
            VALUES (?, ?, ?, ?, ?, 'name', 'text', '{}', ?, ?, 1, 1, ?)
            """,
            Sid.Message.next(Instant.EPOCH, random).text(),
            conversation.text(),
            (long) i,
            author[0],
            author[1],
            NOW.plusSeconds(i),
            NOW.plusSeconds(i),
            false);
      }
      return true;
    });
  }

  private Optional<Instant> waitsSince(SqlConversationStore store, Sid.Conversation conversation) {
    return store.overview(account, conversation).orElseThrow().teamwork().waitingSince();
  }

  private List<Sid.Conversation> sids(SqlConversationStore store, InboxList list) {
    return store.inbox(account, Sight.ALL, list, Optional.empty(), 9).items().stream()
        .map(one -> one.conversation().sid())
        .toList();
  }
}
