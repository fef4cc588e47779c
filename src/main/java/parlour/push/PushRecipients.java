package parlour.push;

import java.time.Instant;
import parlour.push.WaitingPushes.Claim;

/**
 * Decides what the owners of subscriptions get, when a push is due. Every method throws {@link
 * parlour.Unavailable}.
 *
 * @param <O> the owner of a subscription
 */
public interface PushRecipients<O> {

  /** The result for a push that is due. */
  sealed interface Decision {

    /** Sends it. */
    record Send(PushMessage message) implements Decision {}

    /** Sends nothing, because the owner needs no push any more. */
    record Nothing() implements Decision {}

    /**
     * Decides again, because it is not known yet whether the owner needs a push.
     *
     * @param then the time of the next decision
     */
    record Later(Instant then) implements Decision {}

    /** Deletes the subscription, because its owner must not get a push any more. */
    record End() implements Decision {}
  }

  Decision decide(Claim<O> claim, Instant now);

  /** Runs before each poll for pushes that are due. */
  void beforePoll();
}
