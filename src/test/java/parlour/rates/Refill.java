package parlour.rates;

/**
 * The drops that buckets get back while a test runs, so that a loaded machine makes no test fail.
 */
public final class Refill {
  private final long began = System.nanoTime();
  private final Rate rate;

  private Refill(Rate rate) {
    this.rate = rate;
  }

  /** Counts from now on. */
  public static Refill of(Rate rate) {
    return new Refill(rate);
  }

  /** How many calls one bucket can have admitted more than its rate, until now. */
  public int calls() {
    return (int) ((System.nanoTime() - began) / rate.refillNanos(1)) + 1;
  }
}
