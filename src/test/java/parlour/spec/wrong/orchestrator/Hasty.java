package parlour.spec.wrong.orchestrator;

import org.jspecify.annotations.Nullable;
import parlour.scopedauth.ScopedAuth;
import parlour.starship.Starship;

/** Calls ScopedAuth without FederatedAuth, and uses the edge, its caller. */
final class Hasty {
  @Nullable
  ScopedAuth scopedAuth;

  @Nullable
  Starship starship;
}
