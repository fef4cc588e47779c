package parlour.scopedauth;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The answer to the question whether a browser holds the key of the token that it presents. */
enum KeyCheck {
  /** The token is not bound to a key, so that the fingerprint decides. */
  UNBOUND(null),
  PROVEN(null),
  MISSING(RefusalReason.KEY_MISSING),
  WRONG(RefusalReason.KEY_WRONG),
  /** The browser holds the key, but this proof was answered before. */
  REPLAYED(RefusalReason.KEY_REPLAYED);

  private final @Nullable RefusalReason reason;

  KeyCheck(@Nullable RefusalReason reason) {
    this.reason = reason;
  }

  /** The reason to refuse the browser; empty if there is none. */
  Optional<RefusalReason> refusal() {
    return Optional.ofNullable(reason);
  }
}
