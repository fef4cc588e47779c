package parlour.inbox;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.api.MessageFields;
import parlour.conversations.AssignOutcome;
import parlour.conversations.LabelOutcome;
import parlour.conversations.Note;
import parlour.conversations.NoteOutcome;
import parlour.conversations.Page;
import parlour.conversations.Revision;
import parlour.conversations.Sight;
import parlour.conversations.TeamConversations;
import parlour.conversations.TeamEvent;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;

/** The endpoints for what the agents of an account do among themselves. */
final class TeamEndpoints {
  private final Agents agents;
  private final Desks desks;
  private final TeamConversations team;

  TeamEndpoints(Agents agents, Desks desks, TeamConversations team) {
    this.agents = agents;
    this.desks = desks;
    this.team = team;
  }

  record AgentForm(Identity identity, String name, String displayName, String role) {
    static AgentForm of(Agents.Agent agent) {
      return new AgentForm(
          agent.identity(), agent.name(), agent.displayName(), agent.role().word());
    }
  }

  record AgentsAnswer(List<AgentForm> agents) {}

  ApiResponse agents(Agents.Agent agent, ApiRequest call) {
    return ApiResponse.json(
        200,
        new AgentsAnswer(agents.agentsOf(agent.account(), Limits.AGENTS_LISTED).stream()
            .map(AgentForm::of)
            .toList()));
  }

  ApiResponse assign(Agents.Agent agent, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    Optional<Identity> from = fields.optional("from").map(TeamEndpoints::identity);
    Optional<Identity> to = fields.optional("assignee").map(TeamEndpoints::identity);
    Sid.Conversation conversation = ConversationEndpoints.conversation(call);
    to.ifPresent(identity -> checkCanAnswer(agent, identity, conversation));
    return switch (team.assign(agent.account(), conversation, agent.identity(), from, to)) {
      case AssignOutcome.Assigned() -> ApiResponse.empty(204);
      case AssignOutcome.Taken(Optional<Identity> assignee) -> {
        Problem taken = new Problem(ErrorCode.ASSIGNEE_CHANGED);
        throw assignee.map(Identity::text).map(taken::withAssignee).orElse(taken);
      }
      case AssignOutcome.NotFound() -> throw ConversationEndpoints.unknown();
    };
  }

  record DesksAnswer(List<DeskMembers.Desk> desks) {}

  /** The desks that the agent sees, for the filter. */
  ApiResponse desks(Agents.Agent agent, ApiRequest call) {
    return ApiResponse.json(200, new DesksAnswer(desks.seenBy(agent)));
  }

  record LabelsAnswer(List<String> labels) {}

  ApiResponse labels(Agents.Agent agent, ApiRequest call) {
    return ApiResponse.json(200, new LabelsAnswer(team.labels(agent.account())));
  }

  ApiResponse label(Agents.Agent agent, ApiRequest call) {
    String label = labelOf(call);
    return answer(team.label(
        agent.account(), ConversationEndpoints.conversation(call), agent.identity(), label));
  }

  ApiResponse unlabel(Agents.Agent agent, ApiRequest call) {
    String label = labelOf(call);
    return answer(team.unlabel(
        agent.account(), ConversationEndpoints.conversation(call), agent.identity(), label));
  }

  private static ApiResponse answer(LabelOutcome outcome) {
    return switch (outcome) {
      case LabelOutcome.Done() -> ApiResponse.empty(204);
      case LabelOutcome.Full() ->
        throw new Problem(
            ErrorCode.MALFORMED,
            "A conversation can have %d labels; remove one first."
                .formatted(Limits.LABELS_OF_A_CONVERSATION));
      case LabelOutcome.NotFound() -> throw ConversationEndpoints.unknown();
    };
  }

  record NoteForm(
      Revision addedRevision,
      Revision revision,
      Identity author,
      String authorName,
      String body,
      String dateCreated,
      boolean removed) {
    static NoteForm of(Note note) {
      return new NoteForm(
          note.addedRevision(),
          note.revision(),
          note.author(),
          note.authorName(),
          note.body(),
          note.created().toString(),
          note.removed());
    }
  }

  record NotesAnswer(List<NoteForm> notes, boolean more) {}

  /** The notes that were added or changed after a revision; without it, the first of all. */
  ApiResponse notes(Agents.Agent agent, ApiRequest call) {
    Revision after = call.query().number("after").map(Revision::orNone).orElse(Revision.NONE);
    Page<Note> page = team.notes(agent.account(), ConversationEndpoints.conversation(call), after);
    return ApiResponse.json(
        200, new NotesAnswer(page.items().stream().map(NoteForm::of).toList(), page.more()));
  }

  record EventForm(
      Revision revision,
      String kind,
      @Nullable Identity by,
      @Nullable Identity about,
      @Nullable String label,
      String dateCreated) {
    static EventForm of(TeamEvent event) {
      return new EventForm(
          event.revision(),
          event.kind().word(),
          event.by().orElse(null),
          event.about().orElse(null),
          event.label().orElse(null),
          event.at().toString());
    }
  }

  record HistoryAnswer(List<EventForm> events, boolean more) {}

  /** The history of a conversation after a revision; without it, from its beginning. */
  ApiResponse history(Agents.Agent agent, ApiRequest call) {
    Revision after = call.query().number("after").map(Revision::orNone).orElse(Revision.NONE);
    Page<TeamEvent> page =
        team.history(agent.account(), ConversationEndpoints.conversation(call), after);
    return ApiResponse.json(
        200, new HistoryAnswer(page.items().stream().map(EventForm::of).toList(), page.more()));
  }

  ApiResponse addNote(Agents.Agent agent, ApiRequest call) {
    RequestFields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    String body = fields.required("body");
    if (body.length() > Limits.NOTE_CHARACTERS) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "A note has at most %d characters; write two.".formatted(Limits.NOTE_CHARACTERS));
    }
    String clientId = MessageFields.clientId(fields.required("clientId"));
    return switch (team.addNote(
        agent.account(),
        ConversationEndpoints.conversation(call),
        new TeamConversations.NewNote(agent.identity(), agent.displayName(), body, clientId))) {
      case NoteOutcome.Added(Note note) -> ApiResponse.json(201, NoteForm.of(note));
      case NoteOutcome.Full() ->
        throw new Problem(
            ErrorCode.MALFORMED,
            "A conversation can have %d notes, and has them."
                .formatted(Limits.NOTES_OF_A_CONVERSATION));
      case NoteOutcome.NotFound() -> throw ConversationEndpoints.unknown();
    };
  }

  /** Removes the agent's own note, if it is there. */
  ApiResponse removeNote(Agents.Agent agent, ApiRequest call) {
    Revision added = call.fields(Limits.SMALL_BODY)
        .number("addedRevision")
        .map(Revision::orNone)
        .orElseThrow(
            () -> new Problem(ErrorCode.MALFORMED, "The field \"added_revision\" is missing."));
    var _ = team.removeNote(
        agent.account(), ConversationEndpoints.conversation(call), added, agent.identity());
    return ApiResponse.empty(204);
  }

  private static String labelOf(ApiRequest call) {
    String label = call.fields(Limits.SMALL_BODY).required("label").strip();
    if (label.isEmpty() || label.length() > Limits.LABEL_CHARACTERS || label.contains("\n")) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "A label is one line of 1 to %d characters.".formatted(Limits.LABEL_CHARACTERS));
    }
    return label;
  }

  private void checkCanAnswer(
      Agents.Agent agent, Identity identity, Sid.Conversation conversation) {
    Agents.Agent assignee = agents
        .findByIdentity(agent.account(), identity)
        .orElseThrow(() ->
            new Problem(ErrorCode.MALFORMED, "There is no such agent: read the list of agents."));
    if (assignee.role() == Agents.Role.AUDITOR) {
      throw new Problem(
          ErrorCode.MALFORMED, "An auditor cannot answer guests: choose another agent.");
    }
    Sight sight = desks.sight(assignee);
    boolean isHidden = !sight.isWhole()
        && !sight.covers(desks
            .deskOf(agent.account(), conversation)
            .orElseThrow(ConversationEndpoints::unknown));
    if (isHidden) {
      throw new Problem(ErrorCode.NOT_A_MEMBER);
    }
  }

  static Identity identity(String text) {
    try {
      return new Identity(text);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "An identity needs visible characters.");
    }
  }
}
