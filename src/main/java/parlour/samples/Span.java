package parlour.samples;

import java.time.Duration;
import java.time.Instant;
import parlour.Durations;
import parlour.Limits;

/** A time that a plot shows, and the steps in which it shows it. */
public enum Span {
  HOUR(Limits.SAMPLE_STEP_OF_HOUR, 60),
  DAY(Limits.SAMPLE_STEP_OF_DAY, 144),
  WEEK(Limits.SAMPLE_STEP_OF_WEEK, 168);

  private final Duration step;
  private final int steps;

  Span(Duration step, int steps) {
    this.step = step;
    this.steps = steps;
  }

  public Duration step() {
    return step;
  }

  /** How many steps a plot has. */
  public int steps() {
    return steps;
  }

  /** The beginning of the step that an instant is in. Steps begin at the same time everywhere. */
  Instant begin(Instant instant) {
    long millis = step.toMillis();
    return Instant.ofEpochMilli(Math.floorDiv(instant.toEpochMilli(), millis) * millis);
  }

  /** The beginning of the first of the complete steps that a plot shows at an instant. */
  Instant first(Instant now) {
    return begin(now).minus(Durations.times(step, steps));
  }
}
