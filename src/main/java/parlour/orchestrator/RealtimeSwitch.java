package parlour.orchestrator;

import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.accounts.Configuration;
import parlour.trace.LinesPerMinute;
import parlour.trace.Trace;

/**
 * Whether a deployment lets clients in that Parlour did not make. Where it does not, they are
 * refused as with any other bad token, and only the log shows the reason and the command that
 * changes it, in a limited number of lines a minute.
 */
final class RealtimeSwitch {
  private static final Logger log = LoggerFactory.getLogger(RealtimeSwitch.class);

  private final LinesPerMinute lines;

  RealtimeSwitch(InstantSource clock) {
    lines = new LinesPerMinute(clock);
  }

  boolean isOn(Configuration configuration) {
    if (!configuration.realtime() && lines.admitted() >= 0) {
      log.warn(
          "trace {}: refused a client on the realtime socket, which is off for {}:"
              + " ./parlour deployments update {} --realtime on",
          Trace.current().shortId(),
          configuration.deployment().text(),
          configuration.deployment().text());
    }
    return configuration.realtime();
  }
}
