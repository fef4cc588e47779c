package parlour.http.client;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a call is sent again after an attempt that brought no answer (docs/adr/0022). The
 * values say whether a call can be repeated that a node may have executed.
 */
public enum RetryPolicy {
  /** Never: a browser's call that changes something. */
  NEVER_REPEAT,

  /** Once, to another node: a browser's call that only reads. */
  REPEAT_AT_OTHER_NODE,

  /**
   * Once, to another node or, if none is left, to the same one: a call between services. All of
   * these are safe to repeat, and often the node has only closed a pooled connection.
   */
  REPEAT_AT_ANY_NODE;

  enum Decision {
    GIVE_UP,
    /** No node has executed the call, so it goes to another one, whatever it does. */
    OTHER_NODE,
    /** Send the call, which a node may have executed, once more to another node. */
    ONCE_MORE_AT_OTHER_NODE,
    /** The same; the last node gets it if no other is left. */
    ONCE_MORE_AT_ANY_NODE
  }

  /**
   * An attempt to get an answer from one node.
   *
   * @param isSent whether the client began to send the call
   * @param isAnswered whether the node began to answer
   * @param isDraining whether the answer is that the node is stopping and did nothing
   * @param hadLessTime whether the node had less time than the call, because another one is left
   * @param failure why there is no answer to pass on; null if the node is draining
   */
  public record Attempt(
      boolean isSent,
      boolean isAnswered,
      boolean isDraining,
      boolean hadLessTime,
      @Nullable Throwable failure) {

    /** A node answered that it is stopping, and did nothing with the call. */
    public static Attempt draining() {
      return new Attempt(true, true, true, false, null);
    }

    /** An attempt that had all the time that was left, and failed. */
    public static Attempt failed(boolean isSent, boolean isAnswered, @Nullable Throwable failure) {
      return new Attempt(isSent, isAnswered, false, false, failure);
    }

    /** Whether the node has not answered, and lost or refused the connection. */
    boolean isLost() {
      return !isAnswered && failure instanceof IOException;
    }

    /**
     * Whether other calls should avoid this node for a while. A full queue or a deadline proves
     * nothing about a node.
     */
    boolean isNodesFault() {
      return isDraining || (!isSent && failure instanceof IOException);
    }
  }

  /**
   * @param wasRepeated whether the call was already sent once more
   * @param nanosLeft until the deadline of the whole call
   */
  Decision after(Attempt attempt, boolean wasRepeated, long nanosLeft) {
    if (nanosLeft <= 0) {
      return Decision.GIVE_UP;
    }
    if (attempt.isDraining() || !attempt.isSent()) {
      return Decision.OTHER_NODE;
    }
    if (attempt.hadLessTime() && attempt.failure() instanceof TimeoutException) {
      return Decision.OTHER_NODE; // the call is cheap; a late answer of this node does no harm
    }
    if (!attempt.isLost() || wasRepeated) {
      return Decision.GIVE_UP;
    }
    return switch (this) {
      case NEVER_REPEAT -> Decision.GIVE_UP;
      case REPEAT_AT_OTHER_NODE -> Decision.ONCE_MORE_AT_OTHER_NODE;
      case REPEAT_AT_ANY_NODE -> Decision.ONCE_MORE_AT_ANY_NODE;
    };
  }
}
