package parlour.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Configures the log of a command that has not read its settings yet, or that reads none: warnings
 * go to stderr as text. Logback finds this class by {@code META-INF/services}. Without it,
 * Logback's own default would print everything to stdout, between the lines of the command's
 * output.
 */
@ConfiguratorRank(ConfiguratorRank.FALLBACK)
public final class LogsBeforeSettings extends ContextAwareBase implements Configurator {
  @Override
  public ExecutionStatus configure(LoggerContext context) {
    Logs.write(context, "text", "warn");
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
