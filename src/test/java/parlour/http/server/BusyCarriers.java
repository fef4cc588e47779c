package parlour.http.server;

import java.util.concurrent.CountDownLatch;

/** As many virtual threads that never wait as there are carriers: no other one gets its turn. */
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
