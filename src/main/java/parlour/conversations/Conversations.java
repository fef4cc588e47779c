package parlour.conversations;

import java.util.Optional;
import parlour.Sid;

/**
 * The door of Conversations.
 *
 * <p>Every method throws {@link parlour.Unavailable} when it could not be decided.
 */
public interface Conversations {

  /**
   * A conversation that a guest starts.
   *
   * @param sid chosen by the caller, so that a repeated call creates nothing twice
   * @param address who answers it
   * @param identity the guest, who becomes its first participant
   * @param preEngagementData a JSON text that the page gave along; {@code {}} where there is none
   */
  record NewConversation(
      Sid.Conversation sid,
      Sid.Account account,
      Sid.Address address,
      String identity,
      String customerFriendlyName,
      String preEngagementData) {}

  /**
   * A message to be added.
   *
   * @param author the identity of a participant, or of whoever speaks for the account
   * @param clientId the sender's own id of it: sent again under the same, it is added once
   */
  record NewMessage(
      Sid.Conversation conversation,
      String author,
      Kind authorKind,
      String authorName,
      String body,
      String attributes,
      Optional<String> clientId) {}

  /** Creates the conversation with the guest in it, or finds it there already ({@code POST
   * /v1/Accounts/{AccountSid}/Conversations}). */
  void create(NewConversation conversation);
}
