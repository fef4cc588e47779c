package parlour.inbox;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/** The endpoints for the answers that the agents of an account have prepared. */
final class ReplyEndpoints {
  private final CannedReplies replies;
  private final Ledger notes;

  /**
   * @param notes where the admins' changes are noted
   */
  ReplyEndpoints(CannedReplies replies, Ledger notes) {
    this.replies = replies;
    this.notes = notes;
  }

  record ListAnswer(List<CannedReplies.CannedReply> replies) {}

  /** The first answers whose titles have the words {@code find}; without it, the first of all. */
  ApiResponse list(Agents.Agent agent, ApiRequest call) {
    String words = atMost(
        Limits.CANNED_TITLE_CHARACTERS, "find", call.query().optional("find").orElse(""));
    return ApiResponse.json(
        200, new ListAnswer(replies.find(agent.account(), words, Limits.CANNED_REPLIES_OFFERED)));
  }

  /**
   * Creates an answer, or replaces the one with this title; with {@code from}, only if that one
   * still has this text.
   */
  ApiResponse put(Agents.Agent agent, ApiRequest call) {
    RequestFields fields = call.fields(Limits.MESSAGE_CALL_BODY);
    String title = title(fields);
    String text = atMost(Limits.CANNED_TEXT_CHARACTERS, "text", fields.required("text"));
    CannedReplies.CannedReply reply = new CannedReplies.CannedReply(title, text);
    Optional<String> from = fields.optional("from");
    if (from.isPresent()) {
      if (!replies.replace(agent.account(), reply, from.get())) {
        throw new Problem(
            ErrorCode.MALFORMED,
            "Somebody else has changed or removed this answer; choose it from the list again.");
      }
      note(agent, "prepared answer changed", title);
      return ApiResponse.empty(204);
    }
    if (!replies.put(agent.account(), reply, Limits.CANNED_REPLIES)) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "There are %d prepared answers already; remove one first."
              .formatted(Limits.CANNED_REPLIES));
    }
    note(agent, "prepared answer saved", title);
    return ApiResponse.empty(204);
  }

  /** Removes the answer with this title, if there is one. */
  ApiResponse remove(Agents.Agent agent, ApiRequest call) {
    String title = title(call.fields(Limits.SMALL_BODY));
    replies.remove(agent.account(), title);
    note(agent, "prepared answer removed", title);
    return ApiResponse.empty(204);
  }

  private void note(Agents.Agent admin, String what, String title) {
    notes.add(LedgerNote.of(LedgerNote.CONSOLE, what).by(admin.name(), title));
  }

  private static String title(RequestFields fields) {
    String title = atMost(Limits.CANNED_TITLE_CHARACTERS, "title", fields.required("title"));
    if (title.isBlank() || title.contains("\n")) {
      throw new Problem(ErrorCode.MALFORMED, "The title must be one line that is not blank.");
    }
    return title.strip();
  }

  private static String atMost(int characters, String field, String text) {
    if (text.length() > characters) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"%s\" has more than %d characters; send a shorter one."
              .formatted(field, characters));
    }
    return text;
  }
}
