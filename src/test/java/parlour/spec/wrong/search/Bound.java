package parlour.spec.wrong.search;

import org.jspecify.annotations.Nullable;
import parlour.store.Database;

/** Reads the texts by itself. */
final class Bound {
  @Nullable
  Database database;
}
