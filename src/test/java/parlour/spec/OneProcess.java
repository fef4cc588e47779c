package parlour.spec;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import parlour.config.Config;
import parlour.config.Setting;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;

/** A whole Parlour in its own process, which a test can kill. Its clock may be ahead. */
final class OneProcess {
  private OneProcess() {}

  /**
   * @param arguments the seconds by which its clock is ahead, and SETTING=VALUE of each setting;
   * prints
   *     "ready" when it accepts calls
   */
  public static void main(String[] arguments) throws InterruptedException {
    Duration ahead = Duration.ofSeconds(Long.parseLong(arguments[0]));
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    for (int i = 1; i < arguments.length; i++) {
      String[] pair = arguments[i].split("=", 2);
      settings.put(Setting.valueOf(pair[0]), pair[1]);
    }
    settings.put(Setting.ROLES, "all");
    settings.put(Setting.INTERNAL_PORT, "0");
    Config config = Config.read(Optional.empty(), Map.of(), settings);
    try (ParlourProcess parlour =
        ParlourProcess.start(config, () -> Instant.now().plus(ahead), ServiceDecorators.NONE)) {
      System.out.println("ready " + parlour.publicAddress().orElseThrow());
      Thread.sleep(Duration.ofMinutes(5)); // until it is killed, or its test has died
    }
  }
}
