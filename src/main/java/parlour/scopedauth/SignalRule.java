package parlour.scopedauth;

import java.util.Locale;

/** An operator's rule for a signal in one deployment. */
public enum SignalRule {
  /** The signal decides, unless it differs in too many sessions. */
  AUTO,
  /** The signal decides, however often it differs. */
  DECIDE,
  /** The signal only observes. */
  OBSERVE;

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
