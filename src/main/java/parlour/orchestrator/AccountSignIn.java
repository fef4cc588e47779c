package parlour.orchestrator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;

/** Lets an account's servers in: HTTP Basic (RFC 7617) with the account's sid and auth token. */
public final class AccountSignIn {
  private static final byte[] NOBODY = new byte[32];

  private final Accounts accounts;

  public AccountSignIn(Accounts accounts) {
    this.accounts = accounts;
  }

  /**
   * Whose server it is; empty where the header is missing or wrong.
   *
   * @param authorization the header as it came
   */
  Optional<Sid.Account> signedIn(@Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return Optional.empty();
    }
    try {
      String pair = new String(
          Base64.getDecoder().decode(authorization.substring(6).strip()), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      Sid.Account account = new Sid.Account(colon < 0 ? "" : pair.substring(0, colon));
      // An account that is not there is compared too, so that time does not tell which there are.
      byte[] kept = accounts.authTokenDigest(account).orElse(NOBODY);
      return MessageDigest.isEqual(kept, Passwords.digest(pair.substring(colon + 1)))
          ? Optional.of(account)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
