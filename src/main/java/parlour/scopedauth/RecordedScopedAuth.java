package parlour.scopedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/** Records in the trace the calls of a {@link ScopedAuth}, local or remote. */
public final class RecordedScopedAuth implements ScopedAuth {
  private static final String VALIDATE = "POST /v1/ScopedAuthTokens/validate {token, fingerprint}";

  private final Lifeline caller;
  private final ScopedAuth scopedAuth;

  public RecordedScopedAuth(Lifeline caller, ScopedAuth scopedAuth) {
    this.caller = caller;
    this.scopedAuth = scopedAuth;
  }

  @Override
  public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            VALIDATE,
            () -> scopedAuth.validate(presented, audience, purpose),
            verdict -> switch (verdict) {
              case Verdict.Authorized authorized ->
                "200 {authorized: true, auth_account, identity, grants}";
              case Verdict.Refused(Verdict.Failure failure, boolean renewable) ->
                "200 {authorized: false, message: %s%s}"
                    .formatted(failure.message(), renewable ? ", renewable: true" : "");
            });
  }

  @Override
  public Optional<TokenAudience> audienceOf(GuestToken token) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            "POST /v1/ScopedAuthTokens/audience {token}",
            () -> scopedAuth.audienceOf(token),
            audience -> "200 {audience%s}".formatted(audience.isPresent() ? "" : ": null"));
  }

  @Override
  public IssuedToken generate(NewSession session) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            "POST /v1/ScopedAuthTokens/generate/internal {grants, fingerprint}",
            () -> scopedAuth.generate(session),
            issued -> "201 {token, expiration}");
  }

  @Override
  public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            "POST /v1/ScopedAuthTokens/generate/internal {grants, fingerprint, session}",
            () -> scopedAuth.generate(guest, fingerprint, tokenTtl),
            issued -> "201 {token, expiration}");
  }

  /** Records the arrows only if nobody else could: the call did not reach the process that makes the two calls. */
  @Override
  public Renewal refresh(Presented presented, Audience audience, Duration tokenTtl) {
    Trace trace = Trace.current();
    int before = trace.arrowCount();
    try {
      return scopedAuth.refresh(presented, audience, tokenTtl);
    } catch (RuntimeException e) {
      if (trace.arrowCount() == before) {
        trace.arrow(caller, Lifeline.SAS, VALIDATE, "");
        trace.arrow(Lifeline.SAS, caller, Trace.NO_ANSWER, String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  @Override
  public boolean revoke(Sid.Session session, String why) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            "POST /v1/ScopedAuthTokens/revoke {session_sid}",
            () -> scopedAuth.revoke(session, why),
            revoked -> "200 {revoked: %s}".formatted(revoked));
  }

  @Override
  public int revokeAllOf(Sid.Conversation conversation, String why) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            "POST /v1/ScopedAuthTokens/revoke/conversation {conversation_sid}",
            () -> scopedAuth.revokeAllOf(conversation, why),
            revoked -> "200 {revoked: %d}".formatted(revoked));
  }

  @Override
  public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
    return scopedAuth.superseded(generations); // no request to record it in
  }

  @Override
  public List<Revocation> revokedAfter(Revocation revocation) {
    return scopedAuth.revokedAfter(revocation); // no request
  }

  @Override
  public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
    return scopedAuth.refusedSince(account, since); // no request
  }

  @Override
  public boolean isLive(Sid.Session session) {
    return scopedAuth.isLive(session); // no request
  }

  @Override
  public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            "POST /v1/ScopedAuthTokens/sessions {conversation_sids}",
            () -> scopedAuth.sessionsOf(conversations),
            sessions -> "200 {sessions}");
  }

  @Override
  public List<Session> everySessionOf(Sid.Conversation conversation) {
    return Trace.current()
        .exchange(
            caller,
            Lifeline.SAS,
            "POST /v1/ScopedAuthTokens/sessions/conversation {conversation_sid}",
            () -> scopedAuth.everySessionOf(conversation),
            sessions -> "200 {sessions}");
  }
}
