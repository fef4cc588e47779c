package parlour.spec;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import parlour.Config;
import parlour.Config.Setting;
import parlour.Doors;
import parlour.Main;

/** A whole Parlour as a process of its own, which a test can kill; its clock may be ahead. */
final class OneProcess {
  private OneProcess() {}

  /**
   * @param arguments the data folder, the port for browsers, and the seconds by which its clock is
   *     ahead; says "ready" when it answers
   */
  public static void main(String[] arguments) throws InterruptedException {
    Duration ahead = Duration.ofSeconds(Long.parseLong(arguments[2]));
    Config config = Config.read(
        Optional.empty(),
        Map.of(),
        Map.of(
            Setting.DATA, arguments[0],
            Setting.PUBLIC_HOST, "127.0.0.1",
            Setting.PUBLIC_PORT, arguments[1],
            Setting.INTERNAL_PORT, "0",
            Setting.RATE_LIMITS, "off"));
    try (Main parlour = Main.start(config, () -> Instant.now().plus(ahead), Doors.OPEN)) {
      System.out.println("ready " + parlour.publicAddress().orElseThrow());
      Thread.sleep(Duration.ofMinutes(5)); // until it is killed, or forgotten
    }
  }
}
