package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.twilio.exception.ApiException;
import com.twilio.http.HttpClient;
import com.twilio.http.HttpMethod;
import com.twilio.http.Request;
import com.twilio.http.Response;
import com.twilio.http.TwilioRestClient;
import com.twilio.rest.conversations.v1.Conversation;
import com.twilio.rest.conversations.v1.conversation.Message;
import com.twilio.rest.conversations.v1.conversation.Participant;
import com.twilio.rest.conversations.v1.conversation.message.DeliveryReceipt;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Conversations;
import parlour.http.json.Json;
import parlour.http.server.BytePool;
import parlour.http.server.Outflow;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The server-side API, asked by the client libraries that it is made for, and by hand. */
@ParameterizedClass
@InBothShapes
class ServerApiTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;

  ServerApiTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
  }

  @Test
  void the_npm_package_reads_answers_and_closes() throws Exception {
    guest.says("Is it open?", "a");
    guest.says("On Sundays?", "b");
    Map<String, @Nullable Object> found =
        Json.object(node("server-side-api.mjs")).orElseThrow();
    assertThat(texts(found.get("listed"))).contains(guest.conversation());
    assertThat(found)
        .containsEntry("participant", "bot")
        .containsEntry(
            "created", Map.of("index", 2L, "author", "bot", "body", "Hello from npm", "date", true))
        .containsEntry("updated", "Hello again from npm")
        .containsEntry("messages", List.of("Is it open?", "On Sundays?", "Hello again from npm"))
        .containsEntry("newest", List.of("Hello again from npm"))
        .containsEntry("removed", true)
        .containsEntry("gone", Map.of("status", 404L, "code", 20404L))
        .containsEntry(
            "file",
            Map.of(
                "same",
                true,
                "filename",
                "offer.txt",
                "type",
                "text/plain",
                "size",
                8L,
                "content",
                "An offer"))
        .containsEntry("state", "closed")
        .containsEntry("closed", Map.of("status", 409L, "code", 45781L));
    assertThat(texts(found.get("identities"))).hasSize(2).contains("bot");
  }

  @Test
  void the_Java_library_reads_answers_and_closes() {
    guest.says("Is it open?", "a");
    TwilioRestClient client = javaLibrary();
    String sid = guest.conversation();

    List<String> listed = new ArrayList<>();
    Conversation.reader().limit(20).read(client).forEach(one -> listed.add(one.getSid()));
    assertThat(listed).contains(sid);
    Participant bot = Participant.creator(sid).setIdentity("bot").create(client);
    assertThat(bot.getIdentity()).isEqualTo("bot");
    Message message =
        Message.creator(sid).setAuthor("bot").setBody("Hello from Java").create(client);
    assertThat(message.getIndex()).isEqualTo(1);
    assertThat(message.getDateCreated()).isNotNull();
    assertThat(Message.updater(sid, message.getSid())
            .setBody("Yes.")
            .update(client)
            .getBody())
        .isEqualTo("Yes.");
    assertThat(Participant.updater(sid, bot.getSid())
            .setAttributes("[1]")
            .setLastReadMessageIndex(1)
            .update(client)
            .getAttributes())
        .isEqualTo("[1]");
    assertThat(Participant.fetcher(sid, "bot").fetch(client).getLastReadMessageIndex())
        .isEqualTo(1);
    List<String> receipts = new ArrayList<>();
    DeliveryReceipt.reader(sid, message.getSid())
        .read(client)
        .forEach(one -> receipts.add(one.getParticipantSid() + " " + one.getStatus()));
    assertThat(receipts)
        .containsExactly(
            get(installation.edge() + "/v1/Conversations/" + sid + "/Participants/" + identity())
                    .text("sid")
                + " sent");
    List<String> bodies = new ArrayList<>();
    Message.reader(sid).pageSize(1).read(client).forEach(one -> bodies.add(one.getBody()));
    assertThat(bodies).containsExactly("Is it open?", "Yes.");
    assertThat(Message.deleter(sid, message.getSid()).delete(client)).isTrue();
    Conversation closed =
        Conversation.updater(sid).setState(Conversation.State.CLOSED).update(client);
    assertThat(closed.getState()).isEqualTo(Conversation.State.CLOSED);
    assertThatThrownBy(() -> Message.fetcher(sid, message.getSid()).fetch(client))
        .isInstanceOfSatisfying(
            ApiException.class, error -> assertThat(error.getCode()).isEqualTo(20404));
  }

  @Test
  void the_Java_library_sends_a_file_and_reads_the_files_of_messages() {
    TwilioRestClient client = javaLibrary();
    String file = installation.serverUploads("offer.txt", "An offer").text("sid");
    Message sent =
        Message.creator(guest.conversation()).setAuthor("bot").setMediaSid(file).create(client);
    Message read = Message.fetcher(guest.conversation(), sent.getSid()).fetch(client);
    assertThat(read.getMedia())
        .singleElement()
        .satisfies(one -> assertThat(one)
            .hasToString(sent.getMedia().getFirst().toString())
            .asString()
            .contains(file, "offer.txt", "text/plain"));
    String record = "%s/v1/Services/IS%s/Media/%s".formatted(installation.edge(), digits(), file);
    Response found = client.request(new Request(HttpMethod.GET, record));
    Map<?, ?> links = (Map<?, ?>)
        Objects.requireNonNull(Json.object(found.getContent()).orElseThrow().get("links"));
    assertThat(Http.bytes(URI.create(String.valueOf(links.get("content_direct_temporary")))))
        .isEqualTo("An offer".getBytes(StandardCharsets.UTF_8));
  }

  private String digits() {
    return installation.account.text().substring(2);
  }

  private TwilioRestClient javaLibrary() {
    return new TwilioRestClient.Builder(installation.account.text(), installation.authToken())
        .httpClient(new ToParlour(installation.edge()))
        .build();
  }

  @Test
  void pages_of_conversations_hold_each_one_once() {
    for (int i = 0; i < 5; i++) {
      installation.guest().starts();
    }
    List<String> seen = new ArrayList<>();
    String next = installation.edge() + "/v1/Conversations?PageSize=2&State=active";
    while (!next.equals("null")) {
      Map<String, @Nullable Object> page = get(next).json();
      for (Object one : (List<?>) Objects.requireNonNull(page.get("conversations"))) {
        seen.add(String.valueOf(((Map<?, ?>) one).get("sid")));
      }
      next = String.valueOf(
          ((Map<?, ?>) Objects.requireNonNull(page.get("meta"))).get("next_page_url"));
    }
    assertThat(seen).hasSizeGreaterThan(5).doesNotHaveDuplicates().contains(guest.conversation());
  }

  @Test
  void a_conversation_that_changes_while_it_is_paged_through_is_not_skipped() {
    List<Guest> guests = new ArrayList<>(List.of(guest));
    for (int i = 0; i < 3; i++) {
      installation.clock.pass(Duration.ofSeconds(1));
      guests.add(installation.guest().starts());
    }
    List<String> seen = new ArrayList<>();
    String next = installation.edge() + "/v1/Conversations?PageSize=2";
    while (!next.equals("null")) {
      Map<String, @Nullable Object> page = get(next).json();
      for (Object one : (List<?>) Objects.requireNonNull(page.get("conversations"))) {
        seen.add(String.valueOf(((Map<?, ?>) one).get("sid")));
      }
      installation.clock.pass(Duration.ofSeconds(1));
      guest.says("meanwhile", "m" + seen.size());
      next = String.valueOf(
          ((Map<?, ?>) Objects.requireNonNull(page.get("meta"))).get("next_page_url"));
    }
    assertThat(seen)
        .doesNotHaveDuplicates()
        .containsSubsequence(guests.reversed().stream().map(Guest::conversation).toList());
  }

  @Test
  void a_page_that_is_asked_for_by_its_number_alone_is_refused_in_words() {
    String all = installation.edge() + "/v1/Conversations";
    String one = all + "/" + guest.conversation();
    for (String list : List.of(all, one + "/Messages", one + "/Participants")) {
      Reply reply = get(list + "?Page=7");
      assertThat(reply.status()).as(list).isEqualTo(400);
      assertThat(reply.text("message")).contains("next_page_url");
      assertThat(get(list + "?Page=0").status()).as(list).isEqualTo(200);
      assertThat(get(list + "?Page=-1").status()).as(list).isEqualTo(400);
    }
  }

  @Test
  void the_guests_name_and_answers_are_where_the_public_API_has_them() {
    Reply started = guest.post("/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"Grace",\
        "preEngagementData":"{\\"order\\":\\"4711\\"}"}\
        """.formatted(installation.deployment.text()));
    String one = installation.edge() + "/v1/Conversations/" + started.text("conversation_sid");
    assertThat(get(one).text("friendly_name")).isEqualTo("Grace");
    assertThat(answers(get(one))).isEqualTo(Map.of("order", "4711"));
    Reply listed = get(installation.edge() + "/v1/Conversations?PageSize=1");
    assertThat(listed.response().body()).contains("\"friendly_name\":\"Grace\"");

    post(one, "Attributes=%7B%22vip%22%3Atrue%7D");
    assertThat(attributes(get(one))).containsEntry("vip", true);
    assertThat(answers(get(one))).isEqualTo(Map.of("order", "4711"));
    post(one, "Attributes=%7B%22pre_engagement_data%22%3A%7B%7D%7D");
    assertThat(answers(get(one))).as("the server's own").isEqualTo(Map.of());
  }

  private static Map<String, @Nullable Object> attributes(Reply reply) {
    return Json.object(reply.text("attributes")).orElseThrow();
  }

  private static Object answers(Reply reply) {
    return Objects.requireNonNull(attributes(reply).get("pre_engagement_data"));
  }

  @Test
  void long_messages_come_in_pages_that_lead_through_all_of_them() {
    String longest = "%22".repeat(Limits.MESSAGE_BODY_BYTES); // twice as long in JSON
    String messages =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Messages";
    for (int i = 0; i < 5; i++) {
      assertThat(post(messages, "Body=" + longest).status()).isEqualTo(201);
    }
    for (String order : List.of("asc", "desc")) {
      List<Object> seen = new ArrayList<>();
      String next = messages + "?PageSize=100&Order=" + order;
      int pages = 0;
      while (!next.equals("null")) {
        Reply page = get(next);
        assertThat(page.response().body().length()).isLessThan(Limits.PAGE_BYTES);
        for (Object one : (List<?>) Objects.requireNonNull(page.json().get("messages"))) {
          seen.add(((Map<?, ?>) one).get("index"));
        }
        next = String.valueOf(
            ((Map<?, ?>) Objects.requireNonNull(page.json().get("meta"))).get("next_page_url"));
        pages++;
      }
      assertThat(pages).isEqualTo(2);
      assertThat(seen)
          .hasSize(5)
          .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L)
          .startsWith(order.equals("asc") ? 0L : 4L);
    }
  }

  @Test
  void a_control_character_in_a_body_or_a_name_is_refused() {
    String one = installation.edge() + "/v1/Conversations/" + guest.conversation();
    Reply body = post(one + "/Messages", "Body=a%1Bb");
    assertThat(body.status()).isEqualTo(400);
    assertThat(body.text("message")).contains("\"body\"", "control character");
    assertThat(post(one + "/Messages", "Author=a%01b&Body=Hi").status()).isEqualTo(400);
    assertThat(post(one + "/Participants", "Identity=ann&FriendlyName=A%9Bnn").status())
        .isEqualTo(400);
  }

  @Test
  void without_an_auth_token_every_answer_is_the_same_refusal() {
    String right = installation.account.text() + ":" + installation.authToken();
    for (String wrong : List.of(
        right + "0",
        installation.account.text() + ":",
        "AC" + "0".repeat(32) + ":" + installation.authToken(),
        ":" + installation.authToken(),
        "nonsense")) {
      Reply reply = call("GET", installation.edge() + "/v1/Conversations", wrong);
      assertThat(reply.status()).as(wrong).isEqualTo(401);
      assertThat(reply.code()).isEqualTo(20003);
    }
    assertThat(get(installation.edge() + "/v1/Conversations").status()).isEqualTo(200);
  }

  @Test
  void an_erased_conversation_is_gone_with_its_guests_session() {
    guest.says("forget me", "a");
    String one = installation.edge() + "/v1/Conversations/" + guest.conversation();
    assertThat(call("DELETE", one).status()).isEqualTo(204);
    assertThat(get(one).code()).isEqualTo(20404);
    assertThat(get(one + "/Messages").code()).isEqualTo(20404);
    assertThat(guest.reloads().code()).isEqualTo(45775);
  }

  @Test
  void edits_and_removals_by_a_server_reach_the_guest() {
    guest.says("Hello", "a");
    String messages =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Messages";
    Reply sent = post(messages, "Body=Welcome&Author=bot");
    assertThat(sent.status()).isEqualTo(201);
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(3))) {
      assertThat(socket.receives()).containsEntry("type", "welcome");
      post(installation.edge() + "/v1/Conversations/" + guest.conversation(), "Attributes=[1]");
      post(messages + "/" + sent.text("sid"), "Body=Welcome!");
      assertThat(socket.receives()).containsEntry("change", "changed");
      call("DELETE", messages + "/" + sent.text("sid"));
      assertThat(socket.receives()).containsEntry("change", "removed");
    }
  }

  @Test
  void a_page_has_as_many_messages_as_asked_for_although_others_were_removed() {
    String messages =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Messages";
    List<String> sids = new ArrayList<>();
    for (String body : List.of("first", "second", "third", "fourth")) {
      sids.add(String.valueOf(post(messages, "Body=" + body).text("sid")));
    }
    call("DELETE", messages + "/" + sids.get(1));
    call("DELETE", messages + "/" + sids.get(2));
    Reply page = get(messages + "?PageSize=2&Order=desc");
    assertThat(texts(page.json().get("messages")))
        .satisfiesExactly(
            last -> assertThat(last).contains("fourth"), one -> assertThat(one).contains("first"));
  }

  @Test
  void a_participant_is_found_by_an_identity_with_blanks_and_signs() {
    String participants =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Participants";
    assertThat(post(participants, "Identity=jos%C3%A9%40example.com+%2B1").status())
        .isEqualTo(201);
    assertThat(get(participants + "/jos%C3%A9%40example.com%20%2B1").text("identity"))
        .isEqualTo("josé@example.com +1");
    assertThat(get(participants + "/%FF").status()).isEqualTo(400);
  }

  @Test
  void receipts_show_who_has_read_a_message() {
    guest.says("Hello", "a");
    String one = installation.edge() + "/v1/Conversations/" + guest.conversation();
    post(one + "/Participants", "Identity=bot");
    Reply sent = post(one + "/Messages", "Author=bot&Body=Hi");
    String receipts = one + "/Messages/" + sent.text("sid") + "/Receipts";
    Map<?, ?> before = onlyReceipt(receipts);
    assertThat(before.get("status")).isEqualTo("sent");
    assertThat(String.valueOf(before.get("sid"))).matches("DY[0-9a-f]{32}");
    assertThat(before.get("participant_sid"))
        .isEqualTo(get(one + "/Participants/" + identity()).text("sid"));
    guest.posts("/v2/Webchat/Read", "{\"index\":1}");
    Map<?, ?> after = onlyReceipt(receipts);
    assertThat(after.get("status")).isEqualTo("read");
    assertThat(after.get("sid")).isEqualTo(before.get("sid"));
    assertThat(get(receipts + "/" + after.get("sid")).json()).isEqualTo(after);
    assertThat(get(receipts + "/DY" + "0".repeat(32)).status()).isEqualTo(404);
    call("DELETE", one + "/Messages/" + sent.text("sid"));
    assertThat(get(receipts).status()).isEqualTo(404);
  }

  private Map<?, ?> onlyReceipt(String receipts) {
    List<?> all = (List<?>) Objects.requireNonNull(get(receipts).json().get("delivery_receipts"));
    assertThat(all).hasSize(1);
    return (Map<?, ?>) all.getFirst();
  }

  @Test
  void a_server_starts_a_conversation_with_a_guest() {
    String all = installation.edge() + "/v1/Conversations";
    String fields =
        "DeploymentKey=" + guest.deployment().text() + "&Identity=ada&FriendlyName=Ada+L.";
    Reply started = post(all, fields + "&Attributes=%5B1%5D");
    assertThat(started.status()).isEqualTo(201);
    assertThat(started.json())
        .containsEntry("state", "active")
        .containsEntry("friendly_name", "Ada L.")
        .containsEntry("attributes", "[1]");
    String one = all + "/" + started.text("sid");
    assertThat(get(one).json()).isEqualTo(started.json());
    assertThat(get(one + "/Participants/ada").status()).isEqualTo(200);
    Reply said = post(one + "/Messages", "Author=ada&Body=Hello");
    assertThat(said.status()).isEqualTo(201);
    assertThat(said.text("author")).isEqualTo("ada");

    assertThat(post(one + "/Participants", "Identity=ada").code()).isEqualTo(50433);

    assertThat(post(all, "DeploymentKey=CV" + "0".repeat(32) + "&Identity=ada").code())
        .isEqualTo(45778);
    assertThat(post(all, fields.replace("&Identity=ada", "")).text("message")).contains("identity");
    assertThat(post(all, fields + "&Attributes=%5B").status()).isEqualTo(400);
  }

  /** Their own call to create one has no fields for the deployment and the guest. */
  @Test
  void the_packages_start_a_conversation_by_their_general_request() throws Exception {
    Request create = new Request(HttpMethod.POST, "conversations", "/v1/Conversations");
    create.addPostParam("DeploymentKey", guest.deployment().text());
    create.addPostParam("Identity", "ada");
    Response created = javaLibrary().request(create);
    assertThat(created.getStatusCode()).as(created.getContent()).isEqualTo(201);
    Object sid = Json.object(created.getContent()).orElseThrow().get("sid");
    assertThat(
            Participant.fetcher(String.valueOf(sid), "ada").fetch(javaLibrary()).getIdentity())
        .isEqualTo("ada");
    assertThatThrownBy(() -> Conversation.creator().setFriendlyName("Ada").create(javaLibrary()))
        .isInstanceOfSatisfying(
            ApiException.class, refused -> assertThat(refused.getStatusCode()).isEqualTo(400))
        .hasMessageContaining("deploymentKey");
    assertThat(Json.object(node("server-side-start.mjs")).orElseThrow())
        .containsEntry("status", 201L)
        .containsEntry("identities", List.of("eve"))
        .containsEntry("without", 400L);
  }

  /** Otherwise a repeated call starts a second conversation, or is refused by 50433. */
  @Test
  void the_attributes_of_a_new_conversation_or_participant_are_stored_with_it() {
    try (Installation other = Installation.start(Shape.A_PROCESS_PER_ROLE, new NoUpdates())) {
      Guest theirs = other.guest().starts();
      Reply started = other.server(
          "POST",
          "/v1/Conversations",
          "DeploymentKey=" + theirs.deployment().text() + "&Identity=ada&Attributes=%5B1%5D");
      assertThat(started.status()).isEqualTo(201);
      String one = "/v1/Conversations/" + started.text("sid");
      assertThat(other.server("GET", one, "").json()).containsEntry("attributes", "[1]");
      Reply joined = other.server("POST", one + "/Participants", "Identity=bot&Attributes=%5B2%5D");
      assertThat(joined.status()).isEqualTo(201);
      assertThat(other.server("GET", one + "/Participants/bot", "").json())
          .isEqualTo(joined.json())
          .containsEntry("attributes", "[2]");
      other.server("DELETE", one + "/Participants/bot", "");
      assertThat(other.server("POST", one + "/Participants", "Identity=bot").json())
          .as("added again without any")
          .containsEntry("attributes", "[2]");
    }
  }

  /** Nothing can be changed: an outage between two calls. */
  private static final class NoUpdates implements ServiceDecorators {
    @Override
    public Conversations conversations(Conversations service) {
      return (Conversations) Proxy.newProxyInstance(
          Conversations.class.getClassLoader(),
          new Class<?>[] {Conversations.class},
          (_, method, arguments) -> {
            if (method.getName().startsWith("update")) {
              throw new Unavailable("the test", "an outage", null);
            }
            try {
              return method.invoke(service, arguments);
            } catch (InvocationTargetException e) {
              throw e.getCause();
            }
          });
    }
  }

  @Test
  void a_server_changes_the_name_attributes_and_read_index_of_a_participant() {
    guest.says("Hello", "a");
    String one = installation.edge() + "/v1/Conversations/" + guest.conversation();
    Reply joined =
        post(one + "/Participants", "Identity=bot&FriendlyName=Bot&Attributes=%7B%22a%22:1%7D");
    assertThat(joined.json())
        .containsEntry("attributes", "{\"a\":1}")
        .containsEntry("friendly_name", "Bot")
        .containsEntry("last_read_timestamp", null);
    Reply changed = post(
        one + "/Participants/" + joined.text("sid"),
        "FriendlyName=Robot&Attributes=%5B1%5D&LastReadMessageIndex=0");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.json())
        .containsEntry("attributes", "[1]")
        .containsEntry("friendly_name", "Robot")
        .containsEntry("last_read_message_index", 0L)
        .doesNotContainEntry("last_read_timestamp", null);
    Reply lower = post(one + "/Participants/bot", "LastReadMessageIndex=-1");
    assertThat(lower.json()).isEqualTo(changed.json());
    assertThat(post(one + "/Participants/bot", "Attributes=%7B").status()).isEqualTo(400);

    Reply named = post(one + "/Participants/" + identity(), "FriendlyName=Ada+L.");
    assertThat(named.json()).containsEntry("last_read_message_index", null);
    assertThat(get(one).text("friendly_name")).isEqualTo("Ada L.");
    guest.says("It is me", "b");
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).contains("Ada L.");
    call("DELETE", one + "/Participants/bot");
    assertThat(post(one + "/Participants/bot", "FriendlyName=Gone").status()).isEqualTo(404);
  }

  @Test
  void a_participant_does_not_join_twice_and_returns_after_leaving_with_the_same_kind() {
    String participants =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Participants";
    Reply joined = post(participants, "Identity=bot");
    assertThat(joined.status()).isEqualTo(201);
    Reply again = post(participants, "Identity=bot");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.code()).isEqualTo(50433);
    assertThat(call("DELETE", participants + "/bot").status()).isEqualTo(204);
    Reply back = post(participants, "Identity=bot");
    assertThat(back.status()).isEqualTo(201);
    assertThat(back.text("sid")).isEqualTo(joined.text("sid"));

    call("DELETE", participants + "/" + identity());
    assertThat(post(participants, "Identity=" + identity()).status()).isEqualTo(201);
    assertThat(guest.says("I am back", "a").status()).isEqualTo(201);
    assertThat(guest.get("/v2/Webchat/Messages").response().body()).contains("\"kind\":\"guest\"");
  }

  /** A server that sends no ClientId would otherwise repeat a message that is there already. */
  @Test
  void a_long_message_whose_answer_finds_no_memory_is_refused_before_it_is_stored() {
    String messages =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Messages";
    String longMessage = "Body=" + "x".repeat(2 * Limits.RESPONSE_UNRESERVED_BYTES);
    try (BytePool.Held _ =
        Outflow.hold("", Limits.RESPONSE_MEMORY, Limits.STORE_TIMEOUT).orElseThrow()) {
      Reply refused = post(messages, longMessage);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.text("action")).isEqualTo("retry");
      assertThat(
              guest.says("x".repeat(2 * Limits.RESPONSE_UNRESERVED_BYTES), "a").status())
          .isEqualTo(503);
      assertThat(post(messages, "Body=short").status()).isEqualTo(201);
    }
    assertThat(post(messages, longMessage).status()).isEqualTo(201);
    assertThat(texts(get(messages).json().get("messages"))).hasSize(2);
  }

  @Test
  void one_participant_too_many_is_refused_by_its_field_and_the_remedy() {
    String participants =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Participants";
    for (int i = 1; i < Limits.CONVERSATION_PARTICIPANTS; i++) {
      assertThat(post(participants, "Identity=bot" + i).status()).isEqualTo(201);
    }
    Reply refused = post(participants, "Identity=one-more");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo(45784);
    assertThat(refused.text("message"))
        .contains("\"identity\"", "at most 100", "without adding their author");
    assertThat(guest.says("I can still write", "a").status()).isEqualTo(201);
  }

  @Test
  void when_two_calls_add_one_identity_at_once_one_learns_that_it_was_there() {
    String participants =
        installation.edge() + "/v1/Conversations/" + guest.conversation() + "/Participants";
    for (int round = 0; round < 5; round++) {
      String form = "Identity=bot" + round;
      assertThat(AtOnce.run(4, _ -> post(participants, form).status()))
          .containsExactlyInAnyOrder(201, 409, 409, 409);
    }
  }

  @Test
  void a_conversation_is_closed_and_reopened_over_the_API() {
    guest.says("Hello", "a");
    String one = installation.edge() + "/v1/Conversations/" + guest.conversation();
    assertThat(post(one, "State=closed").text("state")).isEqualTo("closed");
    Reply open = post(one, "State=active&Attributes=%7B%22again%22%3Atrue%7D");
    assertThat(open.text("state")).isEqualTo("active");
    assertThat(open.text("attributes")).contains("again");
    assertThat(guest.says("More", "b").status()).isEqualTo(201);

    guest.posts("/v2/Webchat/End", "{\"forget\":true}");
    Reply refused = post(one, "State=active&Attributes=%7B%22never%22%3Atrue%7D");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo(45781);
    assertThat(get(one).text("attributes")).as("all or nothing").doesNotContain("never");
    assertThat(get(one).text("state")).isEqualTo("closed");
    assertThat(post(installation.edge() + "/v1/Conversations/CH" + "0".repeat(32), "State=active")
            .code())
        .isEqualTo(20404);
  }

  @Test
  void an_update_answers_its_own_result_even_if_another_one_closes_meanwhile() {
    String one = installation.edge() + "/v1/Conversations/" + guest.conversation();
    for (int round = 0; round < 5; round++) {
      List<String> states = AtOnce.run(
          4, i -> post(one, i % 2 == 0 ? "State=active" : "State=closed").text("state"));
      assertThat(states).containsExactly("active", "closed", "active", "closed");
    }
  }

  @Test
  void a_removed_guest_sees_the_end_of_the_chat_and_for_others_it_continues() throws Exception {
    guest.says("before", "a");
    String one = installation.edge() + "/v1/Conversations/" + guest.conversation();
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(2))) {
      assertThat(socket.receives())
          .containsEntry("type", "welcome")
          .containsEntry("state", "active");
      assertThat(call("DELETE", one + "/Participants/" + identity()).status()).isEqualTo(204);
      assertThat(socket.receives()).containsEntry("type", "participant");
      assertThat(socket.receives()).containsEntry("type", "state").containsEntry("state", "closed");
      assertThat(post(one + "/Messages", "Body=Among+us").status()).isEqualTo(201);
      assertThat(post(one + "/Participants", "Identity=expert").status()).isEqualTo(201);
      assertThat(socket.receivesNothingFor(Duration.ofSeconds(2))).isTrue();
    }
    assertThat(guest.says("after", "b").code()).isEqualTo(45781);
    assertThat(guest.says("before", "a").status()).as("a resend").isEqualTo(200);
    assertThat(guest.posts("/v2/Webchat/End", "{}").status()).isEqualTo(200);

    assertThat(guest.reloads().status()).isEqualTo(200);
    for (String page : List.of("", "?after=-1", "?limit=1")) {
      Reply history = guest.get("/v2/Webchat/Messages" + page);
      assertThat(history.text("state")).isEqualTo("closed");
      assertThat(history.response().body())
          .contains("before")
          .doesNotContain("after", "Among us", "expert");
    }
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      Map<String, @Nullable Object> welcome = socket.receives();
      assertThat(welcome).containsEntry("type", "welcome").containsEntry("state", "closed");
      assertThat(welcome.toString()).doesNotContain("expert");
      assertThat(socket.receivesUntil("before")).doesNotContain("Among us");
      assertThat(socket.receives("state")).containsEntry("state", "closed");
      assertThat(socket.receivesNothingFor(Duration.ofSeconds(2))).isTrue();

      assertThat(get(one).text("state")).isEqualTo("active");
      assertThat(post(one + "/Participants", "Identity=" + identity()).status()).isEqualTo(201);
      assertThat(socket.receivesUntil("Among us")).containsExactly("Among us");
      assertThat(socket.receives("state")).containsEntry("state", "active");
    }
  }

  /** The guest's own. */
  private String identity() {
    return guest.get("/v2/Webchat/Messages").text("identity");
  }

  @Test
  void unknown_fields_of_a_call_are_harmless_and_a_malformed_page_is_a_400() {
    String all = installation.edge() + "/v1/Conversations";
    for (String query : List.of(
        "PageSize=0",
        "PageSize=ten",
        "PageToken=1",
        "PageToken=99999999999999999999-" + guest.conversation(),
        "PageToken=5-AC" + "0".repeat(32),
        "StartDate=2026-01-01",
        "EndDate=2026-01-01",
        "State=open")) {
      assertThat(get(all + "?" + query).status()).as(query).isEqualTo(400);
    }
    assertThat(get(all + "?EndDate=2026-01-01").text("message")).startsWith("EndDate");
    // A forged place leads nowhere but to this account's own conversations.
    assertThat(texts(get(all + "?PageToken=9223372036854775807-CH" + "f".repeat(32))
            .json()
            .get("conversations")))
        .allMatch(one -> one.contains(installation.account.text()));
    Reply most = get(all + "?PageSize=100000");
    assertThat(((Map<?, ?>) Objects.requireNonNull(most.json().get("meta"))).get("page_size"))
        .isEqualTo(100L);
    Reply sent = post(
        all + "/" + guest.conversation() + "/Messages",
        "Body=Hi&XTwilioWebhookEnabled=true&DateCreated=2020-01-01T00:00:00Z");
    assertThat(sent.status()).isEqualTo(201);
    assertThat(get(all + "/" + guest.conversation() + "/Messages?Order=sideways&PageToken=-7")
            .status())
        .isEqualTo(200);
  }

  @Test
  void a_conversation_of_another_account_is_not_there() {
    Sid.Conversation strange = Sid.Conversation.random(new java.security.SecureRandom());
    for (String path : List.of("", "/Messages", "/Participants")) {
      assertThat(get(installation.edge() + "/v1/Conversations/" + strange.text() + path)
              .code())
          .isEqualTo(20404);
    }
  }

  private static List<String> texts(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list))
        .stream().map(String::valueOf).toList();
  }

  private String node(String script) throws Exception {
    Path browser = Path.of("browser");
    assertThat(Files.isDirectory(browser.resolve("node_modules/twilio")))
        .as("the npm packages of the tests: run npm ci in browser/, as ./dev does")
        .isTrue();
    ProcessBuilder node = new ProcessBuilder("node", "test/" + script)
        .directory(browser.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT);
    node.environment()
        .putAll(Map.of(
            "PARLOUR", installation.edge().toString(),
            "ACCOUNT_SID", installation.account.text(),
            "AUTH_TOKEN", installation.authToken(),
            "DEPLOYMENT_KEY", guest.deployment().text(),
            "CONVERSATION_SID", guest.conversation()));
    Process process = node.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(Duration.ofSeconds(30))).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    return out;
  }

  private Reply get(String url) {
    return call("GET", url);
  }

  private Reply call(String method, String url) {
    return call(method, url, installation.account.text() + ":" + installation.authToken());
  }

  private static Reply call(String method, String url, String pair) {
    HttpResponse<String> response = Http.send(Http.request(URI.create(url))
        .header("Authorization", basic(pair))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .build());
    return new Reply(response.statusCode(), response);
  }

  private Reply post(String url, String form) {
    HttpResponse<String> response = Http.send(Http.request(URI.create(url))
        .header(
            "Authorization", basic(installation.account.text() + ":" + installation.authToken()))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(form))
        .build());
    return new Reply(response.statusCode(), response);
  }

  /** As an account's server does. */
  static void erases(Installation installation, Guest guest) {
    Reply reply = call(
        "DELETE",
        installation.edge() + "/v1/Conversations/" + guest.conversation(),
        installation.account.text() + ":" + installation.authToken());
    assertThat(reply.status()).isEqualTo(204);
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends what the library would send to its makers' host to Parlour. */
  private static final class ToParlour extends HttpClient {
    private final URI edge;

    ToParlour(URI edge) {
      this.edge = edge;
    }

    @Override
    public Response makeRequest(Request request) {
      URI theirs = URI.create(request.constructURL().toString());
      String query = theirs.getRawQuery() == null ? "" : "?" + theirs.getRawQuery();
      HttpRequest.Builder ours = Http.request(edge.resolve(theirs.getRawPath() + query))
          .header("Authorization", Objects.requireNonNull(request.getAuthString()));
      String method = request.getMethod().toString();
      if (method.equals("POST")) {
        ours.header("Content-Type", "application/x-www-form-urlencoded");
      }
      HttpResponse<String> response = Http.send(ours.method(
              method,
              method.equals("POST")
                  ? HttpRequest.BodyPublishers.ofString(request.encodeFormBody())
                  : HttpRequest.BodyPublishers.noBody())
          .build());
      return new Response(response.body(), response.statusCode());
    }
  }
}
