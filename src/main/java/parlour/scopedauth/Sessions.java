package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Sid;

/**
 * The store of guests' sessions. Each change is one conditional statement; false, or nothing, means
 * that its condition did not hold. Every method throws {@link parlour.store.StoreUnavailable}.
 */
public interface Sessions {

  /** Keeps a session that was not there before. */
  void create(Session session);

  /** All that is kept of a session. */
  Optional<Session> find(Sid.Session sid);

  /** The part of it that decides whether a token holds. */
  Optional<Line> line(Sid.Session sid);

  /**
   * Records the first use of a generation, and tells when the session is over: to exactly one
   * caller, and only where the session is neither revoked nor over and knows no generation as new.
   */
  Optional<Instant> confirm(Sid.Session sid, long generation, Instant now);

  /** Ends a session; false when it does not exist or was revoked before. */
  boolean revoke(Sid.Session sid, String why, Instant now);

  /** Counts a refusal, with its cause in words. */
  boolean refused(Sid.Session sid, String cause, Instant now);

  /** Counts a replay, and with {@code revoke} ends the session, in the same statement. */
  boolean replayed(Sid.Session sid, String cause, Instant now, boolean revoke);

  /** Counts a difference of fingerprints that was only observed. */
  boolean observed(Sid.Session sid, Instant now);

  /** The revocations after one of them, in their order. */
  List<Revocation> revokedAfter(Revocation revocation, int limit);

  /** The newest session of each of these conversations that has one. */
  List<Session> of(List<Sid.Conversation> conversations);

  /** Sessions by creation, newest first. */
  List<Session> newest(int limit);

  /** Forgets sessions that were over before this instant, at most {@code limit}; returns how many. */
  int sweep(Instant before, int limit);
}
