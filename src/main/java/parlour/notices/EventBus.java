package parlour.notices;

import java.time.Duration;
import java.util.function.Consumer;

/** Publishes events to the subscribers of every process, first to those of this one. */
public interface EventBus {

  /**
   * Publishes an event, after the change was committed. Does not wait and does not throw. The
   * event may be lost on its way to other processes.
   */
  void publish(BusEvent event);

  /**
   * Adds a subscriber, which receives every event from now on.
   *
   * @param subscriber must return at once, and must not throw
   */
  void subscribe(Consumer<BusEvent> subscriber);

  /** The longest time that a waiter may sleep without an event before it polls the store. */
  Duration pollInterval();
}
