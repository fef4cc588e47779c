package parlour.federatedauth;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Guest;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;
import parlour.scopedauth.NewSession;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.Renewal;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.SessionOwner;
import parlour.scopedauth.TokenAudience;
import parlour.scopedauth.Verdict;

/** FederatedAuthService (FAS): turns ScopedAuth's verdicts into the codes of the public API. */
public final class FederatedAuthService implements FederatedAuth {
  /** The roles of everybody who has a guest's grants. */
  private static final List<String> ROLES = List.of("guest");

  private final ScopedAuth scopedAuth;

  public FederatedAuthService(ScopedAuth scopedAuth) {
    this.scopedAuth = scopedAuth;
  }

  @Override
  public Outcome.Issued create(NewGuest guest) {
    IssuedToken token = scopedAuth.generate(new NewSession(
        guest.session(),
        guest.owner(),
        Guest.GRANTS,
        guest.fingerprint(),
        guest.binding(),
        guest.tokenTtl(),
        guest.sessionTtl()));
    return new Outcome.Issued(
        token, guest.owner().identity(), ROLES, guest.owner().conversation());
  }

  @Override
  public Outcome refresh(Audience audience, Presented presented, Duration tokenTtl) {
    return switch (scopedAuth.refresh(presented, audience, tokenTtl)) {
      case Renewal.Issued(SessionOwner guest, IssuedToken token) ->
        new Outcome.Issued(token, guest.identity(), ROLES, guest.conversation());
      case Renewal.Refused(Verdict.Failure failure) -> new Outcome.Refused(refusal(failure));
    };
  }

  @Override
  public Optional<TokenAudience> audienceOf(GuestToken token) {
    return scopedAuth.audienceOf(token);
  }

  @Override
  public Validity validate(Audience audience, Presented presented) {
    return switch (scopedAuth.validate(presented, audience, Purpose.CALL)) {
      case Verdict.Authorized(Guest guest) ->
        new Validity.Valid(guest.identity(), ROLES, guest.conversation());
      case Verdict.Refused refused -> new Validity.Refused(refusal(refused.failure()));
    };
  }

  private static Refusal refusal(Verdict.Failure failure) {
    return switch (failure) {
      case FINGERPRINT_VALIDATION_FAILED -> Refusal.FINGERPRINT; // arrow 10
      case TOKEN_VALIDATION_FAILED, TOKEN_EXPIRED -> Refusal.TOKEN; // arrow 14
    };
  }
}
