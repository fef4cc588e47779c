package parlour.federatedauth;

import java.time.Duration;
import java.util.Optional;
import parlour.scopedauth.Audience;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Presented;
import parlour.scopedauth.TokenAudience;

/**
 * The interface of FederatedAuthService (FAS): an account's guest tokens.
 *
 * <p>Every method throws {@link parlour.Unavailable} if the outcome could not be determined.
 */
public interface FederatedAuth {

  /** Opens a session and issues its first token ({@code POST /v1/Accounts/{AccountSid}/Tokens}). */
  Outcome.Issued create(NewGuest guest);

  /**
   * Renews a valid token, bound to the current fingerprint (arrow 6; {@code POST
   * /v1/Accounts/{AccountSid}/Tokens/refresh}).
   */
  Outcome refresh(Audience audience, Presented presented, Duration tokenTtl);

  /**
   * Checks a token and issues none ({@code POST /v1/Accounts/{AccountSid}/Tokens/validate}). No
   * other part of Parlour calls this: the contract has it as a call beside the refresh.
   */
  Validity validate(Audience audience, Presented presented);

  /**
   * Finds out whose deployment a token is for, without confirming it ({@code POST
   * /v1/GuestTokens/audience}); see {@link parlour.scopedauth.ScopedAuth#audienceOf}.
   */
  Optional<TokenAudience> audienceOf(GuestToken token);
}
