package parlour.spec.wrong.orchestrator;

import org.jspecify.annotations.Nullable;
import parlour.scopedauth.ScopedAuth;
import parlour.starship.Starship;

/** Asks past FederatedAuth, and its own caller. */
final class Hasty {
  @Nullable
  ScopedAuth scopedAuth;

  @Nullable
  Starship starship;
}
