package parlour.scopedauth;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Sid;

/**
 * The store of guests' sessions. Each change is one conditional statement; false, or nothing, means
 * that its condition did not hold. Every method throws {@link parlour.store.StoreUnavailable}.
 */
public interface Sessions {

  /** Stores a session; false if one with its sid exists already, which then stays unchanged. */
  boolean create(Session session);

  /** All that is kept of a session. */
  Optional<Session> find(Sid.Session sid);

  /** The part of it that decides whether a token holds. */
  Optional<TokenLineage> lineage(Sid.Session sid);

  /** The same for several sessions; sessions that do not exist are omitted. */
  Map<Sid.Session, TokenLineage> lineages(Collection<Sid.Session> sids);

  /**
   * Records the first use of a generation, and tells when the session is over: to exactly one
   * caller, and only where the session is neither revoked nor over and knows no generation as new.
   */
  Optional<Instant> confirm(Sid.Session sid, Generation generation, Instant now);

  /** Ends a session; false when it does not exist or was revoked before. */
  boolean revoke(Sid.Session sid, String why, Instant now);

  /** Ends every session of a conversation that has not ended yet; returns how many. */
  int revokeAllOf(Sid.Conversation conversation, String why, Instant now);

  /** The sessions that a command applies to. */
  sealed interface Scope {
    record All() implements Scope {}

    record OfAccount(Sid.Account account) implements Scope {}

    record OfDeployment(Sid.Deployment deployment) implements Scope {}
  }

  /** How many sessions are neither revoked nor over. */
  long countLive(Scope scope, Instant now);

  /**
   * Ends sessions that are neither revoked nor over, at most {@code limit} of them in one
   * statement; returns how many.
   */
  int revokeLive(Scope scope, String why, Instant now, int limit);

  /** Counts a refusal, with its cause in words. */
  boolean refused(Sid.Session sid, String cause, Instant now);

  /** Counts a replay, and with {@code revoke} ends the session, in the same statement. */
  boolean replayed(Sid.Session sid, String cause, Instant now, boolean revoke);

  /** Counts a difference of fingerprints that was only observed. */
  boolean observed(Sid.Session sid, Instant now);

  /** The revocations and replays after one of them, in their order. */
  List<Revocation> revokedAfter(Revocation revocation, int limit);

  /**
   * The conversations of an account in which a token was refused after an instant, latest first.
   */
  List<RefusedToken> refusedSince(Sid.Account account, Instant since, int limit);

  /** The newest session of each of these conversations that has one. */
  List<Session> of(List<Sid.Conversation> conversations);

  /** Sessions by creation, newest first. */
  List<Session> newest(Scope scope, int limit);

  /**
   * Forgets sessions that were over before this instant, at most {@code limit}; returns how many.
   */
  int sweep(Instant before, int limit);
}
