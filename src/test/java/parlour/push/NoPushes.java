package parlour.push;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import parlour.store.Database;

/** Web Push as it is by default: off. */
public final class NoPushes {
  private NoPushes() {}

  public static PushSubscriptions over(Database database) {
    return new PushSubscriptions(
        new SqlPushQueue(database),
        new PushServices(List.of()),
        Optional.empty(),
        InstantSource.system());
  }
}
