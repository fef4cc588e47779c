package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.media.Attachment;
import parlour.media.Chunk;
import parlour.media.Media;
import parlour.media.MediaFile;
import parlour.media.MediaService;
import parlour.spec.AtOnce;
import parlour.store.Database;
import parlour.store.DiskSpace;

/** How a message takes the files that were uploaded for it. */
abstract class MessageFilesContract {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Identity GUEST = new Identity("guest_1");
  private static final SecureRandom random = new SecureRandom();

  @TempDir
  Path files;

  private final Sid.Account account = Sid.Account.random(random);
  private final Sid.Conversation conversation = Sid.Conversation.random(random);
  private Database database;
  private ConversationStore store;
  private Media media;

  protected abstract Database open();

  @BeforeEach
  void openStore() {
    database = open();
    store = new SqlConversationStore(database);
    media = MediaService.inFolder(files, database, DiskSpace.unknown(), () -> NOW);
    store.create(
        new Conversations.NewConversation(
            conversation,
            account,
            Sid.Address.random(random),
            Sid.Deployment.random(random),
            GUEST,
            "Ada",
            JsonText.EMPTY,
            Optional.empty(),
            Optional.empty()),
        Sid.Participant.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        Sid.Message.next(Instant.EPOCH, random),
        NOW);
  }

  @AfterEach
  void closeStore() {
    database.close();
  }

  @Test
  void a_message_shows_its_files_in_the_order_in_which_they_were_named() {
    MediaFile first = uploaded("first.txt", "1");
    MediaFile second = uploaded("second.txt", "22");
    Message sent = added(send("a", second, first));
    assertThat(sent.files())
        .containsExactly(
            new Attachment(second.sid(), "media", "second.txt", "text/plain", 2, false),
            new Attachment(first.sid(), "media", "first.txt", "text/plain", 1, false));
    assertThat(store.message(account, conversation, sent.sid())).contains(sent);
    assertThat(store
            .messages(account, conversation, PageOfMessages.newest(10))
            .orElseThrow()
            .items())
        .containsExactly(sent);
    assertThat(media.find(account, first.sid()).flatMap(MediaFile::message)).contains(sent.sid());
  }

  @Test
  void a_message_sent_again_under_its_id_is_the_one_with_the_files() {
    MediaFile file = uploaded("first.txt", "1");
    Message sent = added(send("a", file));
    assertThat(send("a", file)).isEqualTo(new Sent.Duplicate(sent));
  }

  /** Several times, because which of the statements waits for which is a matter of chance. */
  @RepeatedTest(10)
  void of_messages_at_once_with_the_same_id_one_takes_the_file() {
    MediaFile file = uploaded("first.txt", "1");
    List<Sent> sent = AtOnce.run(8, _ -> send("a", file));
    assertThat(sent).filteredOn(Sent.Added.class::isInstance).hasSize(1);
    assertThat(sent).filteredOn(Sent.Duplicate.class::isInstance).hasSize(7);
    assertThat(found().activity().messageCount()).isEqualTo(1);
  }

  @Test
  void of_messages_at_once_that_name_the_same_file_one_takes_it() {
    MediaFile file = uploaded("first.txt", "1");
    List<Sent> sent = AtOnce.run(8, i -> send("id-" + i, file));
    assertThat(sent).filteredOn(Sent.Added.class::isInstance).hasSize(1);
    assertThat(sent).filteredOn(Sent.NoSuchFile.class::isInstance).hasSize(7);
    assertThat(found().activity().messageCount()).isEqualTo(1);
    assertThat(found().nextIndex()).isEqualTo(new MessageIndex(1));
  }

  @Test
  void a_message_that_names_a_file_it_cannot_take_changes_nothing() {
    Conversation before = found();
    MediaFile mine = uploaded("mine.txt", "1");
    MediaFile theirs = uploaded("guest_2", "theirs.txt", "1");
    assertThat(send("a", mine, theirs)).isEqualTo(new Sent.NoSuchFile());
    assertThat(found().revision()).isEqualTo(before.revision());
    assertThat(found().activity()).isEqualTo(before.activity());
    assertThat(added(send("b", mine)).files()).hasSize(1);
  }

  @Test
  void a_removed_message_has_no_files_any_more() {
    MediaFile file = uploaded("first.txt", "1");
    Message sent = added(send("a", file));
    Message removed = store.remove(account, conversation, sent.sid(), NOW).orElseThrow();
    assertThat(removed.files()).isEmpty();
    assertThat(media.find(account, file.sid())).isEmpty();
  }

  @Test
  void an_edited_message_keeps_its_files() {
    Message sent = added(send("a", uploaded("first.txt", "1")));
    assertThat(store
            .edit(account, conversation, sent.sid(), Optional.of("new"), Optional.empty(), NOW)
            .orElseThrow()
            .files())
        .isEqualTo(sent.files());
  }

  @Test
  void an_erased_conversation_leaves_no_file() {
    MediaFile sent = uploaded("sent.txt", "1");
    send("a", sent);
    MediaFile unsent = uploaded("unsent.txt", "1");
    assertThat(store.erase(account, conversation, NOW)).isTrue();
    assertThat(media.find(account, sent.sid())).isEmpty();
    assertThat(media.find(account, unsent.sid())).isEmpty();
  }

  private Conversation found() {
    return store.find(account, conversation).orElseThrow();
  }

  private Sent send(String clientId, MediaFile... files) {
    return store.send(
        account,
        Sid.Message.next(Instant.EPOCH, random),
        new Conversations.NewMessage(
            conversation,
            new Message.Author(GUEST, ParticipantKind.GUEST, "Ada"),
            Message.Content.of("look"),
            new Conversations.Files(
                GUEST.text(), List.of(files).stream().map(MediaFile::sid).toList()),
            Optional.of(clientId)),
        NOW);
  }

  private static Message added(Sent sent) {
    return ((Sent.Added) sent).message();
  }

  private MediaFile uploaded(String name, String text) {
    return uploaded(GUEST.text(), name, text);
  }

  private MediaFile uploaded(String author, String name, String text) {
    Sid.Media sid = Sid.Media.random(random);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    media.begin(new Media.NewFile(
        sid,
        new MediaFile.Owner(account, Optional.of(conversation), author),
        Optional.empty(),
        "media",
        bytes.length));
    media.append(sid, 0, new Chunk(bytes));
    return ((Media.Finished.Stored) media.finish(sid, name, "")).file();
  }
}
