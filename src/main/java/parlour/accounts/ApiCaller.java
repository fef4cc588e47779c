package parlour.accounts;

import java.util.Optional;
import java.util.Set;
import parlour.Sid;
import parlour.accounts.ApiKeys.Scope;

/**
 * A program that calls the server-side API, after it was authenticated.
 *
 * @param key with which it calls; empty if it has the account's auth token, which permits everything
 */
public record ApiCaller(Sid.Account account, Optional<Sid.ApiKey> key, Set<Scope> scopes) {
  public ApiCaller {
    scopes = Set.copyOf(scopes);
  }

  static ApiCaller withAuthToken(Sid.Account account) {
    return new ApiCaller(account, Optional.empty(), Set.of(Scope.values()));
  }

  static ApiCaller with(ApiKeys.ApiKey key) {
    return new ApiCaller(key.account(), Optional.of(key.sid()), key.scopes());
  }

  /** The sid that the log and the ledger name. */
  String actor() {
    return key.map(Sid::text).orElse(account.text());
  }
}
