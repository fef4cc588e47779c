package parlour.scopedauth;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How much of the browser must be unchanged (in the contract: FingerprintSensitivity).
 *
 * <p>The levels are in order. A comparison uses the lower one of the level when the token was
 * issued and the current level, so that raising the level interrupts nobody.
 */
public enum Sensitivity {
  /** The token alone decides. */
  OFF,
  /** The same comparison as medium, but a difference is only counted and traced. */
  OBSERVE,
  /** The browser's family and the operating system must be the same; its version can change. */
  LOW,
  /** As low, and at most one of language, cookies-enabled and time zone can differ. */
  MEDIUM,
  /** Every signal must be the same. */
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

  /** Whether a browser that differs in these signals still counts as the same. */
  boolean tolerates(Set<Signal> differing) {
    return switch (this) {
      case OFF -> true;
      case LOW -> sameFamily(differing);
      case OBSERVE, MEDIUM -> sameFamily(differing) && changed(differing).size() <= 1;
      case HIGH -> differing.isEmpty();
    };
  }

  private static boolean sameFamily(Set<Signal> differing) {
    return !differing.contains(Signal.BROWSER) && !differing.contains(Signal.SYSTEM);
  }

  /** Those of which medium tolerates one. */
  static Set<Signal> changed(Set<Signal> differing) {
    Set<Signal> changed = EnumSet.of(Signal.LANGUAGE, Signal.COOKIES, Signal.TIME_ZONE);
    changed.retainAll(differing);
    return changed;
  }

  /**
   * Whether a signal that differs for too many guests only observes for a while. An operator who
   * demands every signal wants none of them to be ignored.
   */
  public boolean hasBudget() {
    return this == LOW || this == MEDIUM;
  }

  /** Whether this level refuses a browser that differs too much. */
  boolean refuses() {
    return this != OBSERVE && this != OFF;
  }
}
