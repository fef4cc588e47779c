package parlour.http.server;

import java.time.Duration;
import parlour.Limits;

/**
 * The time in which a request's body must arrive.
 *
 * @param whole time for the whole body, however steadily it arrives
 * @param step time for each further {@code stepBytes} of a long body
 */
public record BodyDeadline(Duration whole, Duration step, int stepBytes) {
  public static final BodyDeadline DEFAULT =
      new BodyDeadline(Limits.BODY_DEADLINE, Limits.BODY_STEP_DEADLINE);

  /** The deadline of a file. */
  public static final BodyDeadline OF_FILE =
      new BodyDeadline(Limits.UPLOAD_DEADLINE, Limits.BODY_STEP_DEADLINE, Limits.UPLOAD_STEP);

  public BodyDeadline(Duration whole, Duration step) {
    this(whole, step, Limits.BODY_STEP);
  }
}
