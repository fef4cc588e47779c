package parlour.conversations;

import parlour.Unavailable;

/** Asks for revocations all the time, as a process does; an outage is logged there. */
final class Noticing implements AutoCloseable {
  private final Thread thread;

  Noticing(Revocations revocations) {
    thread = Thread.ofVirtual().start(() -> {
      try {
        while (true) {
          Thread.sleep(20);
          try {
            revocations.notice();
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
