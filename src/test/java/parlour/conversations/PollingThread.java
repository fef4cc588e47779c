package parlour.conversations;

import parlour.Unavailable;

/** Asks for revocations all the time, as a process does; an outage is logged there. */
final class PollingThread implements AutoCloseable {
  private final Thread thread;

  PollingThread(Revocations revocations) {
    thread = Thread.ofVirtual().start(() -> {
      try {
        while (true) {
          Thread.sleep(20);
          try {
            revocations.poll();
          } catch (Unavailable outage) {
            // it asks again
          }
        }
      } catch (InterruptedException closed) {
        // nobody needs it any more
      }
    });
  }

  @Override
  public void close() {
    thread.interrupt(); // it changes nothing that anybody looks at
  }
}
