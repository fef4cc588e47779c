package parlour.spec.wrong.store;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;

/** Takes clocks and randomness that nobody passed, prints, and computes with BigDecimal. */
final class SelfSupplied {
  private SelfSupplied() {}

  static double any() {
    System.err.println(InstantSource.system().millis() + System.currentTimeMillis());
    System.err.println(Duration.ofSeconds(1).multipliedBy(2).dividedBy(2));
    System.err.println(Duration.ofSeconds(2).dividedBy(Duration.ofSeconds(1)));
    return new Random().nextDouble() + Math.random();
  }
}
