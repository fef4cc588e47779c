package parlour.spec.wrong.store;

import org.jspecify.annotations.Nullable;
import parlour.accounts.Accounts;
import parlour.http.server.ApiResponse;

/** A store that uses a domain class and an HTTP class. */
final class Curious {
  @Nullable
  Accounts accounts;

  @Nullable
  ApiResponse response;
}
