package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.http.json.Json;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The answers that a team prepares in the inbox. */
@ParameterizedClass
@InBothShapes
class CannedRepliesTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final AgentBrowser ann;

  CannedRepliesTest(Shape shape) {
    installation = installations.in(shape);
    ann = new AgentBrowser(installation);
  }

  @Test
  void all_agents_of_an_account_find_an_answer_and_no_other_account_does() {
    put("Opening hours", "Hello {guest}, nine to five.");
    put("Order status", "On its way.");
    AgentBrowser ben = new AgentBrowser(installation);
    assertThat(titles(ben, "op")).containsExactly("Opening hours");
    AgentBrowser stranger = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    assertThat(titles(stranger, "")).isEmpty();
    assertThat(ben.posts("/replies/remove", "{\"title\":\"opening HOURS\"}").status())
        .isEqualTo(204);
    assertThat(titles(ann, "op")).isEmpty();
  }

  @Test
  void a_title_or_a_text_that_is_too_long_is_refused_with_the_bound() {
    Reply title =
        ann.posts("/replies", answer("x".repeat(Limits.CANNED_TITLE_CHARACTERS + 1), "y"));
    assertThat(title.status()).isEqualTo(400);
    assertThat(title.text("message")).contains("" + Limits.CANNED_TITLE_CHARACTERS);
    Reply text = ann.posts("/replies", answer("x", "y".repeat(Limits.CANNED_TEXT_CHARACTERS + 1)));
    assertThat(text.status()).isEqualTo(400);
    assertThat(ann.posts("/replies", answer("two\nlines", "y")).status()).isEqualTo(400);
    assertThat(ann.gets("/replies?find=" + "x".repeat(Limits.CANNED_TITLE_CHARACTERS + 1))
            .status())
        .isEqualTo(400);
  }

  @Test
  void of_two_admins_who_change_an_answer_at_once_the_later_one_reads_that_it_has_changed() {
    put("Opening hours", "Nine to five");
    String change = "{\"title\":\"Opening hours\",\"text\":\"%s\",\"from\":\"Nine to five\"}";
    assertThat(ann.posts("/replies", change.formatted("Ten to six")).status()).isEqualTo(204);
    Reply late = ann.posts("/replies", change.formatted("Closed"));
    assertThat(late.status()).isEqualTo(400);
    assertThat(late.text("message")).contains("Somebody else has changed");
    assertThat(ann.gets("/replies").response().body()).contains("Ten to six");
  }

  private void put(String title, String text) {
    assertThat(ann.posts("/replies", answer(title, text)).status()).isEqualTo(204);
  }

  private static String answer(String title, String text) {
    return new String(Json.write(Map.of("title", title, "text", text)), StandardCharsets.UTF_8);
  }

  private static List<Object> titles(AgentBrowser agent, String prefix) {
    List<?> replies = (List<?>)
        Objects.requireNonNull(agent.gets("/replies?find=" + prefix).json().get("replies"));
    return replies.stream()
        .<Object>map(
            one -> Objects.requireNonNull(((Map<?, ?>) Objects.requireNonNull(one)).get("title")))
        .toList();
  }
}
