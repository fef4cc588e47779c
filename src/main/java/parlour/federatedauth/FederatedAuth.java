package parlour.federatedauth;

import java.time.Duration;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Presented;

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
}
