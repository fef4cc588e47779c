package parlour.conversations;

import java.security.SecureRandom;
import java.time.InstantSource;
import parlour.Sid;
import parlour.trace.Participant;
import parlour.trace.Trace;

/** Conversations over a store. */
public final class ConversationsService implements Conversations {
  private final ConversationStore store;
  private final InstantSource clock;
  private final SecureRandom random;

  public ConversationsService(ConversationStore store, InstantSource clock, SecureRandom random) {
    this.store = store;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public void create(NewConversation conversation) {
    boolean created = store.create(conversation, Sid.Participant.random(random), clock.instant());
    Trace.current()
        .deed(
            Participant.CNV,
            "creates the conversation, with the guest in it",
            created ? "" : "it was there already");
  }
}
