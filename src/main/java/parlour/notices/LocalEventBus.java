package parlour.notices;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The notices of one process, which nobody else hears. */
public final class LocalEventBus implements EventBus {
  private final List<Consumer<BusEvent>> listeners = new CopyOnWriteArrayList<>();
  private final Duration patience;

  /**
   * @param patience short where other processes change the same store, of whom nothing is heard
   */
  public LocalEventBus(Duration patience) {
    this.patience = patience;
  }

  @Override
  public void tell(BusEvent notice) {
    for (Consumer<BusEvent> listener : listeners) {
      listener.accept(notice);
    }
  }

  @Override
  public void listen(Consumer<BusEvent> listener) {
    listeners.add(listener);
  }

  @Override
  public Duration patience() {
    return patience;
  }
}
