package parlour.spec.wrong.conversations;

import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import parlour.orchestrator.FlexWebchatOrchestrator;

/** Against the arrows, and with a server of its own. */
final class Sideways {
  @Nullable
  FlexWebchatOrchestrator orchestrator;

  @Nullable
  Server server;
}
