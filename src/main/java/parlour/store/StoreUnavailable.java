package parlour.store;

import org.jspecify.annotations.Nullable;
import parlour.Unavailable;

/** The store can't decide now: down, busy, full queue, out of time. Never a refusal. */
public final class StoreUnavailable extends Unavailable {
  private static final long serialVersionUID = 1L;

  StoreUnavailable(String who, String why, @Nullable Throwable cause) {
    super(who, why, cause);
  }
}
