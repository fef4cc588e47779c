package parlour.push;

import java.time.Instant;
import java.util.List;
import parlour.Sid;

/**
 * Reads what is stored about the push subscriptions of guests, for a guest who asks for their data.
 */
public interface PushRecords {

  /**
   * A subscription without its secret, with which others could show notifications in the guest's
   * browser.
   *
   * @param endpoint the address at the push service
   * @param browserKey the browser's public key, in base64url
   * @param title of each notification
   * @param text of each notification
   * @param created when the session first had a subscription
   */
  record PushRecord(
      Sid.Session session,
      String endpoint,
      String browserKey,
      String title,
      String text,
      Instant created) {
    /** Omits all values. */
    @Override
    public String toString() {
      return "PushRecord[…]";
    }
  }

  /**
   * The subscriptions of a conversation's sessions, of which {@link
   * parlour.Limits#SESSIONS_OF_A_CONVERSATION} can be live; none if it is not one of the account
   * ({@code POST /v1/PushRecords/of-conversation}).
   */
  List<PushRecord> ofConversation(Sid.Account account, Sid.Conversation conversation);
}
