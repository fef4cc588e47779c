package parlour.accounts;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Conversations;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/**
 * Erases conversations in which nothing has happened for as long as their deployment or their address
 * keeps them, as an account's server would: it ends the guest's session, and subscribers learn of the erasure.
 */
public final class Retention {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);

  private final Accounts accounts;
  private final Conversations conversations;
  private final Ledger ledger;
  private final InstantSource clock;

  /**
   * @param ledger keeps how many conversations each sweep erased
   */
  public Retention(
      Accounts accounts, Conversations conversations, Ledger ledger, InstantSource clock) {
    this.accounts = accounts;
    this.conversations = conversations;
    this.ledger = ledger;
    this.clock = clock;
  }

  /**
   * Checks all deployments and all addresses once, in small batches, so that others can write between
   * two of them. One that fails does not keep the others from being checked.
   *
   * @throws Unavailable if that happened, with the first reason, after all others were checked
   */
  public void sweep() {
    @Nullable Unavailable failed = null;
    for (Kept kept : all()) {
      try {
        sweep(kept);
      } catch (Unavailable outage) {
        failed = failed == null ? outage : failed;
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  /**
   * A time that conversations are kept.
   *
   * @param what deployment or address, for the log
   * @param erase the call that erases some of them; it returns how many
   */
  private record Kept(String what, Sid whose, Duration keep, ToIntFunction<Instant> erase) {}

  private List<Kept> all() {
    List<Kept> all = new ArrayList<>();
    for (Accounts.Deployment one : accounts.deployments()) {
      one.settings()
          .lifetimes()
          .keep()
          .ifPresent(keep -> all.add(new Kept(
              "deployment",
              one.key(),
              keep,
              before -> conversations.eraseQuiet(
                  one.account(), one.key(), before, Limits.RETENTION_BATCH))));
    }
    for (Accounts.Address one : accounts.addresses()) {
      one.keep()
          .ifPresent(keep -> all.add(new Kept(
              "address",
              one.sid(),
              keep,
              before -> conversations.eraseQuiet(
                  one.account(), one.sid(), before, Limits.RETENTION_BATCH))));
    }
    return all;
  }

  private void sweep(Kept kept) {
    Instant before = clock.instant().minus(kept.keep());
    int erased = 0;
    int batch;
    int batches = 0;
    try {
      do {
        batch = kept.erase().applyAsInt(before);
        erased += batch;
        batches++;
        // Not a full batch: another node that sweeps now takes a part of each.
      } while (batch > 0 && batches < Limits.RETENTION_BATCHES);
    } finally { // also of a sweep that failed after some batches
      note(kept, erased);
    }
  }

  private void note(Kept kept, int erased) {
    if (erased > 0) {
      ledger.add(
          LedgerNote.of(LedgerNote.ERASED_BY_AGE, "no change for as long as conversations are kept")
              .ofGuest(Optional.empty(), deployment(kept.whose()))
              .by(
                  "",
                  "%d conversations of %s, kept for %d days"
                      .formatted(erased, kept.whose().text(), kept.keep().toDays())));
      log.atInfo()
          .addKeyValue(kept.what(), kept.whose().text())
          .log(
              "erased {} conversations without a change for {} days",
              erased,
              kept.keep().toDays());
    }
  }

  private static Optional<Sid.Deployment> deployment(Sid whose) {
    return whose instanceof Sid.Deployment key ? Optional.of(key) : Optional.empty();
  }
}
