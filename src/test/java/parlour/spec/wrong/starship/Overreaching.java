package parlour.spec.wrong.starship;

import java.sql.Connection;
import java.time.Instant;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.Nullable;
import parlour.accounts.Directory;
import parlour.cli.Main;
import parlour.config.Config;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthService;
import parlour.spec.wrong.http.Knowing;

/** Does everything that the edge must not do. */
final class Overreaching {
  static int calls;

  @Deprecated
  @Nullable
  Directory directory;

  @Nullable
  ScopedAuth scopedAuth;

  @Generated("by nobody")
  @Nullable
  Connection connection;

  @Nullable
  ScopedAuthService service;

  @Nullable
  Knowing knowing;

  @Nullable
  Main main;

  Instant peeks(Config config) {
    calls++;
    System.out.println(config.data());
    return Instant.now();
  }
}
