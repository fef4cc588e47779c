package parlour.console;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.TooManyRequests;

/**
 * The webhooks of an account, as its admins see them. Every method that takes an address is empty if
 * the account has no such address, or the address has no webhook.
 */
public interface AccountWebhooks {

  /**
   * A webhook.
   *
   * @param origin of its URL: path and query can have a secret of the receiver
   * @param waiting how many conversations have events that wait, at most {@link
   *     parlour.Limits#WEBHOOK_COUNTED}
   * @param failingSince empty while nothing holds the events back
   * @param givenUp how many events were given up and kept, bounded in the same way
   * @param newestGivenUp the newest of the given-up events, at most {@link parlour.Limits#WEBHOOK_GIVEN_UP_SHOWN}
   */
  record Webhook(
      Sid.Address address,
      String name,
      String origin,
      long waiting,
      Optional<Instant> waitingSince,
      Optional<Instant> failingSince,
      Optional<Instant> accepted,
      Optional<Instant> failed,
      Optional<String> error,
      long givenUp,
      List<GivenUp> newestGivenUp) {}

  /** An event that was given up, without its content, as the console answers it. */
  record GivenUp(
      String eventId,
      String type,
      Sid.Conversation conversation,
      Instant at,
      String why,
      boolean isDue) {}

  /**
   * The answer of a webhook to a test.
   *
   * @param why empty if it accepted the event
   */
  record Tested(String eventId, Optional<String> why) {}

  /**
   * The events that are sent again, as the console answers it.
   *
   * @param conversations those that waited for their next attempt
   * @param givenUp events that were given up
   * @param hasMore whether another call would send further ones
   */
  record Again(int conversations, int givenUp, boolean hasMore) {}

  List<Webhook> of(Sid.Account account);

  /**
   * Sends an event of the type "test", once.
   *
   * @throws TooManyRequests if another test of the account runs, or too many of all accounts
   */
  Optional<Tested> test(Sid.Account account, Sid.Address address) throws InterruptedException;

  Optional<Again> deliverAgain(Sid.Account account, Sid.Address address);
}
