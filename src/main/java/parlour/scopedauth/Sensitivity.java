package parlour.scopedauth;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How much of the browser must still be the same (contract: FingerprintSensitivity).
 *
 * <p>In order: a comparison runs at the lower of the level at issue and the level now, so that
 * raising the level interrupts nobody.
 */
public enum Sensitivity {
  /** The token alone decides. */
  OFF,
  /** Compared as medium; a difference is counted and traced, never refused. */
  OBSERVE,
  /** The browser's family and the operating system; survives an update of the browser. */
  LOW,
  /** Low, and at most one of language, cookies-enabled and time zone differs. */
  MEDIUM,
  /** Every signal. */
  HIGH;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word on the wire, in configuration and on the command line. */
  public String word() {
    return word;
  }

  public static Optional<Sensitivity> of(String word) {
    for (Sensitivity sensitivity : values()) {
      if (sensitivity.word().equals(word)) {
        return Optional.of(sensitivity);
      }
    }
    return Optional.empty();
  }

  static Sensitivity lower(Sensitivity a, Sensitivity b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  /** Whether a browser that differs in these signals is still taken for the same one. */
  boolean tolerates(Set<Signal> differing) {
    return switch (this) {
      case OFF -> true;
      case LOW -> sameFamily(differing);
      case OBSERVE, MEDIUM -> sameFamily(differing) && drifted(differing) <= 1;
      case HIGH -> differing.isEmpty();
    };
  }

  private static boolean sameFamily(Set<Signal> differing) {
    return !differing.contains(Signal.BROWSER) && !differing.contains(Signal.SYSTEM);
  }

  private static int drifted(Set<Signal> differing) {
    Set<Signal> drifted = EnumSet.of(Signal.LANGUAGE, Signal.COOKIES, Signal.TIME_ZONE);
    drifted.retainAll(differing);
    return drifted.size();
  }

  /** Whether an intolerable difference is refused at this level. */
  boolean refuses() {
    return this != OBSERVE && this != OFF;
  }
}
