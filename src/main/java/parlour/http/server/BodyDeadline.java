package parlour.http.server;

import java.time.Duration;
import parlour.Limits;

/**
 * The time in which a request's body must arrive.
 *
 * @param whole time for the whole body, however steadily it arrives
 * @param step time for each further {@link Limits#BODY_STEP} of a long body
 */
public record BodyDeadline(Duration whole, Duration step) {
  public static final BodyDeadline DEFAULT =
      new BodyDeadline(Limits.BODY_DEADLINE, Limits.BODY_STEP_DEADLINE);
}
