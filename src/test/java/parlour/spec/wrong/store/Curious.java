package parlour.spec.wrong.store;

import org.jspecify.annotations.Nullable;
import parlour.http.Answer;
import parlour.orchestrator.Accounts;

/** A store that knows what it stores, and for whom. */
final class Curious {
  @Nullable
  Accounts accounts;

  @Nullable
  Answer answer;
}
