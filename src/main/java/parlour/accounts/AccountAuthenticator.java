package parlour.accounts;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.trace.SecurityLog;
import parlour.trace.SecurityLog.Event;

/** Authenticates an account's servers: HTTP Basic (RFC 7617) with its sid and auth token. */
public final class AccountAuthenticator {
  private static final byte[] NOBODY = new byte[32];

  private final Accounts accounts;

  private final SecurityLog security;

  public AccountAuthenticator(Accounts accounts, SecurityLog security) {
    this.accounts = accounts;
    this.security = security;
  }

  /** Logs an action of an account's server. */
  public void did(Event event, Sid.Account account, Sid object) {
    security.write(event, account.text(), object.text());
  }

  /**
   * The account whose server calls; empty if the header is missing or wrong.
   *
   * @param authorization the header as it was received
   */
  public Optional<Sid.Account> signedIn(@Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return Optional.empty();
    }
    try {
      String pair = new String(
          Base64.getDecoder().decode(authorization.substring(6).strip()), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      Sid.Account account = new Sid.Account(colon < 0 ? "" : pair.substring(0, colon));
      // An unknown account is compared, too, so that the time does not reveal which exist.
      Optional<byte[]> known = accounts.authTokenDigest(account);
      byte[] given = GeneratedSecrets.digest(pair.substring(colon + 1));
      if (MessageDigest.isEqual(known.orElse(NOBODY), given)) {
        return Optional.of(account);
      }
      security.write(Event.ACCOUNT_REFUSED, known.isPresent() ? account.text() : "unknown", "");
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      security.write(Event.ACCOUNT_REFUSED, "unknown", "");
      return Optional.empty();
    }
  }
}
