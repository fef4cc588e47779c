package parlour.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Replies that a server can send, and harmful ones of a hostile server. */
@Timeout(60)
class RedisConnectionTest {
  @AutoClose
  private final ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));

  RedisConnectionTest() throws IOException {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*2000000000\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        "$12345678901234567890\r\n",
        "$x\r\n",
        "%1\r\n+a\r\n+b\r\n",
        "+a line with half an end\rx",
      })
  void a_reply_that_does_not_fit_its_command_ends_the_connection(String reply) {
    assertThatThrownBy(() -> answered(reply)).isInstanceOf(JedisConnectionException.class);
  }

  @Test
  void a_line_without_end_ends_the_connection() {
    assertThatThrownBy(() -> answered("+" + "x".repeat(100_000)))
        .isInstanceOf(JedisConnectionException.class);
  }

  @Test
  void an_announced_size_is_not_allocated() {
    assertThatThrownBy(() -> answered("$2000000000\r\nx"))
        .isInstanceOf(JedisConnectionException.class);
  }

  @Test
  void every_kind_of_reply_is_read() {
    assertThat(answered("*6\r\n+OK\r\n:7\r\n$2\r\nhi\r\n$-1\r\n*-1\r\n$0\r\n\r\n"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .containsExactly(
            "OK".getBytes(US_ASCII), 7L, "hi".getBytes(US_ASCII), null, null, new byte[0]);
    assertThatThrownBy(() -> answered("-ERR no\r\n"))
        .isInstanceOf(JedisDataException.class)
        .hasMessage("ERR no");
    assertThat(answered("*2\r\n-ERR no\r\n:1\r\n"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .satisfies(list -> assertThat(list.getFirst()).isInstanceOf(JedisDataException.class));
  }

  /** The result of one reply to a PING, from a server that then closes the connection. */
  private Object answered(String reply) {
    Thread serving = Thread.ofVirtual().start(() -> serve(reply));
    RedisAddress address =
        RedisAddress.parse("redis://127.0.0.1:" + server.getLocalPort(), Optional.empty());
    try (RedisConnection connection = new RedisConnection(address, 5_000)) {
      connection.send(Command.PING);
      return Objects.requireNonNull(connection.next());
    } finally {
      serving.interrupt();
    }
  }

  /** Answers the commands with which a connection begins, and then with the reply. */
  private void serve(String reply) {
    try (Socket socket = server.accept()) {
      byte[] buffer = new byte[4096];
      String received = "";
      while (!received.contains("PING")) {
        int read = socket.getInputStream().read(buffer);
        if (read < 0) {
          return;
        }
        String part = new String(buffer, 0, read, US_ASCII);
        received += part;
        for (String line : part.lines().toList()) {
          if (List.of("CLIENT", "SELECT", "AUTH").contains(line)) {
            socket.getOutputStream().write("+OK\r\n".getBytes(US_ASCII));
          } else if (line.equals("HELLO")) {
            socket.getOutputStream().write("*2\r\n$5\r\nproto\r\n:2\r\n".getBytes(US_ASCII));
          }
        }
      }
      socket.getOutputStream().write(reply.getBytes(US_ASCII));
    } catch (IOException e) {
      // the other side has closed the connection
    }
  }
}
