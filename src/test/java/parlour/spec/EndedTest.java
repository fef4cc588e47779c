package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** An end of a session, deployment or conversation also ends sockets that were open before it. */
@ParameterizedClass
@InBothShapes
class EndedTest {
  private static final Duration QUIET = Duration.ofMillis(300);

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;

  EndedTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
  }

  // ---- superseded tokens

  @Test
  void the_socket_of_a_superseded_token_receives_no_more_messages_and_ends_a_minute_later()
      throws InterruptedException {
    Guest thief = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
    guest.reloads();
    guest.says("by now the token is superseded", "a");
    try (GuestSocket socket = thief.opensSocket().says(thief.hello(-1))) {
      socket.receivesUntil("by now the token is superseded");
      installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
      assertThat(socket.receives()).isEqualTo(Map.of("type", "token_superseded"));
      guest.says("only for the guest", "b");
      assertThat(socket.receivesNothingFor(QUIET)).isTrue();
      installation.clock.pass(Duration.ofMinutes(1));
      assertThat(socket.receives()).containsEntry("type", "refused").containsEntry("code", 45775L);
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
  }

  @Test
  void a_replay_that_is_counted_ends_the_sockets_of_superseded_tokens_at_once() {
    Guest thief = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
    guest.reloads();
    guest.says("by now the token is superseded", "a");
    try (GuestSocket stolen = thief.opensSocket().says(thief.hello(-1));
        GuestSocket own = guest.opensSocket().says(guest.hello(-1))) {
      stolen.receivesUntil("by now the token is superseded");
      own.receivesUntil("by now the token is superseded");
      installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
      assertThat(thief.reloads().code()).isEqualTo(45775);
      stolen.receives("refused");
      assertThat(stolen.closedWith()).isEqualTo(1008);
      guest.says("for the guest", "b");
      assertThat(own.receivesUntil("for the guest")).containsExactly("for the guest");
    }
  }

  @Test
  void a_tab_that_slept_shows_the_newest_token_and_misses_nothing() {
    try (GuestSocket tab = guest.opensSocket().says(guest.hello(-1))) {
      tab.receives("welcome");
      guest.reloads();
      guest.says("one", "a");
      tab.receivesUntil("one");
      installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
      tab.receives("token_superseded");
      guest.says("two", "b");
      tab.says("{\"type\":\"token\",\"token\":\"%s\"}".formatted(guest.token()));
      assertThat(tab.receivesUntil("two")).containsExactly("two");
      installation.clock.pass(Duration.ofMinutes(2));
      guest.says("three", "c");
      assertThat(tab.receivesUntil("three")).containsExactly("three");
    }
  }

  // ---- deployments

  @Test
  void a_deleted_deployment_ends_its_sockets_as_it_ends_calls() {
    Sid.Deployment deployment = installation.deploy(installation.defaults());
    Guest other = installation.guest().of(deployment).starts();
    try (GuestSocket socket = other.opensSocket().says(other.hello(-1));
        GuestSocket spared = guest.opensSocket().says(guest.hello(-1))) {
      socket.receives("welcome");
      spared.receives("welcome");
      installation.accounts(accounts -> accounts.delete(deployment));
      assertThat(socket.receives("refused")).containsEntry("code", 45778L);
      assertThat(socket.closedWith()).isEqualTo(1008);
      assertThat(other.says("Hello?", "a").code()).isEqualTo(45778);
      guest.says("Hello", "a");
      assertThat(spared.receivesUntil("Hello")).containsExactly("Hello");
    }
  }

  @Test
  void removing_an_origin_from_the_list_ends_its_sockets() {
    String removed = "https://old.example.com";
    Accounts.Settings both = withOrigins(new AllowedOrigins(List.of(Installation.ORIGIN, removed)));
    Sid.Deployment deployment = installation.deploy(both);
    Guest old = installation.guest().of(deployment).from(removed).starts();
    Guest kept = installation.guest().of(deployment).starts();
    try (GuestSocket socket = old.opensSocket().says(old.hello(-1));
        GuestSocket spared = kept.opensSocket().says(kept.hello(-1))) {
      socket.receives("welcome");
      spared.receives("welcome");
      installation.accounts(accounts -> accounts.update(
          accounts.version(),
          new Accounts.Deployment(
              deployment,
              installation.account,
              "Test",
              installation.defaults(),
              installation.clock.instant(),
              installation.clock.instant())));
      assertThat(socket.receives("refused")).containsEntry("code", 45772L);
      assertThat(socket.closedWith()).isEqualTo(1008);
      assertThat(old.says("Hello?", "a").code()).isEqualTo(45772);
      kept.says("Hello", "a");
      assertThat(spared.receivesUntil("Hello")).containsExactly("Hello");
    }
  }

  private Accounts.Settings withOrigins(AllowedOrigins origins) {
    Accounts.Settings usual = installation.defaults();
    return new Accounts.Settings(usual.address(), origins, usual.rules(), usual.lifetimes());
  }

  // ---- erased conversations

  @Test
  void an_erased_conversation_is_gone_from_every_open_page() {
    try (GuestSocket inbox = inbox(installation);
        GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      inbox.receives("welcome");
      socket.receives("welcome");
      guest.says("soon erased", "a");
      inbox.receives("conversation");
      socket.receivesUntil("soon erased");
      assertThat(erases(guest).status()).isEqualTo(204);
      assertThat(inbox.receives("erased")).containsEntry("conversation_sid", guest.conversation());
      assertThat(socket.receives()).isEqualTo(Map.of("type", "erased"));
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
  }

  private Reply erases(Guest of) {
    return installation.server("DELETE", "/v1/Conversations/" + of.conversation(), "");
  }

  /** The inbox of a new agent, with an open socket. */
  static GuestSocket inbox(Installation installation) {
    Installation.NewAgent agent = installation.agent();
    HttpResponse<String> signedIn =
        Http.send(Http.request(installation.edge().resolve("/inbox/api/sign-in"))
            .header("Content-Type", "application/json")
            .header("Sec-Fetch-Site", "same-origin")
            .POST(HttpRequest.BodyPublishers.ofString(
                "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password())))
            .build());
    String set = signedIn.headers().firstValue("Set-Cookie").orElseThrow();
    return GuestSocket.open(
        installation.edge(),
        "/inbox/api/stream",
        Map.of("Cookie", set.substring(0, set.indexOf(';')), "Sec-Fetch-Site", "same-origin"),
        Objects.requireNonNull(Installation.origin(installation)));
  }
}
