package parlour.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import parlour.config.Config;
import parlour.config.Setting;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;

/** A node whose clock is ahead, so that there a minute has already passed. */
final class FakeNode {
  private FakeNode() {}

  /**
   * @param arguments the seconds by which its clock is ahead, and SETTING=VALUE of each setting
   * that
   *     is not in the environment
   */
  public static void main(String[] arguments) throws InterruptedException {
    Duration ahead = Duration.ofSeconds(Long.parseLong(arguments[0]));
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    for (int i = 1; i < arguments.length; i++) {
      String[] pair = arguments[i].split("=", 2);
      settings.put(Setting.valueOf(pair[0]), pair[1]);
    }
    Config config = Config.read(Optional.empty(), System.getenv(), settings);
    try (ParlourProcess node =
        ParlourProcess.start(config, () -> Instant.now().plus(ahead), ServiceDecorators.NONE)) {
      System.err.println("ahead by " + ahead + " at " + node.internalAddress());
      Thread.sleep(Duration.ofMinutes(5)); // until it is killed, or its test has died
    }
  }
}
