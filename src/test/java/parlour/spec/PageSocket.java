package parlour.spec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import parlour.http.server.WireSocket;

/**
 * A realtime socket as a page opens it, on which a test can also send what the published client never
 * sends.
 */
final class PageSocket implements SdkSocket.Wire {
  private final WireSocket socket;

  private PageSocket(WireSocket socket) {
    this.socket = socket;
  }

  static PageSocket open(Installation installation) throws IOException {
    StringBuilder headers = new StringBuilder("Origin: " + Installation.ORIGIN + "\r\n");
    Browser.CHROME_ON_WINDOWS.headers().forEach((name, value) -> {
      if (!name.startsWith("x-")) { // no page can set any
        headers.append(name + ": " + value + "\r\n");
      }
    });
    WireSocket socket =
        WireSocket.open(installation.edge().getPort(), "/v3/wsconnect", headers.toString());
    assertThat(socket.head()).startsWith("HTTP/1.1 101");
    return new PageSocket(socket);
  }

  /** Presents the token of a guest, which must be accepted. */
  SdkSocket enters(Guest guest) throws IOException {
    SdkSocket client = new SdkSocket(this);
    assertThat(client.init(guest.token())).isEqualTo(200);
    return client;
  }

  WireSocket frames() {
    return socket;
  }

  @Override
  public void send(byte[] message) throws IOException {
    socket.sendBytes(new String(message, ISO_8859_1));
  }

  @Override
  public byte[] receive() throws IOException {
    return socket.receiveBytes().getBytes(ISO_8859_1);
  }

  /** The server closes the socket, with a reason; what it has sent before is skipped. */
  void assertClosed(int code) throws IOException {
    WireSocket.Frame closed = socket.next();
    while (closed.opcode() != WireSocket.CLOSE) {
      closed = socket.next();
    }
    assertThat(closed.code()).as(closed.payload()).isEqualTo(code);
    assertThat(closed.payload().substring(2)).isNotBlank().doesNotContain("secret");
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
