package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.SqlConversationStore;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** The content of a new chat. */
@ParameterizedClass
@InBothShapes
class InitTest {
  private static final String INIT = "/v2/Webchat/Init";

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;
  private final String key;

  InitTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest();
    key = installation.deployment.text();
  }

  private record Kept(String friendlyName, String preEngagementData, String identity) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"deploymentKey\":\"%s\"}",
        "{\"deploymentKey\":\"%s\",\"customerFriendlyName\":null,\"preEngagementData\":null}",
        "{\"deploymentKey\":\"%s\",\"customerFriendlyName\":\"  \",\"preEngagementData\":\"\"}",
      })
  void without_a_name_one_is_the_Customer_and_has_said_nothing(String body) {
    Reply reply = guest.post(INIT, body.formatted(key));
    assertThat(reply.status()).isEqualTo(201);
    assertThat(kept(reply)).isEqualTo(new Kept("Customer", "{}", reply.text("identity")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DeploymentKey=%s&CustomerFriendlyName=Ada+L%%C3%%B6v&PreEngagementData=%%7B%%22a%%22%%3A1%%7D",
        "deployment_key=%s&customer_friendly_name=Ada+L%%C3%%B6v&pre_engagement_data=%%7B%%22a%%22:1%%7D",
      })
  void a_form_says_the_same_as_JSON(String form) {
    Reply byForm = guest.post(
        INIT, form.formatted(key), Map.of("Content-Type", "application/x-www-form-urlencoded"));
    Reply byJson = guest.post(INIT, """
        {"deploymentKey":"%s","CustomerFriendlyName":"Ada Löv","pre_engagement_data":"{\\"a\\":1}"}""".formatted(key));
    for (Reply reply : List.of(byForm, byJson)) {
      assertThat(reply.status()).isEqualTo(201);
      assertThat(kept(reply)).isEqualTo(new Kept("Ada Löv", "{\"a\":1}", reply.text("identity")));
    }
  }

  @Test
  void a_known_guest_keeps_the_name_and_gets_another_conversation() {
    Reply first = guest.init();
    Reply second = with(first.text("identity"), key);
    assertThat(second.status()).isEqualTo(201);
    assertThat(second.text("identity")).isEqualTo(first.text("identity"));
    assertThat(second.text("conversation_sid")).isNotEqualTo(first.text("conversation_sid"));
  }

  @Test
  void a_name_that_was_not_issued_here_is_not_taken() {
    String elsewhere = installation.deploy(installation.defaults()).text();
    String theirs =
        installation.guest().of(new Sid.Deployment(elsewhere)).init().text("identity");
    String forged = theirs.substring(0, theirs.length() - 1) + (theirs.endsWith("0") ? "1" : "0");
    for (String identity : List.of(theirs, forged, "admin", "guest_", "guest_1_2")) {
      Reply reply = with(identity, key);
      assertThat(reply.status()).isEqualTo(201);
      assertThat(reply.text("identity")).isNotEqualTo(identity).startsWith("guest_");
    }
    assertThat(with(theirs, elsewhere).text("identity")).isEqualTo(theirs);
  }

  @Test
  void the_first_message_is_there_once_as_an_ordinary_message_of_the_guest() {
    Reply begun = starting(UUID.randomUUID().toString(), "Is it open?");
    assertThat(begun.status()).isEqualTo(201);
    assertThat(said(begun)).containsExactly("0 guest Ada Is it open? m-1");
  }

  @Test
  void a_call_that_is_repeated_with_its_idempotency_key_leads_into_the_same_chat() {
    String once = UUID.randomUUID().toString();
    Reply lost = starting(once, "Is it open?");
    Reply again = starting(once, "Is it open?");
    for (String name : List.of("conversation_sid", "identity")) {
      assertThat(again.text(name)).isEqualTo(lost.text(name));
    }
    assertThat(said(again)).hasSize(1);
    Reply other = starting(once, "Is it closed?"); // other content: another chat
    assertThat(other.text("conversation_sid")).isNotEqualTo(again.text("conversation_sid"));
    assertThat(other.text("identity")).isNotEqualTo(again.text("identity"));
  }

  @Test
  void an_idempotency_key_opens_no_chat_that_ended_or_began_long_ago() {
    String once = UUID.randomUUID().toString();
    Reply begun = starting(once, "Is it open?");
    installation.guest().holding(begun.text("token")).posts("/v2/Webchat/End", "{}");
    assertThat(starting(once, "Is it open?").code()).isEqualTo(45770);
    String old = UUID.randomUUID().toString();
    starting(old, "Is it open?");
    installation.clock.pass(Limits.IDEMPOTENCY_KEY_TTL.plusSeconds(1));
    assertThat(starting(old, "Is it open?").code()).isEqualTo(45770);
  }

  @Test
  void a_faulty_first_message_is_named_and_no_chat_begins() {
    Map<String, String> wrong = Map.of(
        "\"firstMessage\":\"%s\"".formatted("x".repeat(Limits.MESSAGE_BODY_BYTES + 1)),
        "firstMessage",
        "\"firstMessage\":\"Hi\",\"clientId\":\"a b\"",
        "client_id",
        "\"firstMessage\":\"Hi\",\"idempotencyKey\":\"short\"",
        "idempotencyKey");
    wrong.forEach((fields, named) -> {
      Reply reply = guest.post(INIT, "{\"deploymentKey\":\"%s\",%s}".formatted(key, fields));
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.text("message")).contains(named);
    });
    Reply blank =
        guest.post(INIT, "{\"deploymentKey\":\"%s\",\"firstMessage\":\" \"}".formatted(key));
    assertThat(said(blank)).isEmpty();
  }

  @Test
  void the_longest_first_message_and_the_longest_data_pass_together() {
    String longest = "\\\"".repeat(Limits.MESSAGE_BODY_BYTES);
    String data = "\\\"" + "ä".repeat((Limits.PRE_ENGAGEMENT_BYTES - 2) / 2) + "\\\"";
    Reply reply = guest.post(INIT, """
        {"deploymentKey":"%s","preEngagementData":"%s","firstMessage":"%s"}""".formatted(key, data, longest));
    assertThat(reply.status()).isEqualTo(201);
  }

  private Reply starting(String idempotencyKey, String firstMessage) {
    return guest.post(INIT, """
        {"deploymentKey":"%s","customerFriendlyName":"Ada","firstMessage":"%s","clientId":"m-1",
         "idempotencyKey":"%s"}""".formatted(key, firstMessage, idempotencyKey));
  }

  /** Each message of the new chat, as text. */
  private List<String> said(Reply begun) {
    Reply history = installation.guest().holding(begun.text("token")).get("/v2/Webchat/Messages");
    return ((List<?>) Objects.requireNonNull(history.json().get("messages")))
        .stream()
            .map(message -> (Map<?, ?>) message)
            .map(message -> "%s %s %s %s %s"
                .formatted(
                    message.get("index"),
                    message.get("author_kind"),
                    message.get("author_name"),
                    message.get("body"),
                    message.get("client_id")))
            .toList();
  }

  private Reply with(String identity, String deploymentKey) {
    return guest.post(
        INIT, "{\"deploymentKey\":\"%s\",\"identity\":\"%s\"}".formatted(deploymentKey, identity));
  }

  /** The stored conversation of the new chat. */
  private Kept kept(Reply reply) {
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      return database
          .read(sql -> sql.first(
              """
              SELECT friendly_name, pre_engagement_data, identity
              FROM conversation JOIN participant ON participant.conversation_sid = conversation.sid
              WHERE conversation.sid = ?
              """,
              row -> new Kept(
                  row.getString("friendly_name"),
                  row.getString("pre_engagement_data"),
                  row.getString("identity")),
              reply.text("conversation_sid")))
          .orElseThrow();
    }
  }
}
