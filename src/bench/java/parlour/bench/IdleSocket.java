package parlour.bench;

import java.io.IOException;

/** A socket that waits while nothing is said, and answers pings as a browser does. */
interface IdleSocket extends AutoCloseable {

  /** Opens one for a guest. */
  @FunctionalInterface
  interface Kind {
    IdleSocket open(Guest guest) throws IOException;
  }

  /** Our own stream. */
  static IdleSocket ofStream(Guest guest) throws IOException {
    Line line = guest.stream();
    return new IdleSocket() {
      @Override
      public void answersPing() throws IOException {
        if (line.hear().contains("\"ping\"")) {
          line.say("{\"type\":\"pong\"}");
        }
      }

      @Override
      public void close() {
        line.close();
      }
    };
  }

  /** A socket of the published client, after all requests of its start. */
  static IdleSocket ofSdk(Guest guest) throws IOException {
    SdkLine line = guest.sdkStream();
    return new IdleSocket() {
      @Override
      public void answersPing() throws IOException {
        var _ = line.socket().next();
      }

      @Override
      public void close() {
        line.close();
      }
    };
  }

  /** Waits for one frame, and answers it. Throws when the socket is closed. */
  void answersPing() throws IOException;

  @Override
  void close();
}
