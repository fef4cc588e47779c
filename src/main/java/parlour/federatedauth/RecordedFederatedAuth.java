package parlour.federatedauth;

import java.time.Duration;
import java.util.Optional;
import parlour.scopedauth.Audience;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Presented;
import parlour.scopedauth.TokenAudience;
import parlour.trace.Lifeline;
import parlour.trace.Trace;

/** Records in the trace the calls of a {@link FederatedAuth}, local or remote. */
public final class RecordedFederatedAuth implements FederatedAuth {
  private static final String ISSUED = "{valid: true, code: 0, token, expiration, identity, roles}";

  private final FederatedAuth federatedAuth;

  public RecordedFederatedAuth(FederatedAuth federatedAuth) {
    this.federatedAuth = federatedAuth;
  }

  @Override
  public Outcome.Issued create(NewGuest guest) {
    return Trace.current()
        .exchange(
            Lifeline.FWO,
            Lifeline.FAS,
            "POST /v1/Accounts/{AccountSid}/Tokens {fingerprint, identity, conversation_sid}",
            () -> federatedAuth.create(guest),
            issued -> "201 " + ISSUED);
  }

  @Override
  public Outcome refresh(Audience audience, Presented presented, Duration tokenTtl) {
    return Trace.current()
        .exchange(
            Lifeline.FWO,
            Lifeline.FAS,
            "POST /v1/Accounts/{AccountSid}/Tokens/refresh {fingerprint, token}",
            () -> federatedAuth.refresh(audience, presented, tokenTtl),
            outcome -> switch (outcome) {
              case Outcome.Issued issued -> "200 " + ISSUED;
              case Outcome.Refused(Refusal refusal) -> refused(refusal);
            });
  }

  @Override
  public Validity validate(Audience audience, Presented presented) {
    return Trace.current()
        .exchange(
            Lifeline.FWO,
            Lifeline.FAS,
            "POST /v1/Accounts/{AccountSid}/Tokens/validate {fingerprint, token}",
            () -> federatedAuth.validate(audience, presented),
            validity -> switch (validity) {
              case Validity.Valid valid -> "200 {valid: true, code: 0, identity, roles}";
              case Validity.Refused(Refusal refusal) -> refused(refusal);
            });
  }

  @Override
  public Optional<TokenAudience> audienceOf(GuestToken token) {
    return Trace.current()
        .exchange(
            Lifeline.FWO,
            Lifeline.FAS,
            "POST /v1/GuestTokens/audience {token}",
            () -> federatedAuth.audienceOf(token),
            audience -> "200 {audience%s}".formatted(audience.isPresent() ? "" : ": null"));
  }

  private static String refused(Refusal refusal) {
    return "200 {valid: false, code: %d, message}".formatted(refusal.code());
  }
}
