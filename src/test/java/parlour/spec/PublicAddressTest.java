package parlour.spec;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** Parlour behind a proxy with TLS, with a public address. */
class PublicAddressTest {
  @AutoClose
  private static final Installation installation = Installation.start(
      Shape.ONE_PROCESS,
      ServiceDecorators.NONE,
      Map.of(Setting.PUBLIC_URL, "https://chat.example.com/"));

  @Test
  void the_inboxs_cookie_is_for_https_alone() {
    Installation.NewAgent agent = installation.agent();
    HttpResponse<String> in =
        Http.send(Http.request(installation.edge().resolve("/inbox/api/sign-in"))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(
                "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password())))
            .build());
    assertThat(in.headers().firstValue("Set-Cookie").orElseThrow()).endsWith("; Secure");
  }

  @Test
  void the_inbox_works_behind_a_proxy_that_passes_on_another_host() {
    Installation.NewAgent agent = installation.agent();
    String body = "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password());
    for (String[] one : new String[][] {
      {"https://chat.example.com", "127.0.0.1:8080", "200"},
      {"https://chat.example.com:443", "127.0.0.1:8080", "200"},
      {"http://chat.example.com", "chat.example.com", "403"},
      {"https://evil.example", "127.0.0.1:8080", "403"}
    }) {
      Raw.Answer answer =
          Raw.send(installation.edge(), """
          POST /inbox/api/sign-in HTTP/1.1
          Host: %s
          Origin: %s
          Content-Type: application/json
          Content-Length: %d""".formatted(one[1], one[0], body.length()), body);
      assertThat(answer.status()).as(one[0]).isEqualTo(Integer.parseInt(one[2]));
    }
  }

  @Test
  void without_the_public_address_a_host_that_a_caller_made_up_is_in_no_answer() {
    try (Installation unset = Installation.start(Shape.ONE_PROCESS)) {
      String pair = unset.account.text() + ":" + unset.authToken();
      String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      String head = "GET /v1/Conversations HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic " + basic
          + "\r\nConnection: close\r\n";
      var elsewhere = Raw.send(unset.edge(), head.formatted("evil.example"), "");
      assertThat(elsewhere.status()).isEqualTo(400);
      assertThat(elsewhere.body()).contains("public.url").doesNotContain("evil.example");
      for (String here : List.of("localhost:8080", "127.0.0.1", "[::1]:8080")) {
        var answer = Raw.send(unset.edge(), head.formatted(here), "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\"url\":\"http://" + here + "/v1/Conversations");
      }
    }
  }

  /** A proxy that changes Host would otherwise send the clients of the package to nowhere in silence. */
  @Test
  void without_the_public_address_the_log_names_once_the_host_that_addresses_of_files_begin_with()
      throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger("parlour.realtime.PublicAddress");
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    logger.addAppender(lines);
    try (Installation unset = Installation.start(Shape.ONE_PROCESS)) {
      PageSocket.open(unset).close(); // its Host is x
      PageSocket.open(unset).close();
      assertThat(lines.list)
          .singleElement()
          .extracting(ILoggingEvent::getFormattedMessage, as(STRING))
          .contains("public.url is not set", "was x:", "set public.url");
    } finally {
      logger.detachAppender(lines);
      logger.setAdditive(true);
      logger.setLevel(null);
    }
  }

  @Test
  void the_inboxs_socket_is_let_in_behind_such_a_proxy_too() throws IOException {
    Installation.NewAgent agent = installation.agent();
    String body = "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password());
    String set =
        Raw.send(installation.edge(), """
            POST /inbox/api/sign-in HTTP/1.1
            Host: 127.0.0.1
            Origin: https://chat.example.com
            Content-Type: application/json
            Content-Length: %d""".formatted(body.length()), body).headers().stream()
            .filter(header -> header.name().equalsIgnoreCase("Set-Cookie"))
            .findFirst()
            .orElseThrow()
            .value();
    String cookie = set.substring(0, set.indexOf(';'));
    assertThat(handshake("https://chat.example.com", cookie)).contains(" 101 ");
    assertThat(handshake("http://chat.example.com", cookie)).contains(" 403 ");
    assertThat(handshake("https://evil.example", cookie)).contains(" 403 ");
  }

  /** The status line of a browser's handshake, in which browsers do not send Sec-Fetch-Site. */
  private static String handshake(String origin, String cookie) throws IOException {
    URI edge = installation.edge();
    try (Socket socket = new Socket(edge.getHost(), edge.getPort())) {
      socket.setSoTimeout(15_000);
      socket.getOutputStream().write("""
          GET /inbox/api/stream HTTP/1.1\r
          Host: 127.0.0.1\r
          Origin: %s\r
          Cookie: %s\r
          Connection: Upgrade\r
          Upgrade: websocket\r
          Sec-WebSocket-Version: 13\r
          Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
          \r
          """.formatted(origin, cookie)
          .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void addresses_in_answers_to_servers_are_those_that_lead_back_here() {
    installation.guest().starts();
    installation.guest().starts();
    String pair = installation.account.text() + ":" + installation.authToken();
    String page = Http.send(Http.request(
                installation.edge().resolve("/v1/Conversations?PageSize=1"))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
            .GET()
            .build())
        .body();
    assertThat(page)
        .contains("\"next_page_url\":\"https://chat.example.com/v1/Conversations?")
        .contains("\"url\":\"https://chat.example.com/v1/Conversations/CH")
        .doesNotContain("http://");
  }
}
