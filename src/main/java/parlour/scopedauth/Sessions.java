package parlour.scopedauth;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Sid;

/**
 * The store of guests' sessions. Each change is one conditional statement; false or empty means
 * that its condition was not met. Every method throws {@link parlour.store.StoreUnavailable}.
 */
public interface Sessions {

  /** Stores a session; false if one with its sid exists already, which then stays unchanged. */
  boolean create(Session session);

  /** Finds a session. */
  Optional<Session> find(Sid.Session sid);

  /** Finds the part of a session that decides whether a token is valid. */
  Optional<TokenLineage> lineage(Sid.Session sid);

  /** The lineages of several sessions; sessions that do not exist are omitted. */
  Map<Sid.Session, TokenLineage> lineages(Collection<Sid.Session> sids);

  /**
   * Records the first use of a generation, and returns the end of the session, which moves if the
   * session is bound to a key. Of several callers, only the first gets it, and only if the session
   * is live, no newer generation was used, and the use is exact where the lineage demands it. The
   * use is recorded as not earlier than the token's issue; the session's end moves by {@code now}.
   */
  Optional<Instant> confirm(FirstUse use, Instant now);

  /** Confirms as {@link #confirm} does, but also returns empty if the end of the session has to move. */
  Optional<Instant> confirmUnlessEndMoves(FirstUse use, Instant now);

  /** Revokes a session; false if it does not exist or was revoked before. */
  boolean revoke(Sid.Session sid, String why, Instant now);

  /**
   * Revokes every session of a conversation that was not revoked yet, and moves their ends to now at
   * the latest, because their records are deleted some days after that; returns how many.
   */
  int revokeAllOf(Sid.Conversation conversation, String why, Instant now);

  /** The sessions that a command applies to. */
  sealed interface Scope {
    record All() implements Scope {}

    record OfAccount(Sid.Account account) implements Scope {}

    record OfDeployment(Sid.Deployment deployment) implements Scope {}

    record OfConversation(Sid.Conversation conversation) implements Scope {}
  }

  /** Counts the live sessions: neither revoked nor at their end. */
  long countLive(Scope scope, Instant now);

  /**
   * Revokes live sessions, at most {@code limit} of them in one statement; returns how many.
   */
  int revokeLive(Scope scope, String why, Instant now, int limit);

  /** Counts a refusal, and records its reason. */
  boolean refused(Sid.Session sid, String reason, Instant now);

  /**
   * Counts a refusal of another browser, and revokes the session in the same statement if there were
   * {@link parlour.Limits#GUESSES_BEFORE_REVOCATION} of one generation.
   *
   * @return whether the session is revoked
   */
  boolean guessed(TokenGeneration token, String reason, Instant now);

  /** Counts a replay, and revokes the session in the same statement if {@code revoke} is true. */
  boolean replayed(Sid.Session sid, String reason, Instant now, boolean revoke);

  /** Counts a replay by the browser that holds the session's key, which is not refused. */
  boolean provenReplay(Sid.Session sid, Instant now);

  /** Counts a difference of fingerprints that was not refused, and records it. */
  boolean observed(Sid.Session sid, String difference, Instant now);

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
   * Deletes sessions that ended before this instant, at most {@code limit}; returns how many.
   */
  int sweep(Instant before, int limit);
}
