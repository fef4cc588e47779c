package parlour.spec.wrong.http;

import org.jspecify.annotations.Nullable;
import parlour.federatedauth.FederatedAuth;
import parlour.spec.wrong.starship.Overreached;

/** A tool that knows a participant, and who uses it. */
public final class Knowing {
  @Nullable
  FederatedAuth federatedAuth;

  @Nullable
  Overreached overreached;
}
