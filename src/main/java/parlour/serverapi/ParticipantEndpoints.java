package parlour.serverapi;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.api.ParticipantFields;
import parlour.conversations.Conversations;
import parlour.conversations.JoinOutcome;
import parlour.conversations.MessageIndex;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.ParticipantUpdate;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.json.JsonText;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.serverapi.ServerForms.ParticipantPage;
import parlour.serverapi.ServerForms.ParticipantResource;

/** {@code …/Participants}: lists, adds, reads, updates and removes participants. */
final class ParticipantEndpoints {
  private final Conversations conversations;

  ParticipantEndpoints(Conversations conversations) {
    this.conversations = conversations;
  }

  ApiResponse participants(ServerCall call) {
    RequestFields query = call.request().query();
    List<ParticipantResource> all = joined(call).stream()
        .map(one -> ParticipantResource.of(one, call.account(), call.base()))
        .toList();
    return ApiResponse.json(
        200,
        new ParticipantPage(
            Paging.meta(
                call.base() + "/" + call.conversation().text() + "/Participants",
                "participants",
                query,
                Math.max(all.size(), Paging.size(query)),
                null),
            all));
  }

  ApiResponse join(ServerCall call) {
    RequestFields fields = call.fields();
    Optional<JsonText> attributes =
        fields.optional("attributes").map(ParticipantFields::attributes);
    JoinOutcome outcome = conversations.join(
        call.account(),
        call.conversation(),
        new Conversations.NewParticipant(
            new Identity(ParticipantFields.name(fields.required("identity"))),
            ParticipantKind.AGENT,
            fields.optional("friendlyName").map(ParticipantFields::name),
            attributes));
    return switch (outcome) {
      case JoinOutcome.Joined(Participant one) ->
        call.changed(201, ParticipantResource.of(one, call.account(), call.base()));
      case JoinOutcome.AlreadyThere() -> throw new Problem(ErrorCode.PARTICIPANT_EXISTS);
      case JoinOutcome.Full() ->
        throw new Problem(
            ErrorCode.CONVERSATION_FULL,
            "The field \"identity\" names one participant too many: a conversation has at most "
                + Limits.CONVERSATION_PARTICIPANTS
                + ", including those who left. Add one of them again, or send messages without adding"
                + " their author.");
      case JoinOutcome.NotFound() -> throw ServerCall.unknown();
    };
  }

  ApiResponse participant(ServerCall call) {
    return ApiResponse.json(
        200, ParticipantResource.of(addressed(call), call.account(), call.base()));
  }

  ApiResponse update(ServerCall call) {
    RequestFields fields = call.fields();
    Participant updated = update(
        call,
        addressed(call),
        new ParticipantUpdate(
            fields.optional("friendlyName").map(ParticipantFields::name),
            fields.optional("attributes").map(ParticipantFields::attributes),
            fields.number("lastReadMessageIndex").map(MessageIndex::orNone)));
    return call.changed(200, ParticipantResource.of(updated, call.account(), call.base()));
  }

  private Participant update(ServerCall call, Participant participant, ParticipantUpdate update) {
    return conversations
        .updateParticipant(call.account(), call.conversation(), participant.identity(), update)
        .filter(Participant::joined)
        .orElseThrow(ServerCall::unknown);
  }

  ApiResponse leave(ServerCall call) {
    if (!conversations.leave(
        call.account(), call.conversation(), addressed(call).sid())) {
      throw ServerCall.unknown();
    }
    return ApiResponse.empty(204);
  }

  /** The participant of the path, which may be a sid or an identity, as in the public API. */
  private Participant addressed(ServerCall call) {
    String asked = decoded(call.request().parameter("ParticipantSid"));
    return joined(call).stream()
        .filter(one -> one.sid().text().equals(asked) || one.identity().text().equals(asked))
        .findFirst()
        .orElseThrow(ServerCall::unknown);
  }

  /**
   * Decodes an identity in a path, which is percent-encoded (RFC 3986 §2.1). An identity that
   * contains / or % can only be addressed by its sid.
   */
  private static String decoded(String segment) {
    return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private List<Participant> joined(ServerCall call) {
    return conversations
        .participants(call.account(), call.conversation())
        .orElseThrow(ServerCall::unknown)
        .stream()
        .filter(Participant::joined)
        .toList();
  }
}
