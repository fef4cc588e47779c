package parlour.notices;

import java.time.Duration;
import java.util.function.Consumer;

/** Telling every process that something happened, this one first. */
public interface EventBus {

  /** Tells it, after it happened. Never waits and never throws; may be lost on its way to others. */
  void tell(BusEvent notice);

  /** From now on hears what is told, here or elsewhere; must be quick, and not throw. */
  void listen(Consumer<BusEvent> listener);

  /** How long one who waits to be told waits at most before looking unasked. */
  Duration patience();
}
