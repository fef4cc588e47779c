package parlour.conversations;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;

/**
 * The lists of an agent who does not see all desks. A list takes the beginning of each desk's part
 * by an index, so that it costs the same however many conversations are hidden.
 */
final class SqlDeskLists {
  private static final String BY_ACTIVITY = """
      SELECT sid, last_activity_at AS listed_at FROM conversation
      WHERE guest_spoke AND address_sid = ? AND state = ?%s AND (last_activity_at, sid) < (?, ?)
      ORDER BY last_activity_at DESC, sid DESC LIMIT ?""";

  private static final String WAITING = """
      SELECT sid, waiting_since AS listed_at FROM conversation
      WHERE guest_spoke AND address_sid = ? AND waiting_since IS NOT NULL
        AND (waiting_since, sid) %s (?, ?)
      ORDER BY waiting_since%s, sid%s LIMIT ?""";

  private static final String DESCENDING = " DESC";

  private SqlDeskLists() {}

  /**
   * The rest of a query for a page after its columns, and its arguments. Empty if no index has the order of a desk's part, or if
   * there are more desks than a query should join.
   */
  static Optional<Query> query(Sight sight, InboxList list, Conversations.Place after, int limit) {
    if (sight.others().size() > Limits.DESKS_JOINED) {
      return Optional.empty();
    }
    return switch (list) {
      case InboxList.InState(Conversation.State state) ->
        Optional.of(joined(
            sight, BY_ACTIVITY.formatted(""), List.of(state.word()), DESCENDING, after, limit));
      case InboxList.Unassigned() ->
        Optional.of(joined(
            sight,
            BY_ACTIVITY.formatted(" AND assignee = ?"),
            List.of(Conversation.State.ACTIVE.word(), SqlTeamStore.column(Optional.empty())),
            DESCENDING,
            after,
            limit));
      case InboxList.Waiting(InboxList.Order order) ->
        switch (order) {
          case OLDEST ->
            Optional.of(joined(sight, WAITING.formatted(">", "", ""), List.of(), "", after, limit));
          case NEWEST ->
            Optional.of(joined(
                sight,
                WAITING.formatted("<", DESCENDING, DESCENDING),
                List.of(),
                DESCENDING,
                after,
                limit));
        };
      case InboxList.AssignedTo _, InboxList.Labelled _, InboxList.Filtered _ -> Optional.empty();
    };
  }

  record Query(String sql, List<Object> arguments) {}

  /**
   * @param ofDesk the part of a desk
   * @param more its arguments between the desk and the place
   */
  private static Query joined(
      Sight sight,
      String ofDesk,
      List<String> more,
      String direction,
      Conversations.Place after,
      int limit) {
    List<String> parts = new ArrayList<>();
    List<Object> arguments = new ArrayList<>();
    for (Sid.Address desk : sight.others()) {
      parts.add("SELECT sid, listed_at FROM (" + ofDesk + ") AS desk_" + parts.size());
      arguments.add(desk.text());
      arguments.addAll(more);
      arguments.add(after.at());
      arguments.add(after.sid().text());
      arguments.add(limit + 1);
    }
    arguments.add(limit + 1);
    String order = " ORDER BY listed_at" + direction + ", sid" + direction;
    return new Query(
        " FROM (SELECT sid AS listed_sid, listed_at FROM (" + String.join(" UNION ALL ", parts)
            + ") AS of_desks" + order + " LIMIT ?) AS page"
            + " CROSS JOIN conversation WHERE sid = listed_sid" + order,
        arguments);
  }
}
