package parlour.bench;

import java.io.IOException;
import java.util.List;
import parlour.spec.SdkSocket;

/**
 * A socket of the published client on a plain connection.
 *
 * @param socket its requests and acknowledgements
 */
record SdkLine(Line line, SdkSocket socket) implements AutoCloseable {

  private record Wire(Line line) implements SdkSocket.Wire {
    @Override
    public void send(byte[] message) throws IOException {
      line.send(message);
    }

    @Override
    public byte[] receive() throws IOException {
      return line.receive();
    }

    @Override
    public void close() {
      line.close();
    }
  }

  /** Makes all requests of the package's start, and follows the conversation. */
  static SdkLine open(Line line, String token, String conversation) throws IOException {
    SdkSocket socket = new SdkSocket(new Wire(line));
    long status = socket.init(token);
    if (status != 200) {
      throw new IllegalStateException("init: " + status);
    }
    List<SdkSocket.Followed> objects = socket.reads(conversation);
    socket.follows(objects);
    int established = 0;
    while (established < objects.size()) {
      if (socket.next().text().contains("\"subscription_established\"")) {
        established++;
      }
    }
    return new SdkLine(line, socket);
  }

  /** Waits for the event of a message. Acknowledges all frames until then. */
  void hears(long index) throws IOException {
    String item = "\"item_index\":" + index + ",";
    String frame = "";
    while (!(frame.contains("\"list_item_added\"") && frame.contains(item))) {
      frame = socket.next().text();
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
