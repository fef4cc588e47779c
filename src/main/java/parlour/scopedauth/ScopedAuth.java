package parlour.scopedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.trace.Lifeline;

/**
 * The interface of ScopedAuthService (SAS): sessions, keys, token cryptography, fingerprint
 * comparison.
 *
 * <p>Every method throws {@link parlour.Unavailable} if the outcome could not be determined, and
 * {@link parlour.TooManyRequests} if one session has too many refusals or refreshes. Neither counts
 * as a refusal.
 */
public interface ScopedAuth {

  /**
   * Checks the token first, then the fingerprint (arrow 7; {@code POST
   * /v1/ScopedAuthTokens/validate}).
   *
   * <p>An authorization proves that the browser has received this token. If no newer generation was
   * used before, the previous token is valid for another {@link parlour.Limits#GENERATION_GRACE}; a
   * later use of it is a replay.
   *
   * <p>A token of a session that is bound to a key also needs a proof of that key; its fingerprint is
   * only observed. An expired or superseded token with a proof is authorized for {@link
   * Purpose#RENEWAL}, and for a call the verdict is that it is renewable.
   */
  Verdict validate(Presented presented, Audience audience, Purpose purpose);

  /**
   * Opens a token only to find out whose deployment it is for ({@code POST
   * /v1/ScopedAuthTokens/audience}), for clients that do not name it. This confirms nothing: not the
   * token's time, its session or its browser. It reads no session.
   *
   * @return empty if this installation did not seal the token
   */
  Optional<TokenAudience> audienceOf(GuestToken token);

  /**
   * Opens a session and issues its first token ({@code POST
   * /v1/ScopedAuthTokens/generate/internal}). A repeated call with the same sid opens no second
   * session, and issues another first token, bound to the key of its own answer.
   *
   * @throws IllegalArgumentException if that sid belongs to another guest, or the browser's public
   *     key is malformed
   */
  IssuedToken generate(NewSession session);

  /**
   * Issues the next token of a guest who was just authorized (same endpoint), bound to this
   * fingerprint, and to the key of the previous one. The previous token stays valid until the new one is first used.
   */
  IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl);

  /**
   * Validates a token for its renewal, and issues the next one to a guest who is authorized ({@code POST
   * /v1/ScopedAuthTokens/refresh}): the two drawn calls of a refresh, in one exchange between processes. The
   * process that makes the two calls records their arrows.
   */
  default Renewal refresh(Presented presented, Audience audience, Duration tokenTtl) {
    ScopedAuth recorded = new RecordedScopedAuth(Lifeline.FAS, this);
    return switch (recorded.validate(presented, audience, Purpose.RENEWAL)) { // arrow 7
      case Verdict.Authorized(Guest guest) ->
        new Renewal.Issued(
            guest.owner(), recorded.generate(guest, presented.fingerprint(), tokenTtl));
      case Verdict.Refused refused -> new Renewal.Refused(refused.failure());
    };
  }

  /**
   * Revokes a session at once and for good ({@code POST /v1/ScopedAuthTokens/revoke}).
   *
   * @param why for the operator; not shown to the guest
   * @return false if there is no such session, or it was revoked before
   */
  boolean revoke(Sid.Session session, String why);

  /**
   * Revokes every session of a conversation, which has two if an answer was lost ({@code POST
   * /v1/ScopedAuthTokens/revoke/conversation}).
   *
   * @return the number of sessions that had not been revoked before
   */
  int revokeAllOf(Sid.Conversation conversation, String why);

  /** The reason of {@link #revokeAllOf} with which the ledger knows that no operator ended the chat. */
  String ENDED_BY_GUEST = "the guest ended the chat and erased it";

  /**
   * Returns the revocations and replays after one of them, in order, at most {@link
   * parlour.Limits#REVOCATIONS_LISTED} ({@code POST /v1/ScopedAuthTokens/revoked}). A process with
   * open sockets polls it.
   */
  List<Revocation> revokedAfter(Revocation revocation);

  /**
   * Whether a session exists, was not revoked and has not ended ({@code POST
   * /v1/ScopedAuthTokens/standing}). A process asks it about a socket that another one admitted.
   */
  boolean isLive(Sid.Session session);

  /**
   * Finds out for which of these generations a call would be refused, because a successor was first
   * used longer than {@link parlour.Limits#GENERATION_GRACE} ago ({@code POST
   * /v1/ScopedAuthTokens/superseded}). It serves sockets, which outlive the call that opened them.
   *
   * @param generations at most {@link parlour.Limits#GENERATIONS_PER_POLL}
   */
  List<TokenGeneration> superseded(List<TokenGeneration> generations);

  /**
   * Returns the conversations of an account in which a token was refused since an instant, the
   * latest first, at most {@link parlour.Limits#REFUSALS_LISTED} ({@code POST
   * /v1/ScopedAuthTokens/refused}), so that agents notice an attempt at once.
   */
  List<RefusedToken> refusedSince(Sid.Account account, Instant since);

  /**
   * Returns the newest session of each of these conversations that has one, for the agents ({@code
   * POST /v1/ScopedAuthTokens/sessions}).
   */
  List<Session> sessionsOf(List<Sid.Conversation> conversations);

  /**
   * Returns the sessions of a conversation, the newest first, at most {@link
   * parlour.Limits#SESSIONS_OF_A_CONVERSATION} ({@code POST
   * /v1/ScopedAuthTokens/sessions/conversation}), for an export of what is stored about a guest.
   */
  List<Session> everySessionOf(Sid.Conversation conversation);
}
