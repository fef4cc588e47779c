package parlour.accounts;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.Unavailable;
import parlour.conversations.Conversations;

/**
 * Erases conversations in which nothing has happened for as long as their deployment keeps them, as
 * an account's server would: it ends the guest's session, and subscribers learn of the erasure.
 */
public final class Retention {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);

  private final Accounts accounts;
  private final Conversations conversations;
  private final InstantSource clock;

  public Retention(Accounts accounts, Conversations conversations, InstantSource clock) {
    this.accounts = accounts;
    this.conversations = conversations;
    this.clock = clock;
  }

  /**
   * Checks all deployments once, in small batches, so that others can write between two of them.
   * One that fails does not keep the others from being checked.
   *
   * @throws Unavailable if that happened, with the first reason, after all others were checked
   */
  public void sweep() {
    @Nullable Unavailable failed = null;
    for (Accounts.Deployment deployment : accounts.deployments()) {
      try {
        deployment.settings().lifetimes().keep().ifPresent(keep -> sweep(deployment, keep));
      } catch (Unavailable outage) {
        failed = failed == null ? outage : failed;
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  private void sweep(Accounts.Deployment deployment, Duration keep) {
    Instant before = clock.instant().minus(keep);
    int erased = 0;
    int batch;
    int batches = 0;
    do {
      batch = conversations.eraseQuiet(
          deployment.account(), deployment.key(), before, Limits.RETENTION_BATCH);
      erased += batch;
      batches++;
    } while (batch == Limits.RETENTION_BATCH && batches < Limits.RETENTION_BATCHES);
    if (erased > 0) {
      log.atInfo()
          .addKeyValue("deployment", deployment.key().text())
          .log("erased {} conversations without a change for {} days", erased, keep.toDays());
    }
  }
}
