package parlour.events;

import java.time.Duration;
import java.util.function.Consumer;
import parlour.Sid;

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

  /**
   * Asks for the events of a conversation or an account from other processes, for a minute at least.
   * Does not wait. They arrive as soon as {@link BusEvent.EventsArrive} was published in this process.
   */
  void follow(Sid of);

  /**
   * The longest time that a waiter may sleep without an event of a conversation or an account before
   * it polls the store.
   */
  Duration pollInterval(Sid of);
}
