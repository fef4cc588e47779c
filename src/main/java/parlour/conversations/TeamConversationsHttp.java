package parlour.conversations;

import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.Routes;

/** TeamConversations over HTTP: the endpoints of the internal listener, and their client. */
public final class TeamConversationsHttp implements TeamConversations {
  private static final InternalCalls<TeamConversations> CALLS =
      new InternalCalls<>("/v1/Accounts/{account}/TeamConversations");

  record Assign(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity by,
      Optional<Identity> from,
      Optional<Identity> to) {}

  private static final InternalCalls<TeamConversations>.Call<Assign, AssignOutcome> ASSIGN =
      CALLS.declare(
          "/assign",
          Assign.class,
          "outcome",
          AssignOutcome.class,
          (service, call) -> service.assign(
              call.account(), call.conversation(), call.by(), call.from(), call.to()));

  record Label(Sid.Account account, Sid.Conversation conversation, Identity by, String label) {}

  private static final InternalCalls<TeamConversations>.Call<Label, LabelOutcome> LABEL =
      CALLS.declare(
          "/label",
          Label.class,
          "outcome",
          LabelOutcome.class,
          (service, call) ->
              service.label(call.account(), call.conversation(), call.by(), call.label()));

  private static final InternalCalls<TeamConversations>.Call<Label, LabelOutcome> UNLABEL =
      CALLS.declare(
          "/unlabel",
          Label.class,
          "outcome",
          LabelOutcome.class,
          (service, call) ->
              service.unlabel(call.account(), call.conversation(), call.by(), call.label()));

  record AddNote(
      Sid.Account account, Sid.Conversation conversation, TeamConversations.NewNote note) {}

  private static final InternalCalls<TeamConversations>.Call<AddNote, NoteOutcome> ADD_NOTE =
      CALLS.declare(
          "/add-note",
          AddNote.class,
          "outcome",
          NoteOutcome.class,
          (service, call) -> service.addNote(call.account(), call.conversation(), call.note()));

  record RemoveNote(
      Sid.Account account, Sid.Conversation conversation, Revision added, Identity author) {}

  private static final InternalCalls<TeamConversations>.Call<RemoveNote, Boolean> REMOVE_NOTE =
      CALLS.declare(
          "/remove-note",
          RemoveNote.class,
          "removed",
          Boolean.class,
          (service, call) ->
              service.removeNote(call.account(), call.conversation(), call.added(), call.author()));

  record Notes(Sid.Account account, Sid.Conversation conversation, Revision after) {}

  private static final InternalCalls<TeamConversations>.Call<Notes, Page<Note>> NOTES =
      CALLS.declare(
          "/notes",
          Notes.class,
          "page",
          new JsonType<>() {},
          (service, call) -> service.notes(call.account(), call.conversation(), call.after()));

  private static final InternalCalls<TeamConversations>.Call<Notes, Page<TeamEvent>> HISTORY =
      CALLS.declare(
          "/history",
          Notes.class,
          "page",
          new JsonType<>() {},
          (service, call) -> service.history(call.account(), call.conversation(), call.after()));

  record LeaveAll(Sid.Account account, Identity agent) {}

  private static final InternalCalls<TeamConversations>.Call<LeaveAll, Integer> LEAVE_ALL =
      CALLS.declare(
          "/leave-all",
          LeaveAll.class,
          "left",
          Integer.class,
          (service, call) -> service.leaveAll(call.account(), call.agent()));

  record Labels(Sid.Account account) {}

  private static final InternalCalls<TeamConversations>.Call<Labels, List<String>> LABELS =
      CALLS.declare(
          "/labels",
          Labels.class,
          "labels",
          new JsonType<>() {},
          (service, call) -> service.labels(call.account()));

  record Search(Sid.Account account, Sight sight, String words, Optional<Long> after) {
    Search {
      if (words.length() > Limits.SEARCH_CHARACTERS) {
        throw new IllegalArgumentException("a search that is too long");
      }
    }
  }

  private static final InternalCalls<TeamConversations>.Call<Search, SearchPage> SEARCH =
      CALLS.declare(
          "/search",
          Search.class,
          "page",
          SearchPage.class,
          (service, call) ->
              service.search(call.account(), call.sight(), call.words(), call.after()));

  private final InternalClient conversations;

  /** The client of another process. */
  public TeamConversationsHttp(InternalClient conversations) {
    this.conversations = conversations;
  }

  /** The endpoints for the service of this process. */
  public static void serve(TeamConversations service, Routes routes) {
    CALLS.serve(service, routes);
  }

  @Override
  public AssignOutcome assign(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity by,
      Optional<Identity> from,
      Optional<Identity> to) {
    return ASSIGN.ask(conversations, new Assign(account, conversation, by, from, to));
  }

  @Override
  public LabelOutcome label(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label) {
    return LABEL.ask(conversations, new Label(account, conversation, by, label));
  }

  @Override
  public LabelOutcome unlabel(
      Sid.Account account, Sid.Conversation conversation, Identity by, String label) {
    return UNLABEL.ask(conversations, new Label(account, conversation, by, label));
  }

  @Override
  public NoteOutcome addNote(Sid.Account account, Sid.Conversation conversation, NewNote note) {
    return ADD_NOTE.ask(conversations, new AddNote(account, conversation, note));
  }

  @Override
  public boolean removeNote(
      Sid.Account account, Sid.Conversation conversation, Revision added, Identity author) {
    return REMOVE_NOTE.ask(conversations, new RemoveNote(account, conversation, added, author));
  }

  @Override
  public Page<Note> notes(Sid.Account account, Sid.Conversation conversation, Revision after) {
    return NOTES.ask(conversations, new Notes(account, conversation, after));
  }

  @Override
  public Page<TeamEvent> history(
      Sid.Account account, Sid.Conversation conversation, Revision after) {
    return HISTORY.ask(conversations, new Notes(account, conversation, after));
  }

  @Override
  public int leaveAll(Sid.Account account, Identity agent) {
    return LEAVE_ALL.ask(conversations, new LeaveAll(account, agent));
  }

  @Override
  public List<String> labels(Sid.Account account) {
    return LABELS.ask(conversations, new Labels(account));
  }

  @Override
  public SearchPage search(Sid.Account account, Sight sight, String words, Optional<Long> after) {
    return SEARCH.ask(conversations, new Search(account, sight, words, after));
  }
}
