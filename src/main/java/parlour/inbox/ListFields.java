package parlour.inbox;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import parlour.Sid;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations.Place;
import parlour.conversations.InboxList;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.RequestFields;

/** Reads which list an agent wants and where its page begins, and writes where the next one does. */
final class ListFields {
  private ListFields() {}

  static InboxList list(RequestFields query, Agents.Agent agent) {
    String name = query.optional("list").orElse("all");
    return switch (name) {
      case "all" -> new InboxList.InState(Conversation.State.ACTIVE);
      case "mine" -> new InboxList.AssignedTo(agent.identity());
      case "unassigned" -> new InboxList.Unassigned();
      case "waiting" -> new InboxList.Waiting(order(query));
      case "labelled" -> new InboxList.Labelled(query.required("label"));
      case "filtered" -> filtered(query);
      case "closed" -> new InboxList.InState(Conversation.State.CLOSED);
      default ->
        throw new Problem(
            ErrorCode.MALFORMED,
            "The list must be all, mine, unassigned, waiting, closed, labelled or filtered.");
    };
  }

  /** Each condition may be missing. */
  private static InboxList filtered(RequestFields query) {
    return new InboxList.Filtered(
        query.optional("state").map(ListFields::state),
        query
            .optional("assignee")
            .map(text -> new InboxList.Worker(
                text.equals("nobody")
                    ? Optional.empty()
                    : Optional.of(TeamEndpoints.identity(text)))),
        query.optional("label"),
        query.optional("desk").map(ListFields::desk));
  }

  private static Conversation.State state(String word) {
    try {
      return Conversation.State.of(word);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The state must be active or closed.");
    }
  }

  private static Sid.Address desk(String text) {
    try {
      return new Sid.Address(text);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The desk must be the sid of an address.");
    }
  }

  private static InboxList.Order order(RequestFields query) {
    String order = query.optional("order").orElse("newest");
    return switch (order) {
      case "newest" -> InboxList.Order.NEWEST;
      case "oldest" -> InboxList.Order.OLDEST;
      default -> throw new Problem(ErrorCode.MALFORMED, "The order must be newest or oldest.");
    };
  }

  /** The place after which the page begins, as {@link #next} wrote it for the page before. */
  static Optional<Place> after(RequestFields query) {
    return query.optional("after").map(text -> {
      try {
        int end = text.indexOf('_');
        Instant at = Instant.parse(text.substring(0, Math.max(end, 0)));
        return new Place(
            Instant.ofEpochMilli(at.toEpochMilli()), // as the store has it; some years do not fit
            new Sid.Conversation(text.substring(end + 1)));
      } catch (ArithmeticException | DateTimeException | IllegalArgumentException e) {
        throw new Problem(
            ErrorCode.MALFORMED, "Send after as the field next of the page before has it.");
      }
    });
  }

  static String next(Place last) {
    return last.at() + "_" + last.sid().text();
  }
}
