package parlour.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.webhooks.WebhookStore.Claim;

/**
 * The events that were given up, kept until they are delivered again. The content of an event is
 * not kept: it is read from its conversation when it is sent. Every method throws {@link
 * parlour.store.StoreUnavailable}.
 */
public interface GivenUpEvents {

  /**
   * An event that was given up.
   *
   * @param type its name in the API
   * @param why the reason of the last failure
   * @param isDue whether it is going to be sent again
   */
  record GivenUp(
      String eventId,
      String type,
      Sid.Address address,
      Sid.Conversation conversation,
      Instant at,
      String why,
      boolean isDue) {}

  /**
   * An event that this process sends again until the lease ends.
   *
   * @param claim its conversation, whose cursor is the one before the event
   */
  record Redelivery(String eventId, Claim claim) {}

  /** The events of an address that were given up last, the newest first. */
  List<GivenUp> newest(Sid.Address address, int limit);

  /**
   * Requests that events of an address are sent again, the oldest first. Events that are due already stay as they are.
   *
   * @param eventId empty: all events of the address; otherwise only this one
   * @return how many events have become due
   */
  int deliverAgain(Sid.Address address, Optional<String> eventId, Instant now, int limit);

  /** The addresses that have an event to send again now. */
  List<Sid.Address> due(Instant now);

  /** Acquires the lease of the oldest event that is due. */
  Optional<Redelivery> claim(Sid.Address address, String lease, Instant now, Instant until);

  /** Deletes an event that was delivered, or that its conversation no longer has. */
  void delete(Redelivery event);

  /** Keeps an event after a failure, until somebody requests it again; false if the lease was lost. */
  boolean failed(Redelivery event, String why);

  /** Releases the lease without a result: the event is due again at {@code next}. */
  void release(Redelivery event, Instant next);

  /** Cancels the requested events of an address, except those that a process is sending. */
  void cancel(Sid.Address address);

  /**
   * Deletes events that were given up before an instant.
   *
   * @return how many
   */
  int sweep(Instant before, int limit);

  /**
   * Deletes the oldest events of each address that has too many.
   *
   * @param max the number of events that an address keeps
   * @return how many were deleted
   */
  int trim(int max, int limit);
}
