package parlour.spec.wrong.conversations;

import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import parlour.errors.ErrorCode;
import parlour.orchestrator.FlexWebchatOrchestrator;

/** Uses a caller of its package, Jetty, and an error code of the APIs. */
final class Sideways {
  @Nullable
  FlexWebchatOrchestrator orchestrator;

  @Nullable
  Server server;

  @Nullable
  ErrorCode code;
}
