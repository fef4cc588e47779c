package parlour.webhooks;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.accounts.Responder;

/**
 * The store of what is told to webhooks, and how far. Several orchestrators may work over one: a
 * conversation is told by whoever has its lease. Every method throws {@link
 * parlour.store.StoreUnavailable}.
 */
public interface WebhookStore {

  /** An address that answers by webhook, and since when. */
  record Target(Sid.Address address, Sid.Account account, Instant since) {}

  /** How far a conversation is told: everything up to a revision, and its messages to an index. */
  record Told(long revision, long index) {
    static final Told NOTHING = new Told(0, -1);
  }

  /**
   * A conversation of which something happened.
   *
   * @param revision the latest that is known of
   * @param start what counts as told where nothing is noted of it yet
   */
  record News(Sid.Conversation conversation, Sid.Address address, long revision, Told start) {}

  /**
   * A conversation that is ours to tell, until the lease ends.
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
      Told told,
      long failures,
      Optional<Instant> failingSince) {}

  /**
   * How an address stands.
   *
   * @param waiting conversations of which something is not told yet
   * @param failingSince when the event that fails longest failed first
   * @param lastError of the one that was tried last
   */
  record Standing(
      Sid.Address address,
      long waiting,
      @Nullable Instant failingSince,
      @Nullable String lastError) {}

  List<Target> targets();

  /** Up to when an account's changes are noted; empty when none are yet. */
  Optional<Instant> notedUntil(Sid.Account account);

  /** Whether anything is noted of a conversation. */
  boolean knows(Sid.Conversation conversation);

  /** Notes what happened in an account up to an instant; of addresses that are no webhooks nothing. */
  void note(Sid.Account account, Instant until, List<News> news, Instant now);

  /** The addresses of which something is to be told now. */
  List<Sid.Address> due(Instant now);

  /** Takes the lease of conversations that are due, those that wait longest first. */
  List<Claim> claim(Sid.Address address, String lease, Instant now, Instant until, int limit);

  /**
   * Notes that an event was told (or given up), and keeps the lease until later; false when the
   * lease is lost.
   */
  boolean advance(Claim claim, Told told, Instant until);

  /** Gives the lease back with everything told up to a revision. */
  void done(Claim claim, Told told, Instant now);

  /** Gives the lease back after a failure; next is when to try again. */
  void failed(Claim claim, String error, Instant now, Instant next);

  /** Gives the lease back with nothing learned. */
  void release(Claim claim, Instant next);

  /** Forgets a conversation that is there no more. */
  void forget(Claim claim);

  /** Forgets conversations of which everything is told, last before an instant; says how many. */
  int sweep(Instant before, int limit);

  /** Of every address that something waits for. */
  List<Standing> standings();
}
