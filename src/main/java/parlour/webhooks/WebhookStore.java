package parlour.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.accounts.Responder;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;

/**
 * The store of pending webhook deliveries. Several orchestrators may use one store: the process that
 * holds the lease of a conversation delivers its events. Every method throws {@link
 * parlour.store.StoreUnavailable}.
 */
public interface WebhookStore {

  /** An address that answers by webhook, and since when. */
  record Target(Sid.Address address, Sid.Account account, Instant since) {}

  /** How far the events of a conversation were delivered: up to a revision, and a message's index. */
  record DeliveryCursor(Revision revision, MessageIndex index) {
    static final DeliveryCursor NOTHING = new DeliveryCursor(Revision.NONE, MessageIndex.NONE);
  }

  /**
   * A conversation that has changed, so that it may have events to deliver.
   *
   * @param revision the latest known
   * @param start where delivery begins if no cursor of it is stored yet
   */
  record PendingChange(
      Sid.Conversation conversation,
      Sid.Address address,
      Revision revision,
      DeliveryCursor start) {}

  /**
   * A conversation whose events this process delivers until the lease ends.
   *
   * @param failures of the event that is next
   * @param failingSince when that event failed first
   */
  record Claim(
      Sid.Conversation conversation,
      Sid.Account account,
      Sid.Address address,
      Responder.Webhook webhook,
      String lease,
      DeliveryCursor cursor,
      long failures,
      Optional<Instant> failingSince) {}

  /**
   * The status of an address's deliveries.
   *
   * @param waiting conversations with events that are not delivered yet
   * @param failingSince when the event that fails longest failed first
   * @param lastError of the one that was tried last
   */
  record DeliveryStatus(
      Sid.Address address,
      long waiting,
      @Nullable Instant failingSince,
      @Nullable String lastError) {}

  List<Target> targets();

  /** Up to when an account's changes are noted; empty when none are yet. */
  Optional<Instant> recordedUntil(Sid.Account account);

  /** Whether anything is noted of a conversation. */
  boolean knows(Sid.Conversation conversation);

  /** Notes what happened in an account up to an instant; of addresses that are no webhooks nothing. */
  void record(Sid.Account account, Instant until, List<PendingChange> changes, Instant now);

  /** The addresses of which something is to be told now. */
  List<Sid.Address> due(Instant now);

  /** Takes the lease of conversations that are due, those that wait longest first. */
  List<Claim> claim(Sid.Address address, String lease, Instant now, Instant until, int limit);

  /**
   * Notes that an event was told (or given up), and keeps the lease until later; false when the
   * lease is lost.
   */
  boolean advance(Claim claim, DeliveryCursor cursor, Instant until);

  /** Gives the lease back with everything told up to a revision. */
  void done(Claim claim, DeliveryCursor cursor, Instant now);

  /** Gives the lease back after a failure; next is when to try again. */
  void failed(Claim claim, String error, Instant now, Instant next);

  /** Gives the lease back with nothing learned. */
  void release(Claim claim, Instant next);

  /** Forgets a conversation that is there no more. */
  void delete(Claim claim);

  /** Forgets conversations of which everything is told, last before an instant; says how many. */
  int sweep(Instant before, int limit);

  /** Of every address that something waits for. */
  List<DeliveryStatus> statuses();
}
