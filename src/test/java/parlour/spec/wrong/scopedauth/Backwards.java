package parlour.spec.wrong.scopedauth;

import org.jspecify.annotations.Nullable;
import parlour.federatedauth.FederatedAuth;

/** Uses a caller of its package. */
final class Backwards {
  @Nullable
  FederatedAuth federatedAuth;
}
