package parlour.events;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import parlour.Sid;

/** Delivers events within this process only. */
public final class LocalEventBus implements EventBus {
  private final List<Consumer<BusEvent>> subscribers = new CopyOnWriteArrayList<>();
  private final Duration pollInterval;

  /**
   * @param pollInterval short where other processes, whose events do not arrive, change the same
   *     store
   */
  public LocalEventBus(Duration pollInterval) {
    this.pollInterval = pollInterval;
  }

  @Override
  public void publish(BusEvent event) {
    for (Consumer<BusEvent> subscriber : subscribers) {
      subscriber.accept(event);
    }
  }

  @Override
  public void subscribe(Consumer<BusEvent> subscriber) {
    subscribers.add(subscriber);
  }

  /** Does nothing: no event arrives from other processes. */
  @Override
  public void follow(Sid of) {}

  @Override
  public Duration pollInterval(Sid of) {
    return pollInterval;
  }
}
