package parlour.federatedauth;

import java.util.List;
import parlour.Identity;
import parlour.Sid;

/** Whether a token speaks for a guest, now and from this browser. */
public sealed interface Validity {

  record Valid(Identity identity, List<String> roles, Sid.Conversation conversation)
      implements Validity {}

  record Refused(Refusal refusal) implements Validity {}
}
