package parlour.store;

import org.jspecify.annotations.Nullable;
import parlour.Unavailable;

/** A store could not decide: it is down or busy, its queue is full, or the deadline has passed. */
public final class StoreUnavailable extends Unavailable {
  private static final long serialVersionUID = 1L;

  StoreUnavailable(String who, String why, @Nullable Throwable cause) {
    super(who, why, cause);
  }
}
