package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.ConversationStore.Transcript;
import parlour.http.json.JsonSize;

/**
 * The transcripts that were read last, one of each conversation: a guest who goes from page to page of
 * a site reads the same messages each time.
 *
 * <p>Each change of a conversation takes a new revision (docs/adr/0060), so a transcript is complete and
 * current as long as the last change of the conversation in the store is the same, whichever process
 * changes it.
 */
final class RecentTranscripts {
  private final Cache<Sid.Conversation, Read> recent = Caffeine.newBuilder()
      .maximumWeight(Limits.RECENT_TRANSCRIPTS_BYTES)
      .weigher(RecentTranscripts::bytes)
      .expireAfterAccess(Limits.RECENT_TRANSCRIPTS_TTL)
      .scheduler(Scheduler.systemScheduler()) // or erased words would stay until the next access
      .build();

  private record Read(PageOfMessages page, Transcript transcript) {}

  /** Finds the transcript, which is current if the conversation did not change since. */
  Optional<Transcript> find(Sid.Conversation conversation, PageOfMessages page) {
    @Nullable Read read = recent.getIfPresent(conversation);
    return read != null && read.page.equals(page) ? Optional.of(read.transcript) : Optional.empty();
  }

  /** Remembers a transcript that was just read; returns the remembered one. */
  Transcript remember(PageOfMessages page, Transcript read) {
    Page<Message> messages = read.messages();
    Transcript remembered = new Transcript(
        read.conversation(),
        read.participants(),
        new Page<>(new RememberedMessages(messages.items()), messages.more()));
    recent.put(read.conversation().sid(), new Read(page, remembered));
    return remembered;
  }

  void invalidate(Sid.Conversation conversation) {
    recent.invalidate(conversation);
  }

  private static int bytes(Sid.Conversation conversation, Read read) {
    Room room = new Room(Integer.MAX_VALUE, true);
    Conversation.Details details = read.transcript.conversation().details();
    boolean _ = room.takes(details);
    read.transcript.messages().items().forEach(room::takes);
    int participants = read.transcript.participants().stream()
        .mapToInt(
            one -> Limits.MESSAGE_ENVELOPE_BYTES + JsonSize.of(one.attributes().text()))
        .sum();
    return 2 * room.taken() // also the JSON that they may get
        + Limits.OVERVIEW_ENVELOPE_BYTES
        + JsonSize.of(details.preEngagementData().text())
        + participants;
  }
}
