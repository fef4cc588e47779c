package parlour.serverapi;

import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.AccountAuthenticator;
import parlour.accounts.Directory;
import parlour.accounts.Reopening;
import parlour.api.MessageFields;
import parlour.api.ParticipantFields;
import parlour.api.StateChanges;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Page;
import parlour.conversations.UpdateOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonText;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.serverapi.ServerForms.ConversationPage;
import parlour.serverapi.ServerForms.ConversationResource;
import parlour.trace.SecurityLog.Event;

/** {@code /v1/Conversations}: lists, starts, reads, closes, reopens and erases conversations. */
final class ConversationEndpoints {
  private final AccountAuthenticator authenticator;
  private final Directory directory;
  private final Reopening reopening;
  private final Conversations conversations;
  private final SecureRandom random;

  ConversationEndpoints(
      AccountAuthenticator authenticator,
      Directory directory,
      Conversations conversations,
      SecureRandom random) {
    this.authenticator = authenticator;
    this.directory = directory;
    this.reopening = new Reopening(directory);
    this.conversations = conversations;
    this.random = random;
  }

  /** Starts a conversation with a guest at a deployment, which says who answers it. */
  ApiResponse create(ServerCall call) {
    RequestFields fields = call.fields();
    Sid.Deployment deployment = deployment(fields.required("deploymentKey"));
    Identity guest = new Identity(ParticipantFields.name(fields.required("identity")));
    Optional<JsonText> attributes = attributes(fields);
    Sid.Address address = directory
        .configurationOf(call.account(), deployment)
        .orElseThrow(() -> new Problem(ErrorCode.UNKNOWN_DEPLOYMENT_KEY))
        .address()
        .orElseThrow(() -> new Problem(ErrorCode.NO_ADDRESS));
    Sid.Conversation sid = Sid.Conversation.random(random);
    conversations.create(new Conversations.NewConversation(
        sid,
        call.account(),
        address,
        deployment,
        guest,
        fields.optional("friendlyName").map(ParticipantFields::name).orElse(guest.text()),
        JsonText.EMPTY,
        Optional.empty(),
        Optional.empty(),
        attributes.orElse(JsonText.EMPTY)));
    return call.changed(201, resource(call, sid));
  }

  private static Sid.Deployment deployment(String key) {
    try {
      return new Sid.Deployment(key);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.UNKNOWN_DEPLOYMENT_KEY);
    }
  }

  private static Optional<JsonText> attributes(RequestFields fields) {
    return fields
        .optional("attributes")
        .map(text -> MessageFields.attributes(text, Limits.CONVERSATION_ATTRIBUTES_BYTES));
  }

  ApiResponse list(ServerCall call) {
    RequestFields query = call.request().query();
    refuseDates(query);
    int size = Paging.size(query);
    Page<Conversations.Overview> page =
        conversations.list(call.account(), state(query), place(query), size);
    List<Conversations.Overview> shown = page.items();
    return ApiResponse.json(
        200,
        new ConversationPage(
            Paging.meta(
                call.base(),
                "conversations",
                query,
                size,
                page.more() ? token(shown.getLast().conversation()) : null),
            shown.stream().map(one -> ConversationResource.of(one, call.base())).toList()));
  }

  /** The position after which the next page begins, whatever changes meanwhile. */
  private static String token(Conversation last) {
    return last.created().toEpochMilli() + "-" + last.sid().text();
  }

  ApiResponse fetch(ServerCall call) {
    return ApiResponse.json(200, resource(call, call.conversation()));
  }

  private ConversationResource resource(ServerCall call, Sid.Conversation conversation) {
    return ConversationResource.of(
        conversations.overview(call.account(), conversation).orElseThrow(ServerCall::unknown),
        call.base());
  }

  ApiResponse update(ServerCall call) {
    RequestFields fields = call.fields();
    Optional<Conversation.State> wanted = state(fields);
    UpdateOutcome outcome = conversations.update(
        call.account(),
        call.conversation(),
        Conversations.Update.of(attributes(fields), wanted, within(call, wanted)));
    return switch (outcome) {
      case UpdateOutcome.Updated(Conversation updated) -> {
        wanted.ifPresent(state ->
            authenticator.did(StateChanges.event(state), call.caller(), call.conversation()));
        yield call.changed(
            200,
            ConversationResource.of(
                updated,
                conversations
                    .overview(call.account(), call.conversation())
                    .flatMap(Conversations.Overview::guest),
                call.base()));
      }
      case UpdateOutcome.NotReopened(UpdateOutcome.Obstacle obstacle) ->
        throw StateChanges.notReopened(obstacle);
      case UpdateOutcome.NotFound() -> throw ServerCall.unknown();
    };
  }

  private Duration within(ServerCall call, Optional<Conversation.State> wanted) {
    return wanted
        .filter(state -> state == Conversation.State.ACTIVE)
        .flatMap(_ -> conversations.find(call.account(), call.conversation()))
        .map(reopening::within)
        .orElse(Duration.ZERO);
  }

  ApiResponse erase(ServerCall call) {
    if (!conversations.erase(call.account(), call.conversation())) {
      throw ServerCall.unknown();
    }
    authenticator.did(Event.CONVERSATION_ERASED, call.caller(), call.conversation());
    return ApiResponse.empty(204);
  }

  /** Refuses filters that are not supported: their caller would take all for a part. */
  private static void refuseDates(RequestFields query) {
    for (String field : List.of("StartDate", "EndDate")) {
      if (query
          .optional(Character.toLowerCase(field.charAt(0)) + field.substring(1))
          .isPresent()) {
        throw new Problem(
            ErrorCode.MALFORMED,
            "%s is not supported: leave it out, and compare each date_created.".formatted(field));
      }
    }
  }

  private static Optional<Conversation.State> state(RequestFields fields) {
    try {
      return fields.optional("state").map(Conversation.State::of);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The State must be active or closed.");
    }
  }

  private static Optional<Conversations.Place> place(RequestFields query) {
    return query.optional("pageToken").map(token -> {
      try {
        int dash = token.indexOf('-');
        return new Conversations.Place(
            Instant.ofEpochMilli(Long.parseLong(token.substring(0, Math.max(dash, 0)))),
            new Sid.Conversation(token.substring(dash + 1)));
      } catch (IllegalArgumentException | DateTimeException e) {
        throw new Problem(
            ErrorCode.MALFORMED,
            "The PageToken is invalid; follow next_page_url from the first page.");
      }
    });
  }
}
