package parlour.bench;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A guest who sends messages as {@link GuestCaller} does, and receives each of them over a socket of
 * the published client. So both differ only in how a message is delivered.
 */
final class SdkCaller implements Caller {
  private final Guest guest;
  private @Nullable SdkLine stream;
  private long said = -1;

  SdkCaller(Guest guest) {
    this.guest = guest;
  }

  @Override
  public void connect() throws IOException {
    guest.reconnect();
    stream = guest.sdkStream();
  }

  @Override
  public void call() throws IOException {
    if (stream == null) {
      throw new IOException("no socket is open");
    }
    said = GuestCaller.index(guest.say("Is it open on Sundays?", "s" + (said + 1)));
    stream.hears(said);
  }

  @Override
  public void recover() throws IOException {
    close();
    guest.reconnect();
    guest.startOver();
    said = -1;
    connect();
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
    guest.close();
  }
}
