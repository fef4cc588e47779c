package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.http.json.Json;
import parlour.inbox.Agents;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Agents search the conversations of their account. */
@ParameterizedClass
@InBothShapes
class SearchTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final AgentBrowser ann;
  private final Guest guest;

  SearchTest(Shape shape) {
    installation = installations.in(shape);
    ann = new AgentBrowser(installation);
    guest = installation.guest().starts();
  }

  @Test
  void an_agent_finds_what_guests_and_agents_have_written_and_where() {
    guest.says("Where is my Bestellung?", "a");
    ann.says(guest.conversation(), "It waits in Köln since Tuesday", "b");
    Map<?, ?> ours = found(ann, "koln tuesd").getFirst();
    assertThat(conversation(ours)).isEqualTo(guest.conversation());
    assertThat(ours.get("passage")).isEqualTo("It waits in Köln since Tuesday");
    assertThat(ours.get("marks"))
        .isEqualTo(List.of(Map.of("start", 12L, "end", 16L), Map.of("start", 23L, "end", 30L)));
    Map<?, ?> theirs = found(ann, "bestellung").getFirst();
    assertThat(theirs.get("note")).isNull();
    assertThat(ann.gets(guest.conversation(), "messages?after=" + (index(theirs) - 1))
            .response()
            .body())
        .contains("Where is my Bestellung?");
  }

  @Test
  void agents_find_notes_and_closed_conversations_and_no_api_of_guests_searches() {
    guest.says("Hello", "a");
    ann.posts(guest.conversation(), "notes", "{\"body\":\"a regular-guest\",\"client_id\":\"n\"}");
    ann.posts(guest.conversation(), "close", "{}");
    Map<?, ?> found = found(ann, "\"regular-guest\"").getFirst();
    assertThat(found.get("index")).isNull();
    assertThat((long) Objects.requireNonNull(found.get("note"))).isPositive();
    Reply asGuest = guest.posts("/inbox/api/search", "{\"words\":\"regular\"}");
    assertThat(asGuest.status()).isIn(401, 403);
    assertThat(asGuest.response().body()).doesNotContain("regular-guest");
    AgentBrowser auditor = new AgentBrowser(installation, installation.agent(Agents.Role.AUDITOR));
    assertThat(found(auditor, "\"regular-guest\"")).hasSize(1);
  }

  @Test
  void an_agent_of_another_account_finds_nothing() {
    guest.says("swordfish", "a");
    assertThat(found(ann, "swordfish")).hasSize(1);
    AgentBrowser other = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    assertThat(search(other, "swordfish").json()).containsEntry("results", List.of());
  }

  @Test
  void a_removed_message_is_not_found_from_the_moment_of_its_removal() {
    Reply said = guest.says("marlin marlin", "a");
    guest.says("and something else", "b");
    assertThat(found(ann, "marlin")).hasSize(1);
    Reply removed = installation.server(
        "DELETE",
        "/v1/Conversations/%s/Messages/%s".formatted(guest.conversation(), said.text("sid")),
        "");
    assertThat(removed.status()).isEqualTo(204);
    assertThat(search(ann, "marlin").json()).containsEntry("results", List.of());
  }

  @Test
  void a_search_that_is_too_long_is_refused_with_the_field_and_what_to_do() {
    for (String words : List.of("x".repeat(10_000), "注".repeat(10_000))) {
      Reply refused = search(ann, words);
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.text("message"))
          .contains("\"words\"", "10000", "" + Limits.SEARCH_CHARACTERS, "search for fewer words");
    }
    assertThat(search(ann, "x".repeat(Limits.SEARCH_CHARACTERS)).status()).isEqualTo(200);
    Reply without = ann.posts("/search", "{}");
    assertThat(without.status()).isEqualTo(400);
    assertThat(without.text("message")).contains("\"words\"");
    assertThat(ann.posts("/search", "{\"words\":\"a\",\"after\":\"b\"}").status())
        .isEqualTo(400);
  }

  @Test
  void the_next_page_begins_where_the_one_before_says() {
    for (int i = 0; i <= Limits.SEARCH_PAGE; i++) {
      installation.guest().starts().says("pelican", "a");
    }
    List<Map<?, ?>> first = List.of();
    for (int i = 0; i < 3_000 && first.size() < Limits.SEARCH_PAGE; i++) {
      first = found(ann, "pelican");
    }
    assertThat(first).hasSize(Limits.SEARCH_PAGE);
    Reply page = search(ann, "pelican");
    // Until the last one is in the index. On a busy machine a search ends with a shorter page.
    for (int i = 0;
        i < 3_000 && (page.json().get("next") == null || results(page).size() < Limits.SEARCH_PAGE);
        i++) {
      Installation.pause(Duration.ofMillis(20));
      page = search(ann, "pelican");
    }
    Reply second =
        ann.posts("/search", json(Map.of("words", "pelican", "after", page.text("next"))));
    assertThat(results(second)).hasSize(1);
    assertThat(second.json().get("next")).isNull();
    assertThat(results(page))
        .extracting(SearchTest::conversation)
        .doesNotContain(conversation(results(second).getFirst()));
  }

  /** Searches until something is found, because the index is behind for a moment. */
  private static List<Map<?, ?>> found(AgentBrowser agent, String words) {
    List<Map<?, ?>> found = results(search(agent, words));
    for (int i = 0; i < 3_000 && found.isEmpty(); i++) {
      Installation.pause(Duration.ofMillis(20));
      found = results(search(agent, words));
    }
    return found;
  }

  private static Reply search(AgentBrowser agent, String words) {
    return agent.posts("/search", json(Map.of("words", words)));
  }

  private static List<Map<?, ?>> results(Reply reply) {
    return ((List<?>) Objects.requireNonNull(reply.json().get("results")))
        .stream().<Map<?, ?>>map(result -> (Map<?, ?>) result).toList();
  }

  private static Object conversation(Map<?, ?> result) {
    return Objects.requireNonNull(
        ((Map<?, ?>) Objects.requireNonNull(result.get("conversation"))).get("conversation_sid"));
  }

  private static long index(Map<?, ?> result) {
    return (long) Objects.requireNonNull(result.get("index"));
  }

  private static String json(Map<String, ?> body) {
    return new String(Json.write(body), StandardCharsets.UTF_8);
  }
}
