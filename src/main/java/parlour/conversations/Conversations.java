package parlour.conversations;

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

  /** Creates the conversation with the guest in it, or finds it there already ({@code POST
   * /v1/Accounts/{AccountSid}/Conversations}). */
  void create(NewConversation conversation);
}
