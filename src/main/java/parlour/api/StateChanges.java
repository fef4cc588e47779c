package parlour.api;

import parlour.conversations.Conversation;
import parlour.conversations.UpdateOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.trace.SecurityLog.Event;

/** Shared by the APIs that close and reopen conversations. */
public final class StateChanges {
  private StateChanges() {}

  /** The security event of a change to this state. */
  public static Event event(Conversation.State state) {
    return switch (state) {
      case ACTIVE -> Event.CONVERSATION_REOPENED;
      case CLOSED -> Event.CONVERSATION_CLOSED;
    };
  }

  /** The refusal of {@link UpdateOutcome.NotReopened}, for agents and servers alike. */
  public static Problem notReopened(UpdateOutcome.Obstacle obstacle) {
    return new Problem(
        ErrorCode.CONVERSATION_CLOSED,
        switch (obstacle) {
          case TOO_LATE ->
            "The deployment of this conversation does not allow reopening it now: its guest can only"
                + " start a new one. An operator sets the time for that with deployments update"
                + " --reopen.";
          case SESSION_OVER ->
            "The guest's session is over, so this conversation cannot be reopened: they can only start"
                + " a new one.";
          case REMOVED -> ErrorCode.CONVERSATION_CLOSED.message();
        });
  }
}
