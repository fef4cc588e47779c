package parlour.conversations;

import java.time.Instant;
import parlour.Sid;

/** The store of conversations. Every method throws {@link parlour.store.StoreUnavailable}. */
public interface ConversationStore {

  /**
   * Keeps a new conversation and its first participant, both or neither.
   *
   * @return false when the conversation was there already; nothing is changed then
   */
  boolean create(
      Conversations.NewConversation conversation, Sid.Participant participant, Instant now);
}
