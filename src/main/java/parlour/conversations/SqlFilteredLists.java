package parlour.conversations;

import java.util.ArrayList;
import java.util.List;
import parlour.Sid;

/**
 * The lists of conversations that meet several conditions. An index gives the database the rows that meet some of the conditions,
 * in the order of the list; the database checks the other conditions in these rows. So a page can read all rows of the label, agent,
 * desk or state if hardly any conversation meets all conditions.
 */
final class SqlFilteredLists {
  private SqlFilteredLists() {}

  /** The rest of the query for a page after its columns, and its arguments. */
  static SqlDeskLists.Query query(
      Sid.Account account,
      Sight sight,
      InboxList.Filtered filter,
      Conversations.Place after,
      int limit) {
    List<Object> arguments = new ArrayList<>(List.of(account.text()));
    filter.label().ifPresent(arguments::add);
    StringBuilder conditions = new StringBuilder();
    // The words themselves, because an index with a condition needs them.
    filter
        .state()
        .ifPresent(state -> conditions.append(
            switch (state) {
              case ACTIVE -> " AND state = 'active'";
              case CLOSED -> " AND state = 'closed'";
            }));
    filter.worker().ifPresent(worker -> {
      conditions.append(" AND assignee = ?");
      arguments.add(SqlTeamStore.column(worker.agent()));
    });
    filter.desk().ifPresent(desk -> {
      conditions.append(" AND address_sid = ?");
      arguments.add(desk.text());
    });
    for (Sid.Address hidden : sight.hidden()) {
      conditions.append(" AND address_sid <> ?");
      arguments.add(hidden.text());
    }
    arguments.add(after.at());
    arguments.add(after.sid().text());
    arguments.add(limit + 1);
    String rest = filter.label().isPresent()
        ? labelled(conditions)
        : unlabelled(conditions, filter.isByActivity() ? "last_activity_at" : "created_at");
    return new SqlDeskLists.Query(" " + rest, arguments);
  }

  private static String unlabelled(CharSequence conditions, String order) {
    return """
        FROM conversation WHERE guest_spoke AND account_sid = ?%1$s
          AND (%2$s, sid) < (?, ?) ORDER BY %2$s DESC, sid DESC LIMIT ?""".formatted(conditions, order);
  }

  /**
   * The label has the order. Its rows come first in the join, because SQLite would otherwise read
   * all conversations of the account.
   */
  private static String labelled(CharSequence conditions) {
    return """
        FROM (SELECT labelled.conversation_sid AS listed_sid FROM conversation_label AS labelled
          CROSS JOIN conversation AS one
          WHERE labelled.account_sid = ? AND label = ? AND one.sid = labelled.conversation_sid%s
            AND (labelled.began_at, labelled.conversation_sid) < (?, ?)
          ORDER BY labelled.began_at DESC, labelled.conversation_sid DESC LIMIT ?) AS page
        CROSS JOIN conversation WHERE sid = listed_sid ORDER BY created_at DESC, sid DESC""".formatted(conditions);
  }
}
