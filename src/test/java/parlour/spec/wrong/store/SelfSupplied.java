package parlour.spec.wrong.store;

import java.time.InstantSource;
import java.util.Random;

/** Takes clocks and randomness that nobody passed, and prints. */
final class SelfSupplied {
  private SelfSupplied() {}

  static double any() {
    System.err.println(InstantSource.system().millis() + System.currentTimeMillis());
    return new Random().nextDouble() + Math.random();
  }
}
