package parlour.spec.wrong.accounts;

import org.jspecify.annotations.Nullable;
import parlour.http.server.ApiResponse;

/** An account that makes HTTP answers. */
final class Served {
  @Nullable
  ApiResponse answer;
}
