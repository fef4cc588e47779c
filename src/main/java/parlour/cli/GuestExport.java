package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Note;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.conversations.TeamEvent;
import parlour.conversations.Version;
import parlour.http.json.Json;
import parlour.media.Attachment;
import parlour.process.RunningConversations;
import parlour.push.PushRecords.PushRecord;
import parlour.scopedauth.Session;

/**
 * Prints what is stored about a guest as one JSON document, in ASCII, because the terminal may be
 * unable to show other characters. It holds at most a page of messages in memory.
 */
final class GuestExport {
  private static final Set<String> CAUSES =
      Set.of("last_refused_why", "revoked_why", "last_observed_why");

  private final RunningConversations running;
  private final Sid.Account account;
  private final Optional<ExportedFiles> files;
  private final Terminal terminal;
  private final SessionsCommand sessions;
  private final Runnable begin;
  private boolean isEmpty = true;

  /**
   * @param begin runs before the first conversation is printed
   */
  GuestExport(
      RunningConversations running,
      Sid.Account account,
      Optional<ExportedFiles> files,
      Terminal terminal,
      Runnable begin) {
    this.running = running;
    this.account = account;
    this.files = files;
    this.terminal = terminal;
    this.sessions = new SessionsCommand(terminal);
    this.begin = begin;
  }

  boolean isEmpty() {
    return isEmpty;
  }

  /** Prints a conversation with all that belongs to it, unless it was erased meanwhile. */
  void add(Conversations.Overview overview) {
    Sid.Conversation sid = overview.conversation().sid();
    Optional<List<Participant>> participants = running.conversations().participants(account, sid);
    if (participants.isEmpty()) {
      return;
    }
    Optional<Version> removal = removal(overview, participants.get());
    Map<String, @Nullable Object> conversation = described(overview);
    conversation.put("guest_removed", removal.map(Version::at));
    conversation.put(
        "participants",
        participants.get().stream()
            .filter(one -> !isAfter(one.joinedRevision(), removal))
            .map(GuestExport::participant)
            .toList());
    conversation.put(
        "sessions",
        running.conversations().everySessionOf(account, sid).stream()
            .map(this::session)
            .toList());
    conversation.put(
        "push_subscriptions",
        running.pushes().ofConversation(account, sid).stream()
            .map(GuestExport::subscription)
            .toList());
    if (isEmpty) {
      begin.run();
    }
    print(isEmpty ? open(head(overview)) + ",\"conversations\":[\n" : ",\n");
    isEmpty = false;
    print(open(conversation) + ",\"notes\":[");
    printPages(
        after -> running.team().notes(account, sid, after), Note::revision, GuestExport::note);
    print("],\"history\":[");
    printPages(
        after -> running.team().history(account, sid, after),
        TeamEvent::revision,
        GuestExport::event);
    print("],\"messages\":[");
    printMessages(sid, removal);
    print("]}");
    if (terminal.out().checkError()) {
      throw incomplete();
    }
  }

  void finish() {
    print("]}\n");
    if (terminal.out().checkError()) {
      throw incomplete();
    }
  }

  private static UserError incomplete() {
    return new UserError(
        "the export could not be written: is the disk full, or was the pipe closed?");
  }

  /**
   * Prints all items of a conversation, with commas between them.
   *
   * @param pageAfter reads the items after a revision
   */
  private <T> void printPages(
      Function<Revision, Page<T>> pageAfter,
      Function<T, Revision> revision,
      Function<T, Map<String, @Nullable Object>> form) {
    Revision after = Revision.NONE;
    String separator = "";
    Page<T> page;
    do {
      page = pageAfter.apply(after);
      for (T item : page.items()) {
        print(separator + json(form.apply(item)));
        separator = ",";
        after = revision.apply(item);
      }
    } while (page.more());
  }

  /** When the guest was removed from the conversation; the export leaves out what came later. */
  private static Optional<Version> removal(
      Conversations.Overview overview, List<Participant> participants) {
    return participants.stream()
        .filter(one ->
            overview.guest().filter(guest -> guest.sid().equals(one.sid())).isPresent())
        .filter(guest -> !guest.joined())
        .map(Participant::changed)
        .findAny();
  }

  private static boolean isAfter(Revision revision, Optional<Version> removal) {
    return removal.filter(then -> revision.isAfter(then.revision())).isPresent();
  }

  private void printMessages(Sid.Conversation sid, Optional<Version> removal) {
    PageOfMessages wanted = new PageOfMessages.After(MessageIndex.NONE, Limits.MAX_PAGE);
    String separator = "\n";
    Optional<Page<Message>> page;
    do {
      page = running.conversations().messages(account, sid, wanted);
      Iterator<Message> messages =
          page.map(Page::items).orElse(List.<Message>of()).iterator();
      while (messages.hasNext()) {
        Message message = messages.next();
        if (!isAfter(message.addedRevision(), removal)) {
          print(separator + json(message(message, removal)));
          separator = ",\n";
        }
      }
      if (page.isPresent() && page.get().more()) {
        wanted = wanted.next(page.get().items());
      }
    } while (page.isPresent() && page.get().more());
  }

  private Map<String, @Nullable Object> head(Conversations.Overview overview) {
    Map<String, @Nullable Object> head = new LinkedHashMap<>();
    head.put("exported", terminal.now());
    head.put("account_sid", account);
    head.put("identity", overview.guest().map(Participant::identity).map(Identity::text));
    return head;
  }

  private static Map<String, @Nullable Object> described(Conversations.Overview overview) {
    Conversation conversation = overview.conversation();
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("sid", conversation.sid());
    object.put("address_sid", conversation.address());
    object.put("state", conversation.state().word());
    object.put("created", conversation.created());
    object.put("updated", conversation.updated());
    object.put("pre_engagement_data", conversation.preEngagementData());
    object.put("attributes", conversation.attributes());
    object.put("assignee", overview.teamwork().assignee().map(Identity::text));
    object.put("labels", overview.teamwork().labels());
    return object;
  }

  private static Map<String, @Nullable Object> participant(Participant participant) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("sid", participant.sid());
    object.put("identity", participant.identity().text());
    object.put("kind", participant.kind().word());
    object.put("name", participant.name());
    object.put("attributes", participant.attributes());
    object.put("created", participant.created());
    object.put("updated", participant.updated());
    object.put("joined", participant.joined());
    object.put("read_index", participant.readIndex().number());
    object.put("read_at", participant.read().at());
    return object;
  }

  /** Without the causes of refusals, which no answer to a guest has either. */
  private Map<String, Object> session(Session session) {
    Map<String, Object> object = new LinkedHashMap<>(sessions.json(session));
    object.keySet().removeAll(CAUSES);
    return object;
  }

  private static Map<String, @Nullable Object> subscription(PushRecord subscription) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("session_sid", subscription.session());
    object.put("endpoint", subscription.endpoint());
    object.put("p256dh", subscription.browserKey());
    object.put("title", subscription.title());
    object.put("text", subscription.text());
    object.put("created", subscription.created());
    return object;
  }

  private static Map<String, @Nullable Object> event(TeamEvent event) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("kind", event.kind().word());
    object.put("by", event.by().map(Identity::text));
    object.put("about", event.about().map(Identity::text));
    event.label().ifPresent(label -> object.put("label", label));
    object.put("at", event.at());
    return object;
  }

  private static Map<String, @Nullable Object> note(Note note) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("author", note.author().text());
    object.put("author_name", note.authorName());
    object.put("body", note.body());
    object.put("created", note.created());
    object.put("removed", note.removed());
    return object;
  }

  /** Of a message that was edited or removed after the guest's removal, only its place. */
  private Map<String, @Nullable Object> message(Message message, Optional<Version> removal) {
    boolean isChanged = isAfter(message.revision(), removal);
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("sid", message.sid());
    object.put("index", message.index().number());
    object.put("author", message.author().identity().text());
    object.put("author_kind", message.author().kind().word());
    object.put("author_name", message.author().name());
    object.put("created", message.created());
    if (isChanged) {
      object.put("changed_after_removal", true);
      return object;
    }
    object.put("body", message.body());
    object.put("attributes", message.attributes());
    object.put("updated", message.updated());
    object.put("removed", message.removed());
    object.put("files", message.files().stream().map(this::file).toList());
    return object;
  }

  private Map<String, @Nullable Object> file(Attachment file) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("sid", file.sid());
    object.put("filename", file.filename());
    object.put("content_type", file.contentType());
    object.put("size", file.size());
    files.ifPresent(folder -> object.put("saved_as", folder.save(account, file)));
    return object;
  }

  private void print(String text) {
    terminal.out().print(text);
  }

  /** The JSON of an object without its last brace, so that more members can follow. */
  private static String open(Map<String, @Nullable Object> object) {
    String json = json(object);
    return json.substring(0, json.length() - 1);
  }

  /** JSON has other characters only within strings, where an escape stands for each. */
  private static String json(Map<String, @Nullable Object> object) {
    String json = new String(Json.write(object), UTF_8);
    StringBuilder ascii = new StringBuilder(json.length());
    for (int i = 0; i < json.length(); i++) {
      char one = json.charAt(i);
      if (one < 0x7f) {
        ascii.append(one);
      } else {
        ascii.append("\\u").append(HexFormat.of().toHexDigits(one));
      }
    }
    return ascii.toString();
  }
}
