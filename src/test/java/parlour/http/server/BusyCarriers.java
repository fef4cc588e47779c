package parlour.http.server;

import java.util.concurrent.CountDownLatch;

/** Occupies every carrier with a virtual thread that never waits, so that no other one runs. */
public final class BusyCarriers implements AutoCloseable {
  private volatile boolean over;

  private BusyCarriers() throws InterruptedException {
    int carriers = Runtime.getRuntime().availableProcessors();
    var busy = new CountDownLatch(carriers);
    for (int i = 0; i < carriers; i++) {
      Thread.startVirtualThread(() -> {
        busy.countDown();
        while (!over) {
          Thread.onSpinWait();
        }
      });
    }
    busy.await();
  }

  public static BusyCarriers all() throws InterruptedException {
    return new BusyCarriers();
  }

  @Override
  public void close() {
    over = true;
  }
}
