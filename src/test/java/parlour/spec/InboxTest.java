package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.conversations.SqlConversationStore;
import parlour.http.json.Json;
import parlour.http.server.Outflow;
import parlour.rates.Rate;
import parlour.rates.Refill;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** An agent's browser at the inbox. */
@ParameterizedClass
@InBothShapes
class InboxTest {
  private static final Follows follows = new Follows();

  @AutoClose
  private static final BothShapes installations = new BothShapes(follows, Map.of());

  private final Installation installation;
  private final Installation.NewAgent agent;
  private final Guest guest;
  private @Nullable String cookie;

  InboxTest(Shape shape) {
    installation = installations.in(shape);
    agent = installation.agent();
    guest = installation.guest().starts();
  }

  @Test
  void an_agent_signs_in_and_out_by_a_cookie_that_no_script_reads() {
    assertThat(get("/me").code()).isEqualTo(45782);
    Reply in = signIn(agent.password());
    assertThat(in.status()).isEqualTo(200);
    assertThat(in.header("Set-Cookie"))
        .contains("; HttpOnly", "; SameSite=Strict", "; Path=/inbox/api")
        .doesNotContain("Secure");
    assertThat(get("/me").json()).containsEntry("name", agent.name());
    assertThat(post("/sign-out", "{}").status()).isEqualTo(204);
    assertThat(get("/me").code()).isEqualTo(45782);
  }

  @Test
  void a_wrong_password_and_a_wrong_name_are_refused_alike() {
    Reply password = signIn("wrong");
    Reply name =
        post("/sign-in", "{\"name\":\"nobody\",\"password\":\"%s\"}".formatted(agent.password()));
    assertThat(password.code()).isEqualTo(45783);
    assertThat(name.code()).isEqualTo(45783);
    assertThat(name.text("message")).isEqualTo(password.text("message"));
  }

  @Test
  void guessing_is_slowed_down_and_locks_nobody_out() {
    Refill refill = Refill.of(Rate.AGENT_ATTEMPTS);
    int tried = 0;
    Reply slowed = signIn("wrong");
    while (slowed.status() == 401 && tried < 100) {
      tried++;
      slowed = signIn("wrong");
    }
    assertThat(tried).isBetween(Limits.AGENT_ATTEMPTS, Limits.AGENT_ATTEMPTS + refill.calls());
    assertThat(slowed.status()).isEqualTo(429);
    assertThat(Integer.parseInt(Objects.requireNonNull(slowed.header("Retry-After"))))
        .isBetween(1, 60);
    assertThat(signIn(agent.password()).status()).isEqualTo(200);
  }

  @Test
  void a_page_of_another_origin_can_change_nothing() {
    guest.says("Hello", "a");
    signIn(agent.password());
    for (Map<String, String> headers : List.of(
        Map.of("Sec-Fetch-Site", "cross-site"),
        Map.of("Sec-Fetch-Site", "same-site"),
        Map.of("Origin", "https://evil.example"),
        Map.<String, String>of())) {
      Reply reply = call("POST", "/conversations/" + conversation() + "/close", "{}", headers);
      assertThat(reply.status()).as("%s", headers).isEqualTo(403);
      assertThat(reply.header("Access-Control-Allow-Origin")).isNull();
    }
    assertThat(summary().get("state")).isEqualTo("active");
  }

  @Test
  void the_list_shows_who_waits_and_what_was_said_last() {
    guest.says("Hello", "a");
    guest.says("Anybody?", "b");
    signIn(agent.password());
    Map<?, ?> summary = summary();
    assertThat(summary.get("name")).isEqualTo("Ada");
    assertThat(summary.get("unread")).isEqualTo(2L);
    assertThat(((Map<?, ?>) Objects.requireNonNull(summary.get("last_message"))).get("body"))
        .isEqualTo("Anybody?");
    assertThat(((Map<?, ?>) Objects.requireNonNull(summary.get("session"))).get("state"))
        .isEqualTo("live");
    assertThat(
            post("/conversations/" + conversation() + "/read", "{\"index\":0}").status())
        .isEqualTo(204);
    assertThat(summary().get("unread")).isEqualTo(1L);
  }

  @Test
  void an_agent_who_can_not_join_any_more_reads_why_and_who_can_answer() {
    guest.says("Hello", "a");
    signIn(agent.password());
    String participants = "/v1/Conversations/" + conversation() + "/Participants";
    for (int i = 1; i < Limits.CONVERSATION_PARTICIPANTS; i++) {
      installation.server("POST", participants, "Identity=bot" + i);
    }
    Reply refused = reply("too late");
    assertThat(refused.code()).isEqualTo(45784);
    assertThat(refused.text("message"))
        .isEqualTo("This conversation has had 100 participants, which is the most that it can have."
            + " An agent who is one of them can answer.");
  }

  @Test
  void agents_and_servers_read_of_a_full_conversation_what_it_holds_and_what_to_do() {
    guest.says("Hello", "a");
    signIn(agent.password());
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      int _ = database.write(sql -> sql.update(
          "UPDATE conversation SET message_bytes = ? WHERE sid = ?",
          Limits.CONVERSATION_BYTES,
          conversation()));
    }
    Reply byServer = installation.server(
        "POST", "/v1/Conversations/" + conversation() + "/Messages", "Body=more");
    for (Reply refused : List.of(reply("more"), byServer)) {
      assertThat(refused.code()).isEqualTo(45784);
      assertThat(refused.text("message"))
          .isEqualTo("This conversation is full: it can hold 5000 messages, and 8 MiB of messages"
              + " with their attributes. Its guest can start a new one.");
    }
  }

  private Reply reply(String body) {
    return post(
        "/conversations/" + conversation() + "/messages",
        "{\"body\":\"%s\",\"clientId\":\"%s\"}".formatted(body, "id-" + body.length()));
  }

  @Test
  void the_list_shows_the_page_on_which_a_chat_began_and_its_language() {
    Reply begun = guest.post("/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"Ada",\
        "preEngagementData":"{\\"location\\":\\"https://shop.example/cart?token=secret\\",\
        \\"language\\":\\"pt-BR\\"}"}\
        """.formatted(installation.deployment.text()));
    installation.guest().holding(begun.text("token")).says("Hello", "a");
    guest.says("Hello", "b");
    signIn(agent.password());
    assertThat(summary(begun.text("conversation_sid")).get("page"))
        .isEqualTo("https://shop.example/cart");
    assertThat(summary(begun.text("conversation_sid")).get("language")).isEqualTo("pt-BR");
    assertThat(summary().get("page")).isNull();
    assertThat(summary().get("language")).isNull();
  }

  @Test
  void opening_reading_and_attributes_move_no_conversation_in_the_list() {
    guest.says("first", "a");
    Guest later = installation.guest().starts();
    installation.clock.pass(Duration.ofSeconds(2));
    later.says("second", "b");
    installation.clock.pass(Duration.ofSeconds(2));
    signIn(agent.password());
    Object before = summary().get("date_active");
    get("/conversations/" + conversation());
    post("/conversations/" + conversation() + "/read", "{\"index\":0}");
    guest.posts("/v2/Webchat/Read", "{\"index\":0}");
    installation.server("POST", "/v1/Conversations/" + conversation(), "Attributes=%7B%7D");
    assertThat(listed()).containsSubsequence(later.conversation(), conversation());
    assertThat(summary().get("date_active")).isEqualTo(before);
    guest.says("third", "c");
    assertThat(listed()).containsSubsequence(conversation(), later.conversation());
  }

  @Test
  void a_conversation_is_in_the_inbox_once_its_guest_has_said_something() {
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      Guest silent = installation.guest().starts();
      installation.server(
          "POST", "/v1/Conversations/" + silent.conversation() + "/Messages", "Body=Anybody?");
      guest.says("Hello", "a");
      assertThat(((Map<?, ?>)
                  Objects.requireNonNull(stream.receives("conversation").get("conversation")))
              .get("conversation_sid"))
          .isEqualTo(conversation());
      assertThat(listed()).contains(conversation()).doesNotContain(silent.conversation());
      silent.says("Yes", "b");
      assertThat(((Map<?, ?>)
                  Objects.requireNonNull(stream.receives("conversation").get("conversation")))
              .get("conversation_sid"))
          .isEqualTo(silent.conversation());
      assertThat(listed()).contains(silent.conversation());
    }
  }

  @Test
  void a_reply_reaches_the_guest_from_an_agent_who_joined() throws InterruptedException {
    signIn(agent.password());
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(1))) {
      assertThat(socket.receives()).containsEntry("type", "welcome");
      assertThat(post("/conversations/" + conversation() + "/typing", "{}").status())
          .isEqualTo(204);
      assertThat(guest.get("/v2/Webchat/Messages").response().body())
          .as("an agent who has sent nothing has not joined")
          .doesNotContain(agent.displayName());
      Reply reply = post(
          "/conversations/" + conversation() + "/messages",
          "{\"body\":\"Hi Ada\",\"client_id\":\"x\"}");
      assertThat(reply.status()).isEqualTo(201);
      assertThat(socket.receives("participant")).containsEntry("change", "joined");
      Map<String, @Nullable Object> message = socket.receives("message");
      assertThat(receivesTyping(socket)).containsKey("participant");
      assertThat(message).containsEntry("message", reply.json());
      assertThat(reply.json())
          .containsEntry("author_name", agent.displayName())
          .containsEntry("author_kind", "agent");
    }
  }

  /**
   * A sign of typing is not stored, and expires after seconds. So it is repeated until it arrives.
   */
  private Map<String, @Nullable Object> receivesTyping(GuestSocket socket)
      throws InterruptedException {
    for (int tries = 0; tries < 30; tries++) {
      Optional<Map<String, @Nullable Object>> frame = socket.receivesWithin(Duration.ofSeconds(2));
      if (frame.isEmpty()) {
        post("/conversations/" + conversation() + "/typing", "{}");
      } else if ("typing".equals(frame.get().get("type"))) {
        return frame.get();
      }
    }
    throw new AssertionError("no sign of typing arrived");
  }

  @Test
  void a_refused_session_is_shown_with_its_cause() {
    guest.says("Hello", "a");
    guest.copiedTo(Browser.FIREFOX_ON_LINUX).reloads();
    signIn(agent.password());
    Map<?, ?> session = (Map<?, ?>) Objects.requireNonNull(summary().get("session"));
    assertThat(session.get("refusals")).isEqualTo(1L);
    assertThat(String.valueOf(session.get("last_refused_why"))).isEqualTo("from another browser");
  }

  @Test
  void a_bound_session_is_shown_and_a_refused_proof_of_it_with_its_cause() {
    Guest bound = installation.guest().withKey(GuestKey.next()).starts();
    bound.says("Hello", "a");
    guest.says("Hello", "a");
    bound.copiedTo(Browser.CHROME_ON_WINDOWS).get("/v2/Webchat/Messages");
    signIn(agent.password());
    Map<?, ?> session = session(bound);
    assertThat(session.get("bound")).isEqualTo(true);
    assertThat(session.get("state")).isEqualTo("live");
    assertThat(session.get("last_refused_why")).isEqualTo("key: missing");
    installation.clock.pass(installation.defaults().lifetimes().token().plusMinutes(1));
    bound.copiedTo(Browser.CHROME_ON_WINDOWS).get("/v2/Webchat/Messages");
    assertThat(session(bound).get("last_refused_why")).isEqualTo("key: missing");
    assertThat(session(bound).get("state")).as("the guest can renew the token").isEqualTo("live");
    assertThat(session(guest).get("bound")).isEqualTo(false);
  }

  private Map<?, ?> session(Guest of) {
    return list("all").stream()
        .filter(one -> of.conversation().equals(one.get("conversation_sid")))
        .findFirst()
        .map(one -> (Map<?, ?>) one.get("session"))
        .orElseThrow();
  }

  @Test
  void the_inbox_does_not_say_that_a_guest_who_came_back_too_late_can_write() {
    guest.says("Hello", "a");
    installation.clock.pass(installation.defaults().lifetimes().token().plusMinutes(1));
    guest.reloads();
    signIn(agent.password());
    Map<?, ?> session = (Map<?, ?>) Objects.requireNonNull(summary().get("session"));
    assertThat(session.get("state")).isEqualTo("away");
  }

  @Test
  void a_closed_conversation_is_in_the_other_list_and_the_guest_is_notified() {
    guest.says("Hello", "a");
    signIn(agent.password());
    String sid = conversation();
    assertThat(post("/conversations/" + sid + "/close", "{}").status()).isEqualTo(204);
    assertThat(guest.says("late", "z").code()).isEqualTo(45781);
    assertThat(list("closed")).anyMatch(one -> sid.equals(one.get("conversation_sid")));
    assertThat(list("all")).noneMatch(one -> sid.equals(one.get("conversation_sid")));
  }

  @Test
  void a_closed_conversation_is_reopened_and_its_guest_is_notified() {
    guest.says("Hello", "a");
    signIn(agent.password());
    String one = "/conversations/" + conversation();
    post(one + "/close", "{}");
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      assertThat(socket.receives()).containsEntry("state", "closed");
      assertThat(post(one + "/reopen", "{}").status()).isEqualTo(204);
      Map<?, ?> state = Map.of();
      while (!"active".equals(state.get("state"))) {
        state = socket.receives("state");
      }
    }
    assertThat(guest.says("Thank you", "b").status()).isEqualTo(201);
    assertThat(summary().get("state")).isEqualTo("active");
    assertThat(post(one + "/reopen", "{}").status()).as("it is open already").isEqualTo(204);
  }

  @Test
  void a_conversation_whose_guest_has_no_session_any_more_is_not_reopened() {
    guest.says("Hello", "a");
    guest.posts("/v2/Webchat/End", "{\"forget\":true}");
    signIn(agent.password());
    Reply refused = post("/conversations/" + conversation() + "/reopen", "{}");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("message")).contains("session is over");
    assertThat(list("closed")).anyMatch(one -> conversation().equals(one.get("conversation_sid")));
  }

  @Test
  void the_other_conversations_of_a_guest_are_shown_beside_the_one_that_is_open() {
    guest.says("Hello", "a");
    String identity = guest.get("/v2/Webchat/Messages").text("identity");
    Reply again =
        guest.post("/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"Ada","preEngagementData":"{}",\
        "identity":"%s"}""".formatted(installation.deployment.text(), identity));
    Guest next = installation.guest().holding(again.text("token"));
    next.says("Me again", "b");
    signIn(agent.password());
    assertThat(others(conversation())).containsExactly(again.text("conversation_sid"));
    assertThat(others(again.text("conversation_sid"))).containsExactly(conversation());
    Guest stranger = installation.guest().starts();
    stranger.says("Hello", "c");
    assertThat(others(stranger.conversation())).isEmpty();
  }

  private List<Object> others(String sid) {
    List<?> others =
        (List<?>) Objects.requireNonNull(get("/conversations/" + sid).json().get("others"));
    return others.stream()
        .<Object>map(one -> Objects.requireNonNull(
            ((Map<?, ?>) Objects.requireNonNull(one)).get("conversation_sid")))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_token_that_is_refused_is_pushed_to_open_inboxes(boolean bound) {
    Guest robbed = bound ? installation.guest().withKey(GuestKey.next()).starts() : guest;
    robbed.says("Hello", "a");
    Browser thief = bound ? Browser.CHROME_ON_WINDOWS : Browser.FIREFOX_ON_LINUX;
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      assertThat(robbed.copiedTo(thief).reloads().code()).isEqualTo(45779);
      Map<?, ?> pushed = Map.of();
      while (!robbed.conversation().equals(pushed.get("conversation_sid"))
          || !Objects.equals(refusals(pushed), 1L)) {
        pushed =
            (Map<?, ?>) Objects.requireNonNull(stream.receives("conversation").get("conversation"));
      }
      assertThat(robbed.says("More", "b").status()).isEqualTo(201);
    }
  }

  @Test
  void the_read_index_of_one_agent_is_pushed_to_the_open_inboxes_of_the_others() {
    guest.says("Hello", "a");
    guest.says("Anybody?", "b");
    AgentBrowser other = new AgentBrowser(installation);
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      for (int index = 0; index <= 1; index++) {
        other.posts(conversation(), "read", "{\"index\":%d}".formatted(index));
        Map<?, ?> told = Map.of();
        while (!conversation().equals(told.get("conversation_sid"))
            || !Objects.equals(told.get("unread"), 1L - index)) {
          told = (Map<?, ?>)
              Objects.requireNonNull(stream.receives("conversation").get("conversation"));
        }
      }
    }
  }

  @Test
  void a_colleague_who_looks_does_not_read_the_messages_of_the_agent_who_has_claimed_them() {
    guest.says("Hello", "a");
    AgentBrowser owner = new AgentBrowser(installation);
    AgentBrowser other = new AgentBrowser(installation);
    owner.posts(
        conversation(),
        "assignee",
        "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(owner.identity()));
    signIn(agent.password());
    assertThat(other.posts(conversation(), "read", "{\"index\":0}").status()).isEqualTo(204);
    assertThat(summary().get("unread")).isEqualTo(1L);
    owner.posts(conversation(), "read", "{\"index\":0}");
    assertThat(summary().get("unread")).isEqualTo(0L);
  }

  private static @Nullable Object refusals(Map<?, ?> summary) {
    return ((Map<?, ?>) Objects.requireNonNull(summary.get("session"))).get("refusals");
  }

  // ---- which pages and browsers may call

  @Test
  void the_default_port_may_be_written_or_not_and_a_scheme_must_be_right() {
    Map<String, Integer> expected = new LinkedHashMap<>();
    expected.put("http://chat.example chat.example", 200);
    expected.put("http://chat.example chat.example:80", 200);
    expected.put("https://chat.example chat.example:443", 200);
    expected.put("http://CHAT.example chat.example", 200);
    expected.put("https://chat.example:8443 chat.example", 403);
    expected.put("https://chat.example chat.example:80", 403);
    expected.put("http://evil.example chat.example", 403);
    expected.put("null chat.example", 403);
    expected.forEach((pair, status) -> {
      String[] both = pair.split(" ", 2);
      assertThat(signsInBy(both[0], both[1], "").status()).as(pair).isEqualTo(status);
    });
    Raw.Answer plain = signsInBy("http://chat.example", "chat.example", "");
    Raw.Answer secure = signsInBy("https://chat.example", "chat.example", "");
    assertThat(meansToSend("https://chat.example", plain)).isEqualTo(403);
    assertThat(meansToSend("http://chat.example", secure)).isEqualTo(403);
    assertThat(meansToSend("http://chat.example", plain)).isEqualTo(404);
    assertThat(meansToSend("https://chat.example", secure)).isEqualTo(404);
  }

  /** The status of a call with a cookie, in a browser that sends only its origin. */
  private int meansToSend(String origin, Raw.Answer signedIn) {
    return Raw.send(
            installation.edge(), """
            POST /inbox/api/conversations/CH%s/close HTTP/1.1
            Host: chat.example
            Origin: %s
            Cookie: %s
            Content-Type: application/json
            Content-Length: 2""".formatted("0".repeat(32), origin, cookieOf(signedIn)), "{}")
        .status();
  }

  private Raw.Answer signsInBy(String origin, String host, String cookies) {
    String body = "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password());
    return Raw.send(
        installation.edge(),
        """
        POST /inbox/api/sign-in HTTP/1.1
        Host: %s
        Origin: %s%s
        Content-Type: application/json
        Content-Length: %d""".formatted(host, origin, cookies.isEmpty() ? "" : "\nCookie: " + cookies, body.length()),
        body);
  }

  private static String cookieOf(Raw.Answer signedIn) {
    String set = signedIn.headers().stream()
        .filter(header -> header.name().equalsIgnoreCase("Set-Cookie"))
        .findFirst()
        .orElseThrow()
        .value();
    return set.substring(0, set.indexOf(';'));
  }

  private int me(String host, String cookies) {
    return Raw.send(installation.edge(), """
            GET /inbox/api/me HTTP/1.1
            Host: %s
            Cookie: %s""".formatted(host, cookies), "").status();
  }

  @Test
  void over_https_the_cookie_is_of_this_host_alone_and_its_name_has_the_port() {
    assertThat(cookieOf(signsInBy("https://chat.example", "chat.example", "")))
        .startsWith("__Host-parlour_agent=");
    assertThat(cookieOf(signsInBy("http://localhost:8080", "localhost:8080", "")))
        .startsWith("parlour_agent_8080=");
    assertThat(cookieOf(signsInBy("http://localhost:8081", "localhost:8081", "")))
        .startsWith("parlour_agent_8081=");
  }

  @Test
  void a_cookie_that_another_page_put_beside_the_agents_own_does_not_win() {
    String own = cookieOf(signsInBy("https://chat.example", "chat.example", ""));
    Installation.NewAgent other = installation.agent();
    String body = "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(other.name(), other.password());
    String planted = cookieOf(Raw.send(installation.edge(), """
        POST /inbox/api/sign-in HTTP/1.1
        Host: chat.example
        Origin: http://chat.example
        Content-Type: application/json
        Content-Length: %d""".formatted(body.length()), body));
    assertThat(planted).startsWith("parlour_agent=");
    Raw.Answer me = Raw.send(installation.edge(), """
        GET /inbox/api/me HTTP/1.1
        Host: chat.example
        Cookie: %s; %s""".formatted(planted, own), "");
    assertThat(me.text("name")).isEqualTo(agent.name());
    String nonsense = "parlour_agent=" + "0".repeat(32);
    assertThat(me("chat.example", nonsense + "; " + planted)).isEqualTo(200);
    String second = cookieOf(signsInBy("http://chat.example", "chat.example", ""));
    assertThat(me("chat.example", planted + "; " + second))
        .as("two that are good")
        .isEqualTo(401);
  }

  @Test
  void cookies_of_many_other_instances_on_the_host_sign_nobody_out() {
    String own = cookieOf(signsInBy("http://localhost:8080", "localhost:8080", ""));
    StringBuilder others = new StringBuilder();
    for (int port = 9000; port <= 9000 + Limits.AGENT_COOKIES; port++) {
      others.append("parlour_agent_%d=%032x; ".formatted(port, port));
    }
    assertThat(me("localhost:8080", others + own)).isEqualTo(200);
  }

  @Test
  void a_new_sign_in_ends_the_session_of_the_cookie_that_came_with_it() {
    String before = cookieOf(signsInBy("http://chat.example", "chat.example", ""));
    assertThat(me("chat.example", before)).isEqualTo(200);
    String after = cookieOf(signsInBy("http://chat.example", "chat.example", before));
    assertThat(me("chat.example", before)).isEqualTo(401);
    assertThat(me("chat.example", after)).isEqualTo(200);
  }

  @Test
  void an_open_tab_keeps_no_browser_signed_in_and_a_person_does() {
    signIn(agent.password());
    Duration max = Limits.AGENT_IDLE.minusMinutes(1);
    installation.clock.pass(max);
    assertThat(post("/here", "{}").status()).isEqualTo(204);
    installation.clock.pass(max);
    assertThat(list("all")).isNotNull();
    assertThat(get("/me").status()).isEqualTo(200);
    installation.clock.pass(Duration.ofMinutes(2));
    assertThat(get("/me").code()).isEqualTo(45782);
  }

  @Test
  void an_agent_signs_their_other_browsers_out() {
    String elsewhere = cookieOf(signsInBy("http://chat.example", "chat.example", ""));
    signIn(agent.password());
    assertThat(post("/browsers/end-others", "{}").status()).isEqualTo(204);
    assertThat(get("/me").status()).isEqualTo(200);
    assertThat(me("chat.example", elsewhere)).isEqualTo(401);
  }

  @Test
  void the_page_learns_why_its_socket_is_refused() {
    signIn(agent.password());
    String right = Installation.origin(installation);
    assertThat(get("/origin?origin=" + right).status()).isEqualTo(204);
    Reply refused = get("/origin?origin=https://chat.example:8443");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.text("message")).contains("public.url");
  }

  @Test
  void a_conversation_opens_with_its_guests_data_and_the_later_changes() {
    guest.says("Hello", "a");
    signIn(agent.password());
    Map<String, @Nullable Object> opened =
        get("/conversations/" + conversation()).json();
    assertThat(opened).containsEntry("pre_engagement_data", "{}").containsEntry("has_more", false);
    long revision = (Long) Objects.requireNonNull(
        ((Map<?, ?>) Objects.requireNonNull(opened.get("summary"))).get("revision"));
    guest.says("More", "b");
    Map<String, @Nullable Object> changes =
        get("/conversations/" + conversation() + "/changes?after=" + revision).json();
    assertThat((List<?>) changes.get("messages")).hasSize(1);
  }

  @Test
  void a_long_conversation_is_opened_and_read_on_page_by_page() {
    String longest = "\\\"".repeat(Limits.MESSAGE_BODY_BYTES); // twice as long in JSON
    for (int i = 0; i < 5; i++) {
      guest.says(longest, "id-" + i);
    }
    signIn(agent.password());
    String one = "/conversations/" + conversation();
    Reply opened = get(one);
    assertThat((List<?>) opened.json().get("messages")).hasSize(3);
    assertThat(opened.json()).containsEntry("has_more", true);
    assertThat(get(one + "/messages?before=2").json()).containsEntry("has_more", false);
    assertThat(get(one + "/messages?after=-1&limit=100").json()).containsEntry("has_more", true);
    int told = 0;
    long after = 0;
    boolean more = true;
    while (more) {
      Reply page = get(one + "/changes?after=" + after);
      assertThat(page.response().body().length()).isLessThan(Limits.PAGE_BYTES);
      told += ((List<?>) Objects.requireNonNull(page.json().get("messages"))).size();
      after = (Long) Objects.requireNonNull(page.json().get("revision"));
      more = Boolean.TRUE.equals(page.json().get("more"));
    }
    assertThat(told).isEqualTo(5);
  }

  @Test
  void a_list_of_long_last_messages_is_shorter_and_goes_on() {
    String longest = "\\\"".repeat(Limits.MESSAGE_BODY_BYTES);
    List<String> started = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Guest other = installation.guest().starts();
      other.says(longest, "a");
      started.add(other.conversation());
    }
    signIn(agent.password());
    List<String> seen = new ArrayList<>();
    String place = "";
    boolean more = true;
    while (more && seen.size() < 1_000) {
      Reply page = get("/conversations?list=all" + place);
      assertThat(page.response().body().length()).isLessThan(Limits.PAGE_BYTES);
      List<?> all = (List<?>) Objects.requireNonNull(page.json().get("conversations"));
      all.forEach(one -> seen.add(String.valueOf(((Map<?, ?>) one).get("conversation_sid"))));
      place = "&after=" + page.json().get("next");
      more = page.json().get("next") != null;
    }
    assertThat(seen).containsAll(started).doesNotHaveDuplicates();
  }

  @Test
  void of_two_agents_who_claim_a_conversation_the_second_reads_who_has_it() {
    guest.says("Hello", "a");
    AgentBrowser winner = new AgentBrowser(installation);
    signIn(agent.password());
    String path = "/conversations/" + conversation() + "/assignee";
    String mine = identity(agent.name());
    String others = identity(winner.name());
    assertThat(sids("waiting")).contains(conversation());
    assertThat(sids("unassigned")).contains(conversation());
    winner.posts(
        conversation(), "assignee", "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(others));
    Reply late = post(path, "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(mine));
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.code()).isEqualTo(45788);
    assertThat(late.text("assignee")).isEqualTo(others);
    assertThat(summary().get("assignee")).isEqualTo(others);
    assertThat(sids("mine")).doesNotContain(conversation());
    assertThat(sids("unassigned")).doesNotContain(conversation());
    String over = "{\"assignee\":\"%s\",\"from\":\"%s\"}".formatted(mine, others);
    assertThat(post(path, over).status()).isEqualTo(204);
    assertThat(sids("mine")).contains(conversation());
    assertThat(post(path, "{\"assignee\":\"nobody\",\"from\":\"\"}").status()).isEqualTo(400);
    assertThat(get("/conversations?list=others").status()).isEqualTo(400);
    assertThat(get("/conversations?after=x").status()).isEqualTo(400);
    String afterAll = "/conversations?after=%2B1000000000-12-31T23:59:59Z_" + conversation();
    assertThat(get(afterAll).status()).as("a time beyond the store's").isEqualTo(400);
  }

  @Test
  void a_guest_sees_that_an_agent_who_hands_the_conversation_over_leaves() {
    guest.says("Hello", "a");
    signIn(agent.password());
    AgentBrowser other = new AgentBrowser(installation);
    String path = "/conversations/" + conversation();
    String mine = identity(agent.name());
    post(path + "/assignee", "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(mine));
    post(path + "/messages", "{\"body\":\"Hi\",\"client_id\":\"x\"}");
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      socket.receives("welcome");
      post(
          path + "/assignee",
          "{\"assignee\":\"%s\",\"from\":\"%s\"}".formatted(other.identity(), mine));
      Map<String, @Nullable Object> frame = socket.receives("participant");
      while (!"left".equals(frame.get("change"))) {
        frame = socket.receives("participant");
      }
      assertThat(frame.toString()).contains(mine);
      assertThat(post(path + "/typing", "{}").status()).isEqualTo(204);
      other.says(conversation(), "Now me", "y");
      assertThat(socket.receives())
          .as("and no sign of typing of one who has left")
          .containsEntry("change", "joined");
    }
  }

  @Test
  void the_history_of_a_conversation_names_who_did_what_for_agents_only() {
    guest.says("Hello", "a");
    signIn(agent.password());
    String path = "/conversations/" + conversation();
    String mine = identity(agent.name());
    post(path + "/assignee", "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(mine));
    post(path + "/labels", "{\"label\":\"<b>late & angry\"}");
    post(path + "/labels/remove", "{\"label\":\"<b>late & angry\"}");
    post(path + "/close", "{}");
    guest.posts("/v2/Webchat/Reopen", "{}");
    installation.server("POST", "/v1/Conversations/" + conversation(), "State=closed");
    List<?> events =
        (List<?>) Objects.requireNonNull(get(path + "/history").json().get("events"));
    assertThat(events.stream()
            .<Map<?, ?>>map(one -> (Map<?, ?>) Objects.requireNonNull(one))
            .map(one -> one.get("kind") + " " + one.get("by") + " " + one.get("about") + " "
                + one.get("label")))
        .containsExactly(
            "assigned " + mine + " " + mine + " null",
            "labelled " + mine + " null <b>late & angry",
            "unlabelled " + mine + " null <b>late & angry",
            "closed " + mine + " null null",
            "reopened " + guest.get("/v2/Webchat/Messages").text("identity") + " null null",
            "closed null null null");
    Object second = ((Map<?, ?>) Objects.requireNonNull(events.get(3))).get("revision");
    assertThat((List<?>) get(path + "/history?after=" + second).json().get("events"))
        .hasSize(2);
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).doesNotContain(mine, "angry");
  }

  @Test
  void the_lists_are_counted_for_the_agent_who_asks() {
    signIn(agent.password());
    Reply before = get("/counts");
    long waiting = (long) Objects.requireNonNull(before.json().get("waiting"));
    long unread = (long) Objects.requireNonNull(before.json().get("unread"));
    guest.says("Hello", "a");
    assertThat(get("/counts").json()).containsEntry("unread", unread + 1);
    AgentBrowser other = new AgentBrowser(installation);
    other.posts(
        conversation(),
        "assignee",
        "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(other.identity()));
    assertThat(get("/counts").json()).containsEntry("unread", unread);
    assertThat(other.gets("/counts").json()).containsEntry("unread", unread + 1);
    assertThat(get("/counts").json()).containsEntry("waiting", waiting + 1);
    assertThat(get("/counts").json()).containsEntry("mine", 0L);
    assertThat(other.gets("/counts").json()).containsEntry("mine", 1L);
    other.says(conversation(), "Hi", "b");
    assertThat(get("/counts").json()).containsEntry("waiting", waiting);
  }

  @Test
  void a_claim_reaches_the_open_inboxes_and_no_guest() {
    guest.says("Hello", "a");
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      String mine = identity(agent.name());
      post(
          "/conversations/" + conversation() + "/assignee",
          "{\"assignee\":\"%s\",\"from\":\"\"}".formatted(mine));
      Map<?, ?> told = Map.of();
      while (!mine.equals(told.get("assignee"))) {
        told =
            (Map<?, ?>) Objects.requireNonNull(stream.receives("conversation").get("conversation"));
      }
    }
    assertThat(guest.get("/v2/Webchat/Messages").response().body())
        .contains("Hello")
        .doesNotContain("assignee", agent.name());
  }

  @Test
  void a_label_is_text_that_all_agents_see_and_no_guest_and_its_list_has_the_conversation() {
    guest.says("Hello", "a");
    signIn(agent.password());
    String path = "/conversations/" + conversation() + "/labels";
    String label = "<b>ünlü & " + agent.name();
    assertThat(post(path, "{\"label\":\" %s \"}".formatted(label)).status()).isEqualTo(204);
    assertThat(summary().get("labels")).isEqualTo(List.of(label));
    String query = "labelled&label=" + URLEncoder.encode(label, StandardCharsets.UTF_8);
    assertThat(sids(query)).containsExactly(conversation());
    assertThat(get("/labels").json().get("labels")).asString().contains(label);
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).doesNotContain(label);
    for (String wrong : List.of("", "  ", "a\\nb", "x".repeat(Limits.LABEL_CHARACTERS + 1))) {
      assertThat(post(path, "{\"label\":\"%s\"}".formatted(wrong)).status()).isEqualTo(400);
    }
    assertThat(get("/conversations?list=labelled").status()).isEqualTo(400);
    String filter = query.replace("labelled", "filtered");
    String desk = (String) Objects.requireNonNull(summary().get("desk"));
    assertThat(get("/desks").json().get("desks")).asString().contains(desk);
    assertThat(sids(filter + "&state=active&assignee=nobody&desk=" + desk))
        .containsExactly(conversation());
    assertThat(sids(filter + "&state=closed")).isEmpty();
    assertThat(sids(filter + "&assignee=agent_1")).isEmpty();
    for (String wrong : List.of("state=late", "desk=IG1")) {
      assertThat(get("/conversations?list=filtered&" + wrong).status())
          .as(wrong)
          .isEqualTo(400);
    }
    assertThat(post(path + "/remove", "{\"label\":\"%s\"}".formatted(label)).status())
        .isEqualTo(204);
    assertThat(sids(query)).isEmpty();
  }

  @Test
  void a_note_reaches_every_agent_and_no_interface_of_a_guest_or_a_server() {
    guest.says("Hello", "a");
    signIn(agent.password());
    String secret = "note-" + agent.name();
    String path = "/conversations/" + conversation() + "/notes";
    String body = "{\"body\":\"%s\",\"client_id\":\"n1\"}".formatted(secret);
    try (GuestSocket socket = guest.entersSocket(-1)) {
      Reply added = post(path, body);
      assertThat(added.status()).isEqualTo(201);
      assertThat(post(path, body).text("body")).isEqualTo(secret);
      AgentBrowser other = new AgentBrowser(installation);
      assertThat(other.gets(conversation(), "notes").response().body()).containsOnlyOnce(secret);
      reply("And this is for the guest");
      StringBuilder frames = new StringBuilder();
      while (frames.indexOf("And this is for the guest") < 0) {
        frames.append(socket.receives());
      }
      assertThat(frames.toString()).doesNotContain(secret);
      assertThat(guest.get("/v2/Webchat/Messages").response().body()).doesNotContain(secret);
      String messages = "/v1/Conversations/" + conversation() + "/Messages";
      assertThat(installation.server("GET", messages, "").response().body())
          .contains("Hello")
          .doesNotContain(secret);
      assertThat(summary().toString()).doesNotContain(secret);
      Reply removed = post(
          path + "/remove",
          "{\"added_revision\":%s}".formatted(added.json().get("added_revision")));
      assertThat(removed.status()).isEqualTo(204);
      assertThat(other.gets(conversation(), "notes").response().body()).doesNotContain(secret);
    }
    String tooLong = "x".repeat(Limits.NOTE_CHARACTERS + 1);
    assertThat(post(path, "{\"body\":\"%s\",\"client_id\":\"n2\"}".formatted(tooLong))
            .status())
        .isEqualTo(400);
  }

  @Test
  void an_agent_who_looks_is_shown_to_the_other_agents_who_look_at_the_same_conversation() {
    guest.says("Hello", "a");
    AgentBrowser other = new AgentBrowser(installation);
    AgentBrowser stranger = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    Guest elsewhere = installation.guest().starts();
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      stranger.posts(conversation(), "looking", "{}");
      other.posts(elsewhere.conversation(), "looking", "{}"); // where this agent does not look
      post("/conversations/" + conversation() + "/looking", "{}");
      other.posts(conversation(), "looking", "{}");
      Map<String, @Nullable Object> look = stream.receives("looking");
      assertThat(look.get("conversation_sid")).isEqualTo(conversation());
      assertThat(look.get("agent")).as("the first report").isEqualTo(identity(other.name()));
    }
    assertThat(post("/conversations/nonsense/looking", "{}").status()).isEqualTo(404);
  }

  private String identity(String name) {
    List<?> agents = (List<?>) Objects.requireNonNull(get("/agents").json().get("agents"));
    return agents.stream()
        .<Map<?, ?>>map(one -> (Map<?, ?>) Objects.requireNonNull(one))
        .filter(one -> name.equals(one.get("name")))
        .map(one -> String.valueOf(one.get("identity")))
        .findFirst()
        .orElseThrow();
  }

  private List<String> sids(String list) {
    return list(list).stream()
        .map(one -> String.valueOf(one.get("conversation_sid")))
        .toList();
  }

  @Test
  void a_missing_conversation_and_one_of_another_account_are_a_404() {
    signIn(agent.password());
    String sid = conversation();
    for (String path : List.of("CH" + "0".repeat(32), "nonsense")) {
      assertThat(get("/conversations/" + path).status()).isEqualTo(404);
      assertThat(post("/conversations/" + path + "/close", "{}").status()).isEqualTo(404);
    }
    Installation.NewAgent stranger = installation.agentOfAnotherAccount();
    post(
        "/sign-in",
        "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(stranger.name(), stranger.password()));
    assertThat(get("/conversations/" + sid).status()).isEqualTo(404);
    assertThat(post("/conversations/" + sid + "/read", "{\"index\":0}").status())
        .isEqualTo(404);
    assertThat(post("/conversations/" + sid + "/messages", "{\"body\":\"x\",\"client_id\":\"x\"}")
            .status())
        .isEqualTo(404);
    assertThat(list("all")).isEmpty();
  }

  /** Rate limits are off, so this test reserves all memory and not one client's share. */
  @Test
  void a_conversation_is_pushed_only_while_there_is_memory_for_it_and_typing_always() {
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      try (var _ =
          Outflow.hold("", Limits.RESPONSE_MEMORY, Duration.ofSeconds(10)).orElseThrow()) {
        guest.says("Hello", "a");
        guest.posts("/v2/Webchat/Typing", "{}");
        assertThat(stream.receives()).containsEntry("type", "typing");
      }
      assertThat(stream.receives()).containsEntry("type", "conversation");
    }
  }

  @Test
  void the_stream_announces_every_conversation_and_ends_with_the_sign_in() {
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      guest.says("Hello", "a");
      Map<?, ?> told =
          (Map<?, ?>) Objects.requireNonNull(stream.receives("conversation").get("conversation"));
      assertThat(told.get("conversation_sid")).isEqualTo(conversation());
      installation.agents(agents -> agents.remove(agent.name()));
      assertThat(stream.receives("signed_out")).isNotNull();
      assertThat(stream.closedWith()).isEqualTo(1008);
    }
  }

  @Test
  void a_removed_agent_receives_no_later_event() {
    signIn(agent.password());
    int before = follows.begun(installation.account);
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      follows.untilItIsFollowed(installation.account, before);
      installation.agents(agents -> agents.remove(agent.name()));
      guest.says("for those who are still here", "a");
      assertThat(stream.receives()).containsEntry("type", "signed_out");
    }
  }

  @Test
  void a_removed_agent_is_signed_out_also_when_nothing_happens() {
    signIn(agent.password());
    try (GuestSocket stream = GuestSocket.open(
        installation.edge(), "/inbox/api/stream", ourPage(), Installation.origin(installation))) {
      stream.receives("welcome");
      installation.agents(agents -> agents.remove(agent.name()));
      long removed = System.nanoTime();
      stream.receives("signed_out");
      assertThat(System.nanoTime() - removed)
          .as("without waiting for a ping")
          .isLessThan(Limits.SOCKET_PING.toNanos());
    }
  }

  // ---- the agent's browser

  private String conversation() {
    return guest.conversation();
  }

  private Map<?, ?> summary() {
    return summary(conversation());
  }

  private Map<?, ?> summary(String conversation) {
    return list("all").stream()
        .filter(one -> conversation.equals(one.get("conversation_sid")))
        .findFirst()
        .orElseThrow();
  }

  /** The SIDs of the list, in its order. */
  private List<String> listed() {
    return list("all").stream()
        .map(one -> String.valueOf(one.get("conversation_sid")))
        .toList();
  }

  private List<Map<?, ?>> list(String name) {
    List<?> all = (List<?>)
        Objects.requireNonNull(get("/conversations?list=" + name).json().get("conversations"));
    return all.stream()
        .<Map<?, ?>>map(one -> (Map<?, ?>) Objects.requireNonNull(one))
        .toList();
  }

  private Reply signIn(String password) {
    return post(
        "/sign-in", "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), password));
  }

  private Reply get(String path) {
    return call("GET", path, "", Map.of());
  }

  private Reply post(String path, String json) {
    return call("POST", path, json, Map.of("Sec-Fetch-Site", "same-origin"));
  }

  private Map<String, String> ourPage() {
    return Map.of("Cookie", Objects.requireNonNull(cookie), "Sec-Fetch-Site", "same-origin");
  }

  private Reply call(String method, String path, String json, Map<String, String> headers) {
    HttpRequest.Builder request = Http.request(installation.edge().resolve("/inbox/api" + path));
    headers.forEach(request::header);
    if (cookie != null) {
      request.header("Cookie", cookie);
    }
    if (method.equals("POST")) {
      request.header("Content-Type", "application/json");
    }
    HttpResponse<String> response = Http.send(request
        .method(
            method,
            method.equals("GET")
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(json))
        .build());
    response
        .headers()
        .firstValue("Set-Cookie")
        .ifPresent(set -> cookie = set.substring(0, set.indexOf(';')));
    assertThat(response.body().isEmpty() || Json.object(response.body()).isPresent())
        .isTrue();
    return new Reply(response.statusCode(), response);
  }
}
