package parlour.inbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Reopening;
import parlour.api.MessageAnswers;
import parlour.api.MessageFields;
import parlour.api.StateChanges;
import parlour.conversations.Changes;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.Revision;
import parlour.conversations.UpdateOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonText;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.trace.SecurityLog.Event;

/** The endpoints for the conversations of the agent's account. */
final class ConversationEndpoints {
  private final AgentAuthenticator signIn;
  private final Conversations conversations;
  private final Inbox inbox;
  private final Reopening reopening;

  ConversationEndpoints(
      AgentAuthenticator signIn, Conversations conversations, Inbox inbox, Reopening reopening) {
    this.signIn = signIn;
    this.conversations = conversations;
    this.inbox = inbox;
    this.reopening = reopening;
  }

  /**
   * @param next where the next page begins; null if this is the last
   */
  record ListAnswer(
      List<Inbox.Summary> conversations, @Nullable String next) {}

  ApiResponse list(Agents.Agent agent, ApiRequest call) {
    RequestFields query = call.query();
    Inbox.Listed page = inbox.list(agent, ListFields.list(query, agent), ListFields.after(query));
    return ApiResponse.json(
        200, new ListAnswer(page.summaries(), page.next().map(ListFields::next).orElse(null)));
  }

  ApiResponse counts(Agents.Agent agent, ApiRequest call) {
    return ApiResponse.json(200, inbox.counts(agent));
  }

  ApiResponse open(Agents.Agent agent, ApiRequest call) {
    return ApiResponse.json(
        200, inbox.open(agent, conversation(call)).orElseThrow(ConversationEndpoints::unknown));
  }

  record MessagesAnswer(List<MessageForm> messages, boolean hasMore) {}

  ApiResponse messages(Agents.Agent agent, ApiRequest call) {
    PageOfMessages page = MessageFields.page(call.query());
    Page<Message> found = conversations
        .messages(agent.account(), conversation(call), page)
        .orElseThrow(ConversationEndpoints::unknown);
    return ApiResponse.json(200, new MessagesAnswer(MessageForm.of(found.items()), found.more()));
  }

  record ChangesAnswer(
      Revision revision,
      List<MessageForm> messages,
      List<ParticipantForm> participants,
      boolean more) {}

  ApiResponse changes(Agents.Agent agent, ApiRequest call) {
    Revision after = call.query()
        .number("after")
        .map(Revision::orNone)
        .orElseThrow(() -> new Problem(
            ErrorCode.MALFORMED,
            "The field \"after\" is missing; send the revision that you know."));
    Changes changes = conversations
        .changes(agent.account(), conversation(call), after, Limits.FOLLOW_BATCH)
        .orElseThrow(ConversationEndpoints::unknown);
    List<Message> messages = new ArrayList<>();
    List<Participant> participants = new ArrayList<>();
    for (Changes.Change change : changes.changes()) {
      switch (change) {
        case Changes.Change.OfMessage(Message message) -> messages.add(message);
        case Changes.Change.OfParticipant(Participant one) -> participants.add(one);
        case Changes.Change.OfState state -> {} // the summary has it
        case Changes.Change.OfConversation details -> {} // the page shows none of them
      }
    }
    return ApiResponse.json(
        200,
        new ChangesAnswer(
            changes.upTo(),
            MessageForm.of(messages),
            ParticipantForm.of(participants),
            changes.more()));
  }

  ApiResponse send(Agents.Agent agent, ApiRequest call) {
    RequestFields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    List<Sid.Media> files = MessageFields.files(fields, "media_sids");
    String body = MessageFields.body(fields, files);
    String clientId = MessageFields.clientId(fields.required("clientId"));
    MessageAnswers.reserveAnswer(call, body, JsonText.EMPTY);
    return MessageAnswers.sentByAgent(inbox.send(agent, conversation(call), body, files, clientId));
  }

  ApiResponse typing(Agents.Agent agent, ApiRequest call) {
    if (!inbox.typing(agent, conversation(call))) {
      throw unknown();
    }
    return ApiResponse.empty(204);
  }

  ApiResponse read(Agents.Agent agent, ApiRequest call) {
    MessageIndex index = MessageFields.index(call.fields(Limits.SMALL_BODY));
    if (!conversations.read(agent.account(), conversation(call), agent.identity(), index)) {
      throw unknown();
    }
    return ApiResponse.empty(204);
  }

  ApiResponse close(Agents.Agent agent, ApiRequest call) {
    return changeState(
        agent, call, Conversations.Update.CLOSE, StateChanges.event(Conversation.State.CLOSED));
  }

  ApiResponse reopen(Agents.Agent agent, ApiRequest call) {
    Conversation found = conversations
        .find(agent.account(), conversation(call))
        .orElseThrow(ConversationEndpoints::unknown);
    return changeState(
        agent,
        call,
        Conversations.Update.reopening(reopening.within(found)),
        StateChanges.event(Conversation.State.ACTIVE));
  }

  private ApiResponse changeState(
      Agents.Agent agent, ApiRequest call, Conversations.Update update, Event event) {
    return switch (conversations.update(
        agent.account(), conversation(call), update.by(agent.identity()))) {
      case UpdateOutcome.Updated done -> {
        signIn.logAction(event, agent, conversation(call));
        yield ApiResponse.empty(204);
      }
      case UpdateOutcome.NotReopened(UpdateOutcome.Obstacle obstacle) ->
        throw StateChanges.notReopened(obstacle);
      case UpdateOutcome.NotFound() -> throw unknown();
    };
  }

  static Sid.Conversation conversation(ApiRequest call) {
    return sid(call.parameter("ConversationSid")).orElseThrow(ConversationEndpoints::unknown);
  }

  private static Optional<Sid.Conversation> sid(@Nullable String text) {
    try {
      return Optional.of(new Sid.Conversation(text == null ? "" : text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static Problem unknown() {
    return new Problem(ErrorCode.NOT_FOUND, "There is no such conversation.");
  }
}
