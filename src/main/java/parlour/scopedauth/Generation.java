package parlour.scopedauth;

/** The number of a token in its session: 1 for the first; each refresh issues the next one. */
public record Generation(long number) {
  static final Generation FIRST = new Generation(1);

  public Generation {
    if (number < 0) {
      throw new IllegalArgumentException("a generation must not be negative");
    }
  }

  boolean isAfter(Generation other) {
    return number > other.number;
  }

  Generation next() {
    return new Generation(number + 1);
  }

  Generation laterOf(Generation other) {
    return isAfter(other) ? this : other;
  }
}
