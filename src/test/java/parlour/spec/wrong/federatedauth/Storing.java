package parlour.spec.wrong.federatedauth;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;
import parlour.conversations.Conversations;
import parlour.store.Database;

/** Stores data and makes random numbers instead of calling ScopedAuth. */
final class Storing {
  private final SecureRandom random = new SecureRandom();

  @Nullable
  Database database;

  @Nullable
  Conversations conversations;

  int any() {
    return random.nextInt();
  }
}
