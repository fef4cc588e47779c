package parlour.push;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Predicate;
import parlour.Limits;
import parlour.Scheduler;
import parlour.Sid;
import parlour.push.PushQueue.Owner;
import parlour.push.WaitingPushes.Claim;

/**
 * Pushes to guests whose session has not ended and who have not read a message. Deletes the
 * subscriptions of sessions that have ended.
 */
public final class GuestPushes implements PushRecipients<Owner> {
  private final PushQueue queue;
  private final Predicate<Sid.Session> isLive;
  private final InstantSource clock;
  private final Queue<Sid.Session> ended = new ArrayBlockingQueue<>(Limits.PUSH_ENDED_SESSIONS);

  /**
   * @param isLive whether a session has not ended; throws {@link parlour.Unavailable}
   */
  public GuestPushes(PushQueue queue, Predicate<Sid.Session> isLive, InstantSource clock) {
    this.queue = queue;
    this.isLive = isLive;
    this.clock = clock;
  }

  @Override
  public Decision decide(Claim<Owner> claim, Instant now) {
    if (!isLive.test(claim.owner().session())) {
      return new Decision.End();
    }
    PushSubscription subscription = claim.subscription();
    return queue.isUnread(claim.owner())
        ? new Decision.Send(new PushMessage(subscription.title(), subscription.text()))
        : new Decision.Nothing();
  }

  @Override
  public void beforePoll() {
    List<Sid.Session> some = List.copyOf(ended);
    queue.unsubscribe(some);
    for (Sid.Session _ : some) {
      var _ = ended.poll(); // only now: after a failure of the store they are deleted later
    }
  }

  /**
   * Deletes the subscriptions of sessions that have ended: all that are older than a session can
   * be, and those of some sessions that were not checked for long.
   */
  public void sweep() {
    Instant now = clock.instant();
    Instant before = now.minus(Limits.MAX_SESSION_TTL).minus(Limits.CLOCK_SKEW);
    Scheduler.inBatches(() -> queue.deleteMadeBefore(before, Limits.SWEEP_BATCH));
    Instant checked = now.minus(Limits.PUSH_SESSION_CHECK);
    for (Sid.Session session : queue.claimUnchecked(
        checked, checked.plus(Limits.PUSH_CHECK_LEASE), Limits.PUSH_SESSION_CHECKS)) {
      if (isLive.test(session)) {
        queue.checked(session, now);
      } else {
        var _ = queue.unsubscribe(session);
      }
    }
  }

  /**
   * Deletes the subscription of a session that has ended, soon. If many end at the same time, some
   * are left to {@link #sweep}.
   */
  public void ended(Sid.Session session) {
    boolean _ = ended.offer(session);
  }
}
