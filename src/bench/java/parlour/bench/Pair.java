package parlour.bench;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Two clients that send each other messages in turns. A call sends a message, and ends when the
 * other client has received it. They stay connected between the windows, so that no window contains
 * their start.
 */
final class Pair implements Caller {
  private final Opening opening;
  private @Nullable Talk talk;
  private long said;
  private long received;

  /** How the two connect. */
  @FunctionalInterface
  interface Opening {
    Talk open() throws IOException;
  }

  /** The connections of the two. */
  interface Talk extends AutoCloseable {
    /**
     * Sends a message, and waits until the other one has it.
     *
     * @param number of the message, from 1: the first of the two sends the odd ones
     */
    void say(String body, long number) throws IOException;

    @Override
    void close();
  }

  Pair(Opening opening) {
    this.opening = opening;
  }

  /** The messages that were sent, whether or not they arrived. */
  long said() {
    return said;
  }

  /** The messages that arrived. */
  long received() {
    return received;
  }

  @Override
  public void connect() throws IOException {
    if (talk == null) {
      talk = opening.open();
    }
  }

  @Override
  public void call() throws IOException {
    if (talk == null) {
      throw new IOException("not connected");
    }
    said++;
    talk.say("Is it open on Sundays? " + said, said);
    received++;
  }

  @Override
  public void recover() throws IOException {
    if (talk != null) {
      talk.close();
      talk = null;
    }
    connect();
  }

  /** Only the end of the bench disconnects. */
  @Override
  public void close() {}
}
