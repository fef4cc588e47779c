package parlour.http;

import java.time.Duration;
import parlour.Limits;

/**
 * How long a body may take.
 *
 * @param whole to arrive whole, however steadily it drips
 * @param step for each further {@link Limits#BODY_STEP} once it is a long one
 */
public record BodyDeadline(Duration whole, Duration step) {
  public static final BodyDeadline DEFAULT =
      new BodyDeadline(Limits.BODY_DEADLINE, Limits.BODY_STEP_DEADLINE);
}
