package parlour.accounts;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;

/**
 * The store of accounts, their addresses and their deployments, which operators change. Every
 * method throws {@link parlour.store.StoreUnavailable}.
 */
public interface Accounts extends Directory {

  /**
   * A customer of this installation. Its auth token is kept as a digest only.
   *
   * @param requiresSecondFactor whether its agents must have a second factor
   */
  record Account(Sid.Account sid, String name, boolean requiresSecondFactor, Instant created) {
    /** An account whose agents decide themselves. */
    public Account(Sid.Account sid, String name, Instant created) {
      this(sid, name, false, created);
    }
  }

  /**
   * A point of contact, with the responder of its conversations.
   *
   * @param name the sender of the greeting, as guests see it
   * @param greeting the first message to each new guest; {@code {name}} is the guest's
   * @param keep how long its conversations are kept after their last change; empty: as long as their
   *     deployment says. If both say a time, the shorter one counts
   */
  record Address(
      Sid.Address sid,
      Sid.Account account,
      String name,
      Optional<String> greeting,
      Responder answering,
      Attendance attendance,
      Optional<Duration> keep,
      Instant created) {

    /**
     * @throws IllegalArgumentException about the greeting or the time, with the remedy
     */
    public Address {
      greeting.ifPresent(Greeter::check);
      keep.ifPresent(Lifetimes::checkKeep);
    }

    /** An address without opening hours, whose conversations their deployment keeps. */
    public Address(
        Sid.Address sid,
        Sid.Account account,
        String name,
        Optional<String> greeting,
        Responder answering,
        Instant created) {
      this(sid, account, name, greeting, answering, Attendance.ALWAYS, Optional.empty(), created);
    }

    /** An address without a greeting, whose responder is the inbox. */
    public Address(Sid.Address sid, Sid.Account account, String name, Instant created) {
      this(sid, account, name, Optional.empty(), new Responder.Inbox(), created);
    }

    public Address with(Attendance changed) {
      return new Address(sid, account, name, greeting, answering, changed, keep, created);
    }

    /** This address with another time that its conversations are kept; empty: as their deployment says. */
    public Address keeping(Optional<Duration> time) {
      return new Address(sid, account, name, greeting, answering, attendance, time, created);
    }
  }

  /** A chat on a site, as operators see it. */
  record Deployment(
      Sid.Deployment key,
      Sid.Account account,
      String name,
      Settings settings,
      Instant created,
      Instant updated) {}

  /** The settings of a deployment, which an operator decides. */
  record Settings(
      Optional<Sid.Address> address,
      AllowedOrigins allowedOrigins,
      TokenRules rules,
      Lifetimes lifetimes) {}

  /**
   * Creates an account.
   *
   * @param authTokenDigest SHA-256 of the token that its servers sign in with
   */
  void create(Account account, byte[] authTokenDigest, AccountKey key);

  /** The digest of an account's auth token; empty if there is no such account. */
  Optional<byte[]> authTokenDigest(Sid.Account account);

  /** Replaces the auth token; false when there is no such account. */
  boolean resetAuthToken(Sid.Account account, byte[] authTokenDigest);

  /** Decides whether the account's agents must have a second factor; false if there is no such account. */
  boolean requireSecondFactor(Sid.Account account, boolean isRequired);

  void create(Address address);

  /**
   * Replaces name, greeting, responder, attendance and the time that conversations are kept; false if
   * the address does not exist, or if anything has changed since that version. A change to the inbox
   * drops the events that were not delivered to the webhook yet. A new webhook receives the events
   * from now on.
   *
   * @param version the {@link #version} before the address was read
   */
  boolean update(long version, Address address, Instant now);

  /** False when there is no such account, or the address is not that account's. */
  boolean create(Deployment deployment);

  /**
   * Replaces name and settings; false if the deployment does not exist, its address belongs to another
   * account, or anything has changed since that version.
   *
   * @param version the {@link #version} before the deployment was read
   */
  boolean update(long version, Deployment deployment);

  /** False when the deployment does not exist. Its guests' tokens are refused from then on. */
  boolean delete(Sid.Deployment key);

  List<Account> accounts();

  List<Address> addresses();

  List<Deployment> deployments();

  /** A number that grows with each change above; caches of an older version are stale. */
  long version();

  /**
   * Makes a change that depends on what it reads, so that it undoes no change of somebody else: if
   * anything changed in between, it runs again.
   *
   * @param change reads, and passes the version to an update; empty if that returned false
   * @return empty if the update returned false although nothing else had changed
   * @throws Unavailable if something else changed at each attempt
   */
  default <T> Optional<T> retry(LongFunction<Optional<T>> change) {
    for (int attempt = 0; attempt < Limits.DIRECTORY_CHANGE_ATTEMPTS; attempt++) {
      long version = version();
      Optional<T> changed = change.apply(version);
      if (changed.isPresent() || version() == version) {
        return changed;
      }
    }
    throw new Unavailable(
        "the directory",
        "nothing was changed, because others change it at the same moment; try again",
        null);
  }
}
