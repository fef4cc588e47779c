package parlour.inbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;
import parlour.conversations.SearchHit;
import parlour.conversations.SearchPage;
import parlour.conversations.TeamConversations;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.search.Passage;

/**
 * Finds conversations of the agent's account by what was written in them. The words are in the body
 * of the call: an address with them would be in the logs of proxies.
 */
final class SearchEndpoint {
  private final TeamConversations team;
  private final Desks desks;
  private final Inbox inbox;

  SearchEndpoint(TeamConversations team, Desks desks, Inbox inbox) {
    this.team = team;
    this.desks = desks;
    this.inbox = inbox;
  }

  /**
   * A result.
   *
   * @param index of the message that was found; null for a note and for the guest's name
   * @param note the revision that added the note that was found; null for anything else
   * @param marks where the words are in the passage
   */
  record ResultForm(
      Inbox.Summary conversation,
      @Nullable MessageIndex index,
      @Nullable Revision note,
      String dateCreated,
      String passage,
      List<Passage.Mark> marks) {}

  /**
   * @param next the value of the field after for the next page; null if this is the last
   */
  record SearchAnswer(List<ResultForm> results, @Nullable String next) {}

  ApiResponse search(SignInEndpoints.Browser browser, ApiRequest call) {
    RequestFields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    String words = fields.required("words");
    if (words.length() > Limits.SEARCH_CHARACTERS) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"words\" has %d characters, and a search at most %d; search for fewer words."
              .formatted(words.length(), Limits.SEARCH_CHARACTERS));
    }
    Agents.Agent agent = browser.agent();
    SearchPage page = team.search(agent.account(), desks.sight(agent), words, after(fields));
    List<SearchHit> hits = page.hits();
    List<Inbox.Summary> summaries =
        inbox.summaries(agent, hits.stream().map(SearchHit::overview).toList());
    List<ResultForm> results = new ArrayList<>();
    for (int i = 0; i < hits.size(); i++) {
      results.add(form(summaries.get(i), hits.get(i)));
    }
    return ApiResponse.json(
        200, new SearchAnswer(results, page.next().map(String::valueOf).orElse(null)));
  }

  private static ResultForm form(Inbox.Summary conversation, SearchHit hit) {
    SearchHit.Place place = hit.place();
    return new ResultForm(
        conversation,
        place instanceof SearchHit.Place.OfMessage message ? message.index() : null,
        place instanceof SearchHit.Place.OfNote note ? note.added() : null,
        hit.at().toString(),
        hit.passage(),
        hit.marks());
  }

  private static Optional<Long> after(RequestFields fields) {
    return fields.optional("after").map(text -> {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        throw new Problem(
            ErrorCode.MALFORMED, "Send after as the field next of the page before has it.");
      }
    });
  }
}
