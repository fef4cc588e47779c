package parlour.spec.wrong.store;

import org.jspecify.annotations.Nullable;
import parlour.accounts.Accounts;
import parlour.http.server.ApiResponse;

/** A store that knows what it stores, and for whom. */
final class Curious {
  @Nullable
  Accounts accounts;

  @Nullable
  ApiResponse response;
}
