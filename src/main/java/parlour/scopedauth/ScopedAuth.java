package parlour.scopedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import parlour.Sid;

/**
 * The door of ScopedAuthService (SAS): sessions, keys, token cryptography, fingerprint comparison.
 *
 * <p>Every method throws {@link parlour.Unavailable} when it could not be decided, and {@link
 * parlour.TooManyRequests} when one session's refusals or refreshes come too fast; neither is a
 * refusal.
 */
public interface ScopedAuth {

  /**
   * Checks the token first, then the fingerprint (arrow 7; {@code POST
   * /v1/ScopedAuthTokens/validate}).
   *
   * <p>Authorized is also the proof that the browser holds this token: if it is of a newer
   * generation than any used before, its predecessor is good for {@link
   * parlour.Limits#GENERATION_GRACE} more, and a replay after that.
   */
  Verdict validate(GuestToken token, Audience audience, Fingerprint fingerprint);

  /**
   * Opens a session ({@code POST /v1/ScopedAuthTokens/generate/internal}). A repeated call with the
   * same sid opens nothing, and seals another first token of that session.
   *
   * @throws IllegalArgumentException if that sid belongs to another guest
   */
  IssuedToken generate(NewSession session);

  /**
   * The next token of a guest who was just authorized (same endpoint), bound to the fingerprint of
   * now. Changes nothing: the token before stays good until this one is first used.
   */
  IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl);

  /**
   * Ends a session at once and for good ({@code POST /v1/ScopedAuthTokens/revoke}).
   *
   * @param why for the operator; not shown to the guest
   * @return false when there is no such session, or it was revoked before
   */
  boolean revoke(Sid.Session session, String why);

  /**
   * Ends every session of a conversation, which has two if an answer was lost ({@code POST
   * /v1/ScopedAuthTokens/revoke/conversation}).
   *
   * @return how many had not ended before
   */
  int revokeAllOf(Sid.Conversation conversation, String why);

  /**
   * The revocations and replays after one of them, the first {@link
   * parlour.Limits#REVOCATIONS_LISTED} ({@code POST /v1/ScopedAuthTokens/revoked}): whoever holds
   * sockets open asks for them all the time.
   */
  List<Revocation> revokedAfter(Revocation revocation);

  /**
   * Whether a session is there, was not revoked and is not over ({@code POST
   * /v1/ScopedAuthTokens/standing}): for sockets that a node did not let in itself.
   */
  boolean isGood(Sid.Session session);

  /**
   * Finds out for which of these generations a call would be refused, because a successor was first
   * used longer than {@link parlour.Limits#GENERATION_GRACE} ago ({@code POST
   * /v1/ScopedAuthTokens/superseded}). It serves sockets, which outlive the call that opened them.
   *
   * @param generations at most {@link parlour.Limits#GENERATIONS_PER_POLL}
   */
  List<TokenGeneration> superseded(List<TokenGeneration> generations);

  /**
   * The conversations of an account in which a token was refused since an instant, the latest
   * first, at most {@link parlour.Limits#REFUSALS_LISTED} ({@code POST
   * /v1/ScopedAuthTokens/refused}), so that agents learn of an attempt at once.
   */
  List<RefusedToken> refusedSince(Sid.Account account, Instant since);

  /**
   * The newest session of each of these conversations, as far as there is one, for the people who
   * answer ({@code POST /v1/ScopedAuthTokens/sessions}).
   */
  List<Session> sessionsOf(List<Sid.Conversation> conversations);
}
