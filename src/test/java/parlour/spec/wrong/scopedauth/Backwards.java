package parlour.spec.wrong.scopedauth;

import org.jspecify.annotations.Nullable;
import parlour.federatedauth.FederatedAuth;

/** Against the arrows. */
final class Backwards {
  @Nullable
  FederatedAuth federatedAuth;
}
