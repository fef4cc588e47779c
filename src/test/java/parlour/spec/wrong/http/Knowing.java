package parlour.spec.wrong.http;

import org.jspecify.annotations.Nullable;
import parlour.errors.Problem;
import parlour.federatedauth.FederatedAuth;
import parlour.spec.wrong.starship.Overreached;

/** A shared tool that uses a participant, an error code, and its own user. */
public final class Knowing {
  @Nullable
  FederatedAuth federatedAuth;

  @Nullable
  Problem problem;

  @Nullable
  Overreached overreached;
}
