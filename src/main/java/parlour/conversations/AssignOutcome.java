package parlour.conversations;

import java.util.Optional;
import parlour.Identity;

/** The outcome of a request to change which agent works on a conversation. */
public sealed interface AssignOutcome {

  /** The agent works on it now, or did before. */
  record Assigned() implements AssignOutcome {}

  /** Somebody else has changed the assignee meanwhile; nothing was changed. */
  record Taken(Optional<Identity> assignee) implements AssignOutcome {}

  /** There is no such conversation. */
  record NotFound() implements AssignOutcome {}
}
