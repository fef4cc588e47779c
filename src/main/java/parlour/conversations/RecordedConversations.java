package parlour.conversations;

import parlour.trace.Participant;
import parlour.trace.Trace;

/** Stands in front of {@link Conversations}, near or far, and records what goes through. */
public final class RecordedConversations implements Conversations {
  private final Conversations door;

  public RecordedConversations(Conversations door) {
    this.door = door;
  }

  @Override
  public void create(NewConversation conversation) {
    Trace.current()
        .asks(
            Participant.FWO,
            Participant.CNV,
            "POST /v1/Accounts/{AccountSid}/Conversations"
                + " {conversation_sid, address_sid, identity}",
            () -> {
              door.create(conversation);
              return conversation;
            },
            created -> "201 {conversation_sid}");
  }
}
