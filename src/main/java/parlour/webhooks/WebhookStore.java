package parlour.webhooks;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
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

  /** An address whose responder is a webhook, and since when. */
  record Target(Sid.Address address, Sid.Account account, Instant since) {}

  /** How far the events of a conversation were delivered: up to a revision, and a message's index. */
  record DeliveryCursor(Revision revision, MessageIndex index) {
    static final DeliveryCursor NOTHING = new DeliveryCursor(Revision.NONE, MessageIndex.NONE);
  }

  /**
   * A conversation that has changed, so that it may have events to deliver.
   *
   * @param revision its latest known revision
   * @param start where delivery begins if the store has no cursor of the conversation
   */
  record PendingChange(
      Sid.Conversation conversation,
      Sid.Address address,
      Revision revision,
      DeliveryCursor start) {}

  /**
   * A conversation whose events this process delivers until the lease ends.
   *
   * @param failures how often the next event has failed
   * @param failingSince when the next event failed first
   */
  record Claim(
      Sid.Conversation conversation,
      Sid.Account account,
      Sid.Address address,
      Responder.Webhook webhook,
      String lease,
      DeliveryCursor cursor,
      long failures,
      Optional<Instant> failingSince) {

    /** The same claim with the cursor at another event of the conversation. */
    Claim at(DeliveryCursor before) {
      return new Claim(
          conversation, account, address, webhook, lease, before, failures, failingSince);
    }
  }

  /**
   * The status of an address's deliveries.
   *
   * @param waiting how many conversations have events that were not delivered yet
   * @param failingSince when the event that has failed longest failed first
   * @param lastError the reason of the last failure
   */
  record DeliveryStatus(
      Sid.Address address,
      long waiting,
      @Nullable Instant failingSince,
      @Nullable String lastError) {}

  /**
   * A webhook with the status of its deliveries, for an admin of its account.
   *
   * @param waiting how many conversations have events that were not delivered yet; {@link
   *     Limits#WEBHOOK_COUNTED} stands for that many or more
   * @param waitingSince since when the first of the counted conversations has waited
   * @param failingSince the first failure of the event among them that has failed longest
   * @param accepted when the webhook accepted an event last, to within some seconds
   * @param failure its last failure, also if it has accepted events since
   * @param givenUp how many events were given up and kept; at most {@link Limits#WEBHOOK_COUNTED}
   */
  record WebhookStatus(
      Sid.Address address,
      String name,
      URI url,
      long waiting,
      Optional<Instant> waitingSince,
      Optional<Instant> failingSince,
      Optional<Instant> accepted,
      Optional<Failure> failure,
      long givenUp) {}

  /** A failure, to within some seconds. */
  record Failure(Instant at, String why) {}

  /**
   * An event that is given up.
   *
   * @param type its name in the API
   * @param before the cursor before the event
   * @param after the cursor after the event
   */
  record GivingUp(
      String eventId,
      String type,
      DeliveryCursor before,
      DeliveryCursor after,
      Instant at,
      String why) {}

  List<Target> targets();

  /** The instant up to which an account's changes are recorded; empty if none are. */
  Optional<Instant> recordedUntil(Sid.Account account);

  /** Whether a change of the conversation is recorded. */
  boolean hasRecord(Sid.Conversation conversation);

  /**
   * Records the changes of an account up to an instant; ignores those of addresses without a webhook.
   */
  void record(Sid.Account account, Instant until, List<PendingChange> changes, Instant now);

  /** The addresses that have events to deliver now. */
  List<Sid.Address> due(Instant now);

  /** Acquires the leases of conversations that are due, the longest waiting first. */
  List<Claim> claim(Sid.Address address, String lease, Instant now, Instant until, int limit);

  /**
   * Records that an event was delivered, and extends the lease; false if the lease was lost.
   */
  boolean advance(Claim claim, DeliveryCursor cursor, Instant until);

  /**
   * Records that an event was given up, keeps it among the {@link GivenUpEvents}, and extends the lease;
   * false if the lease was lost.
   */
  boolean giveUp(Claim claim, GivingUp event, Instant until);

  /** Records that a webhook has accepted an event. */
  void accepted(Sid.Address address, Instant now);

  /** Releases the lease after all events up to the cursor were delivered. */
  void done(Claim claim, DeliveryCursor cursor, Instant now);

  /**
   * Releases the lease after a failure.
   *
   * @param next the time of the next attempt
   */
  void failed(Claim claim, String error, Instant now, Instant next);

  /**
   * Releases the lease without a result.
   *
   * @param next the time of the next attempt
   */
  void release(Claim claim, Instant next);

  /** Deletes the record of a conversation that was erased. */
  void delete(Claim claim);

  /**
   * Deletes the records of conversations whose events were all delivered before an instant.
   *
   * @return how many
   */
  int sweep(Instant before, int limit);

  /** The webhooks of an account, by the names of their addresses. */
  List<WebhookStatus> webhooks(Sid.Account account, int limit);

  /**
   * Makes conversations of an address due that wait for their next attempt, the earliest first.
   *
   * @return how many
   */
  int deliverNow(Sid.Address address, Instant now, int limit);

  /** The status of each address that has events to deliver. */
  List<DeliveryStatus> statuses();

  /**
   * The events of all addresses that were not delivered yet.
   *
   * @param waiting how many conversations have such events
   * @param failingSince when the event that has failed longest failed first; empty if none has failed
   */
  record Backlog(long waiting, Optional<Instant> failingSince) {
    static final Backlog NOTHING = new Backlog(0, Optional.empty());
  }

  Backlog backlog();
}
