package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PacedEndPointTest {
  private ServerSocketChannel port;
  private SocketChannel client;
  private SocketChannel channel;
  private Selector selector;
  private PacedEndPoint endPoint;

  @BeforeEach
  void connect() throws IOException {
    port =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    client = SocketChannel.open(port.getLocalAddress());
    channel = port.accept();
    channel.configureBlocking(false);
    selector = Selector.open();
    endPoint = new PacedEndPoint(
        channel,
        idleSelector(),
        channel.register(selector, SelectionKey.OP_READ),
        new ScheduledExecutorScheduler(),
        _ -> Optional.empty());
  }

  @AfterEach
  void disconnect() throws IOException {
    client.close();
    channel.close();
    selector.close();
    port.close();
  }

  @Test
  void after_a_read_that_emptied_the_socket_the_next_one_comes_after_a_wait() throws IOException {
    ByteBuffer buffer = BufferUtil.allocate(8);
    send("one");
    assertThat(endPoint.fill(buffer)).isEqualTo(3);
    BufferUtil.clear(buffer);
    send("two");
    assertThat(endPoint.fill(buffer)).isZero();
    assertThat(endPoint.fill(buffer)).isZero();
    endPoint.fillInterested(Callback.NOOP);
    assertThat(endPoint.fill(buffer)).isEqualTo(3);
    assertThat(BufferUtil.toString(buffer)).isEqualTo("two");
  }

  @Test
  void after_a_read_that_filled_the_buffer_the_rest_is_read_without_a_wait() throws IOException {
    ByteBuffer buffer = BufferUtil.allocate(4);
    send("onetwo");
    assertThat(endPoint.fill(buffer)).isEqualTo(4);
    BufferUtil.clear(buffer);
    assertThat(endPoint.fill(buffer)).isEqualTo(2);
    assertThat(BufferUtil.toString(buffer)).isEqualTo("wo");
  }

  @Test
  void the_end_of_the_input_is_read_after_a_wait_and_again() throws IOException {
    ByteBuffer buffer = BufferUtil.allocate(4);
    send("one");
    assertThat(endPoint.fill(buffer)).isEqualTo(3);
    BufferUtil.clear(buffer);
    client.shutdownOutput();
    awaitReadable();
    assertThat(endPoint.tryFillInterested(Callback.NOOP)).isTrue();
    assertThat(endPoint.fill(buffer)).isEqualTo(-1);
    assertThat(endPoint.fill(buffer)).isEqualTo(-1);
  }

  private void send(String text) throws IOException {
    client.write(BufferUtil.toBuffer(text));
    awaitReadable();
  }

  private void awaitReadable() throws IOException {
    assertThat(selector.select(_ -> {})).isEqualTo(1);
  }

  /** Only accepts the requests of its end points to be woken. */
  private static ManagedSelector idleSelector() {
    return new ManagedSelector(
        new SelectorManager(Runnable::run, new ScheduledExecutorScheduler()) {
          @Override
          protected EndPoint newEndPoint(
              SelectableChannel ofClient, ManagedSelector selector, SelectionKey key) {
            throw new UnsupportedOperationException();
          }

          @Override
          public Connection newConnection(
              SelectableChannel ofClient, EndPoint opened, Object attachment) {
            throw new UnsupportedOperationException();
          }
        },
        0);
  }
}
