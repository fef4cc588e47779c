package parlour.spec.wrong.conversations;

import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import parlour.orchestrator.FlexWebchatOrchestrator;

/** Uses a caller of its package, and Jetty. */
final class Sideways {
  @Nullable
  FlexWebchatOrchestrator orchestrator;

  @Nullable
  Server server;
}
