package parlour.conversations;

import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;

/** The internal calls of {@link Conversations} about participants, reading and typing. */
final class ParticipantCalls {
  static final InternalCalls<Conversations> CALLS = new InternalCalls<>(ConversationsHttp.ROOT);

  private ParticipantCalls() {}

  record FindParticipants(Sid.Account account, Sid.Conversation conversation) {}

  static final InternalCalls<Conversations>.Call<FindParticipants, Optional<List<Participant>>>
      PARTICIPANTS = CALLS.declare(
          "/participants",
          FindParticipants.class,
          "participants",
          new JsonType<>() {},
          (service, call) -> service.participants(call.account(), call.conversation()));

  record Join(
      Sid.Account account,
      Sid.Conversation conversation,
      Conversations.NewParticipant participant) {}

  static final InternalCalls<Conversations>.Call<Join, JoinOutcome> JOIN = CALLS.declare(
      "/join",
      Join.class,
      "outcome",
      JoinOutcome.class,
      (service, call) -> service.join(call.account(), call.conversation(), call.participant()));

  record Leave(Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {}

  static final InternalCalls<Conversations>.Call<Leave, Boolean> LEAVE = CALLS.declare(
      "/leave",
      Leave.class,
      "done",
      Boolean.class,
      (service, call) -> service.leave(call.account(), call.conversation(), call.participant()));

  record UpdateParticipant(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update) {}

  static final InternalCalls<Conversations>.Call<UpdateParticipant, Optional<Participant>>
      UPDATE_PARTICIPANT = CALLS.declare(
          "/update-participant",
          UpdateParticipant.class,
          "participant",
          new JsonType<>() {},
          (service, call) -> service.updateParticipant(
              call.account(), call.conversation(), call.identity(), call.update()));

  record Read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {}

  static final InternalCalls<Conversations>.Call<Read, Boolean> READ = CALLS.declare(
      "/read",
      Read.class,
      "done",
      Boolean.class,
      (service, call) ->
          service.read(call.account(), call.conversation(), call.identity(), call.index()));

  record Type(Sid.Account account, Sid.Conversation conversation, Identity identity) {}

  static final InternalCalls<Conversations>.Call<Type, Boolean> TYPING = CALLS.declare(
      "/typing",
      Type.class,
      "done",
      Boolean.class,
      (service, call) -> service.typing(call.account(), call.conversation(), call.identity()));
}
