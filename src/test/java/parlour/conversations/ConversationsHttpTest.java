package parlour.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.client.HttpClient;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.errors.Errors;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.server.BytePool;
import parlour.http.server.Listener;
import parlour.http.server.Outflow;
import parlour.http.server.Routes;

/** The internal wire to the conversations. */
class ConversationsHttpTest {
  private static final SecureRandom random = new SecureRandom();

  @Test
  void a_long_message_whose_answer_finds_no_memory_does_not_reach_the_service() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    var routes = new Routes(Errors.PLAIN);
    ConversationsHttp.serve(counting(sent), routes);
    HttpClient http = HttpClients.start();
    try (Listener listener =
        Listener.start(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), routes)) {
      var client = new InternalClient(
          http,
          Nodes.of("the service", URI.create("http://127.0.0.1:" + listener.port())),
          "secret",
          Duration.ofSeconds(10),
          Limits.PAGE_BYTES);
      Conversations conversations = new ConversationsHttp(client, client);
      Sid.Account account = Sid.Account.random(random);
      try (BytePool.Held _ =
          Outflow.hold("", Limits.RESPONSE_MEMORY, Limits.STORE_TIMEOUT).orElseThrow()) {
        assertThatThrownBy(
                () -> conversations.send(account, message(2 * Limits.RESPONSE_UNRESERVED_BYTES)))
            .isInstanceOf(Unavailable.class);
        assertThat(sent).hasValue(0);
        assertThat(conversations.send(account, message(1))).isEqualTo(new Sent.Closed());
      }
      assertThat(conversations.send(account, message(2 * Limits.RESPONSE_UNRESERVED_BYTES)))
          .isEqualTo(new Sent.Closed());
      assertThat(sent).hasValue(2);
    } finally {
      http.stop();
    }
  }

  /** A service that counts messages, and takes none. */
  private static Conversations counting(AtomicInteger sent) {
    return (Conversations) Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, method, _) -> {
          assertThat(method.getName()).isEqualTo("send");
          sent.incrementAndGet();
          return new Sent.Closed();
        });
  }

  private static Conversations.NewMessage message(int characters) {
    return new Conversations.NewMessage(
        Sid.Conversation.random(random),
        new Message.Author(new Identity("bot"), ParticipantKind.AGENT, "Bot"),
        Message.Content.of("x".repeat(characters)),
        Optional.of("a"));
  }
}
