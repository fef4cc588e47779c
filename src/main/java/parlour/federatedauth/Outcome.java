package parlour.federatedauth;

import java.util.List;
import parlour.Identity;
import parlour.Sid;
import parlour.scopedauth.IssuedToken;

/** The result of a call for a token. An outage is an exception instead. */
public sealed interface Outcome {

  /**
   * @param roles the roles of the guest, in the words of the public API
   * @param conversation the guest's conversation, known from the session
   */
  record Issued(
      IssuedToken token, Identity identity, List<String> roles, Sid.Conversation conversation)
      implements Outcome {}

  record Refused(Refusal refusal) implements Outcome {}
}
