package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Role;
import parlour.Sid;
import parlour.conversations.SqlConversationStore;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** What a new chat begins with. */
@ParameterizedClass
@EnumSource(Shape.class)
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

  private Reply with(String identity, String deploymentKey) {
    return guest.post(
        INIT, "{\"deploymentKey\":\"%s\",\"identity\":\"%s\"}".formatted(deploymentKey, identity));
  }

  /** What Conversations keeps of the chat that began. */
  private Kept kept(Reply reply) {
    try (Database database =
        installation.database(Role.CONVERSATIONS, SqlConversationStore.MIGRATIONS)) {
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
