package parlour.http.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.client.HttpClient;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.errors.Errors;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.json.JsonType;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.spec.OddPeer;

/** Both ends of a call that is declared once. */
class InternalCallsTest {
  private static final Sid.Account ACCOUNT = new Sid.Account("AC" + "1".repeat(32));

  interface Shop {
    Optional<List<String>> find(Sid.Account account, String name, Optional<Integer> limit);
  }

  record Find(Sid.Account account, String name, Optional<Integer> limit) {}

  private static final InternalCalls<Shop> CALLS = new InternalCalls<>("/v1/Accounts/{account}");

  private static final InternalCalls<Shop>.Call<Find, Optional<List<String>>> FIND = CALLS.declare(
      "/find",
      Find.class,
      "found",
      new JsonType<>() {},
      (shop, asked) -> shop.find(asked.account(), asked.name(), asked.limit()));

  @Test
  void a_request_of_the_client_reaches_the_service_and_its_answer_comes_back() throws Exception {
    var asked = new AtomicReference<Find>();
    var routes = new Routes(Errors.PLAIN);
    CALLS.serve(
        (account, name, limit) -> {
          asked.set(new Find(account, name, limit));
          return limit.map(many -> List.of(name, "\u0001é😀"));
        },
        routes);
    HttpClient http = HttpClients.start();
    try (Listener listener =
        Listener.start(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), routes)) {
      var client = new InternalClient(
          http,
          Nodes.of("the shop", URI.create("http://127.0.0.1:" + listener.port())),
          "secret",
          Limits.SCOPED_AUTH_DEADLINE,
          Limits.AUTH_RESPONSE_BYTES);
      for (Optional<Integer> limit : List.of(Optional.of(3), Optional.<Integer>empty())) {
        var sent = new Find(ACCOUNT, "a \"name\"", limit);
        assertThat(FIND.ask(client, sent))
            .isEqualTo(limit.map(many -> List.of(sent.name(), "\u0001é😀")));
        assertThat(asked).hasValue(sent);
      }
    } finally {
      http.stop();
    }
  }

  @Test
  void only_a_sid_can_be_in_the_path() {
    record Named(String name) {}
    var calls = new InternalCalls<Shop>("/v1");
    assertThatThrownBy(
            () -> calls.declare("/{name}", Named.class, "found", String.class, (shop, asked) -> ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("name");
    assertThatThrownBy(() ->
            calls.declare("/{other}", Named.class, "found", String.class, (shop, asked) -> ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("other");
  }

  @Test
  void an_answer_without_its_field_or_of_another_kind_is_an_outage() {
    try (OddPeer peer = new OddPeer()) {
      var sent = new Find(ACCOUNT, "name", Optional.empty());
      peer.says(200, "{\"found\":null,\"more\":1}");
      assertThat(FIND.ask(peer.client(), sent)).isEmpty();
      for (String odd : List.of(
          "",
          "{}",
          "null",
          "{\"found\":\"a\"}",
          "{\"found\":[null]}",
          "{\"found\":[1]}",
          "{\"found\":[],\"found\":[]}",
          "{\"found\":[]}]")) {
        peer.says(200, odd);
        assertThatThrownBy(() -> FIND.ask(peer.client(), sent))
            .as(odd)
            .isInstanceOf(Unavailable.class);
      }
      peer.says(400, "{\"found\":null}");
      assertThatThrownBy(() -> FIND.ask(peer.client(), sent)).isInstanceOf(Unavailable.class);
    }
  }
}
