package parlour.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Suggests a known name for a misspelled one. */
final class Spelling {
  private static final int MAX_DISTANCE = 3;

  private Spelling() {}

  /** The known name that is most similar to this one; empty if none is similar enough. */
  static Optional<String> nearest(String name, Stream<String> known) {
    return known
        .min(Comparator.comparingInt(one -> distance(one, name)))
        .filter(one -> distance(one, name) <= MAX_DISTANCE);
  }

  /** The end of a message about an unknown name; empty if no known one is similar enough. */
  static String didYouMean(String name, Stream<String> known) {
    return nearest(name, known).map(one -> ": did you mean " + one + "?").orElse("");
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
