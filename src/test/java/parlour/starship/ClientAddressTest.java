package parlour.starship;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.errors.Errors;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.server.Wire;

@Timeout(120)
class ClientAddressTest {
  private static final List<String> OURS = List.of("127.0.0.1", "10.0.0.0/8");

  @Test
  void the_header_of_a_stranger_is_ignored() throws Exception {
    assertThat(counted(List.of(), "6.6.6.6")).isEqualTo("7f000001");
    assertThat(counted(OURS, "6.6.6.6, 192.0.2.1, 10.0.0.7")).isEqualTo("c0000201");
  }

  @Test
  void a_quotation_mark_of_a_stranger_hides_nothing_that_our_proxy_adds() throws Exception {
    for (String forged : List.of("\"", "6.6.6.6, \"", "a=\"b", "\\\"", ",,", "x;\"y")) {
      assertThat(counted(List.of(), forged)).as(forged).isEqualTo("7f000001");
      assertThat(counted(OURS, forged + ", 192.0.2.1")).as(forged).isEqualTo("c0000201");
      assertThat(counted(OURS, forged + "\r\nX-Forwarded-For: 192.0.2.1"))
          .as(forged)
          .isEqualTo("c0000201");
    }
  }

  @Test
  void guests_of_a_proxy_that_writes_ports_are_distinguished() throws Exception {
    assertThat(counted(OURS, "192.0.2.1:4711")).isEqualTo("c0000201");
    assertThat(counted(OURS, "[2001:db8::1]:4711"))
        .isEqualTo(counted(OURS, "2001:db8::2"))
        .isEqualTo("20010db800000000");
  }

  private static String counted(List<String> trusted, String forwardedFor) throws Exception {
    var address = new ClientAddress(new Proxies(trusted));
    var handler = new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        byte[] client = address.of(request).getBytes(StandardCharsets.UTF_8);
        response.write(true, ByteBuffer.wrap(client), callback);
        return true;
      }
    };
    try (var listener =
        Listener.start(Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), handler)) {
      String answer = Wire.exchange(
          listener.port(),
          "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: "
              + forwardedFor
              + "\r\n\r\n");
      return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }
  }
}
