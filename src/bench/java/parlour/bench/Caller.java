package parlour.bench;

import java.io.IOException;

/** One who calls without pause as long as a window lasts, on a connection that lasts as long. */
interface Caller extends AutoCloseable {

  /** Before the clock runs. */
  void connect() throws IOException;

  /**
   * A call, until all is there that was waited for.
   *
   * @throws IllegalStateException if the answer is another one than was expected
   */
  void call() throws IOException;

  /** Begins anew after a failure: the connection, and what was kept, may be of no use any more. */
  void recover() throws IOException;

  /** Hangs up, until the next window. */
  @Override
  void close();
}
