package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Sql;

/**
 * Lists whose conditions no single index covers, such as a filter, or desks that the agent does not see. One index has the rows
 * that meet some of the conditions, in the order of the list. A page reads it in growing batches, and checks the other conditions
 * in each row, so that no database can choose a plan that reads more. It ends after {@link Limits#LIST_EXAMINED} rows and the
 * further ones with the time of the last of them, even if it is not full.
 */
final class SqlFilteredLists {
  private SqlFilteredLists() {}

  /**
   * The conversations of a page.
   *
   * @param next where the next page begins; empty if there is no further row. It names a conversation of this page, or none:
   *     the last row that was examined can be one that the agent does not see
   */
  record Found(List<Sid.Conversation> conversations, Optional<Conversations.Place> next) {}

  static Found page(
      Sql sql,
      Sid.Account account,
      Sight sight,
      InboxList list,
      Conversations.Place after,
      int limit)
      throws SQLException {
    InboxList.Filtered filter = filter(list);
    if (filter.desk().isPresent() && !isSeen(sql, account, sight, filter.desk().get())) {
      return new Found(List.of(), Optional.empty());
    }
    SqlSource source = SqlSource.of(account, list, filter);
    Conditions conditions = Conditions.of(account, sight, list, filter);
    List<Conversations.Place> found = new ArrayList<>();
    Conversations.Place last = after;
    int examined = 0;
    for (int asked = limit + 1; ; asked = nextChunk(asked, examined, limit)) {
      List<Row> read = source.read(sql, conditions, last, asked);
      for (Row row : read) {
        if (examined >= Limits.LIST_EXAMINED && !row.place().at().equals(last.at())) {
          return new Found(sids(found), Optional.of(SqlOverviews.afterAllOf(list, last.at())));
        }
        if (row.meets() && found.size() == limit) {
          return new Found(sids(found), Optional.of(found.getLast()));
        }
        if (row.meets()) {
          found.add(row.place());
        }
        last = row.place();
        examined++;
      }
      if (read.size() < asked) {
        return new Found(sids(found), Optional.empty());
      }
    }
  }

  /** After the bound, some rows at a time, because few have the time of the last one. */
  private static int nextChunk(int asked, int examined, int limit) {
    int left = Limits.LIST_EXAMINED - examined;
    return left > 0 ? Math.min(asked * Limits.LIST_GROWTH, left) : limit + 1;
  }

  /** Whether a filter by this desk can find a conversation. An account has all conversations of its desks. */
  private static boolean isSeen(Sql sql, Sid.Account account, Sight sight, Sid.Address desk)
      throws SQLException {
    return sight.covers(desk)
        && sql.first(
                "SELECT account_sid FROM conversation WHERE address_sid = ? LIMIT 1",
                row -> Sql.text(row, "account_sid"),
                desk.text())
            .equals(Optional.of(account.text()));
  }

  private static List<Sid.Conversation> sids(List<Conversations.Place> places) {
    return places.stream().map(Conversations.Place::sid).toList();
  }

  /** The conditions of a list as those of a filter. */
  private static InboxList.Filtered filter(InboxList list) {
    Optional<Conversation.State> open = Optional.of(Conversation.State.ACTIVE);
    Optional<InboxList.Worker> anyone = Optional.empty();
    return switch (list) {
      case InboxList.Filtered filtered -> filtered;
      case InboxList.InState(Conversation.State state) -> ofState(Optional.of(state), anyone);
      case InboxList.AssignedTo(var agent) ->
        ofState(open, Optional.of(new InboxList.Worker(Optional.of(agent))));
      case InboxList.Unassigned() ->
        ofState(open, Optional.of(new InboxList.Worker(Optional.empty())));
      case InboxList.Waiting _ -> ofState(open, anyone);
      case InboxList.Labelled(String label) ->
        new InboxList.Filtered(Optional.empty(), anyone, Optional.of(label), Optional.empty());
    };
  }

  private static InboxList.Filtered ofState(
      Optional<Conversation.State> state, Optional<InboxList.Worker> worker) {
    return new InboxList.Filtered(state, worker, Optional.empty(), Optional.empty());
  }

  private record Row(Conversations.Place place, boolean meets) {}

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        new Conversations.Place(
            Sql.instant(row, "listed_at"), new Sid.Conversation(Sql.text(row, "listed_sid"))),
        row.getBoolean("meets"));
  }

  /**
   * All conditions on a conversation, with their arguments.
   */
  private record Conditions(String sql, List<Object> arguments) {
    static Conditions of(
        Sid.Account account, Sight sight, InboxList list, InboxList.Filtered filter) {
      StringBuilder conditions = new StringBuilder("guest_spoke AND account_sid = ?");
      List<Object> arguments = new ArrayList<>(List.of(account.text()));
      filter.state().ifPresent(state -> {
        conditions.append(" AND state = ?");
        arguments.add(state.word());
      });
      filter.worker().ifPresent(worker -> {
        conditions.append(" AND assignee = ?");
        arguments.add(SqlTeamStore.column(worker.agent()));
      });
      filter.desk().ifPresent(desk -> {
        conditions.append(" AND address_sid = ?");
        arguments.add(desk.text());
      });
      if (list instanceof InboxList.Waiting) {
        conditions.append(" AND waiting_since IS NOT NULL");
      }
      conditions.append(SqlOverviews.isNotHidden(sight));
      arguments.addAll(SqlOverviews.hidden(sight));
      return new Conditions(conditions.toString(), arguments);
    }
  }

  /**
   * Rows in the order of an index.
   *
   * @param query has places for the conditions, and arguments before and after those of the conditions
   * @param arguments those between the conditions' and the place
   */
  private record SqlSource(String query, List<String> arguments) {
    /** The label has the order. A query within the columns is run for each row, also by PostgreSQL. */
    private static final String OF_LABEL = """
        SELECT conversation_sid AS listed_sid, began_at AS listed_at,
          (SELECT CASE WHEN %s THEN 1 ELSE 0 END FROM conversation
            WHERE sid = conversation_sid) AS meets
        FROM conversation_label WHERE account_sid = ? AND label = ?
          AND (began_at, conversation_sid) < (?, ?)
        ORDER BY began_at DESC, conversation_sid DESC LIMIT ?
        """;

    static SqlSource of(Sid.Account account, InboxList list, InboxList.Filtered filter) {
      if (filter.label().isPresent()) {
        return new SqlSource(OF_LABEL, List.of(account.text(), filter.label().get()));
      }
      if (list instanceof InboxList.Waiting(InboxList.Order order)) {
        String where = "account_sid = ? AND waiting_since IS NOT NULL";
        return switch (order) {
          case OLDEST -> of("waiting_since", where, ">", "", account.text());
          case NEWEST -> of("waiting_since", where, "<", " DESC", account.text());
        };
      }
      String at = filter.isByActivity() ? "last_activity_at" : "created_at";
      // The words themselves, because an index with a condition needs them.
      String ofState = filter.state().map(SqlSource::condition).orElse("");
      Optional<String> worker = filter.worker().map(one -> SqlTeamStore.column(one.agent()));
      boolean isOfAgent = filter.worker().flatMap(InboxList.Worker::agent).isPresent();
      if (!ofState.isEmpty()
          && worker.isPresent()
          && (isOfAgent || filter.desk().isEmpty())) {
        String where = "account_sid = ? AND assignee = ?" + ofState;
        return of(at, where, "<", " DESC", account.text(), worker.get());
      }
      return filter.desk().isPresent()
          ? of(
              at, "address_sid = ?" + ofState, "<", " DESC", filter.desk().get().text())
          : of(at, "account_sid = ?" + ofState, "<", " DESC", account.text());
    }

    private static String condition(Conversation.State state) {
      return switch (state) {
        case ACTIVE -> " AND guest_spoke AND state = 'active'";
        case CLOSED -> " AND guest_spoke AND state = 'closed'";
      };
    }

    private static SqlSource of(
        String at, String where, String after, String direction, String... arguments) {
      String query = """
          SELECT sid AS listed_sid, %1$s AS listed_at, CASE WHEN %%s THEN 1 ELSE 0 END AS meets
          FROM conversation WHERE %2$s AND (%1$s, sid) %3$s (?, ?)
          ORDER BY %1$s%4$s, sid%4$s LIMIT ?
          """.formatted(at, where, after, direction);
      return new SqlSource(query, List.of(arguments));
    }

    List<Row> read(Sql sql, Conditions conditions, Conversations.Place after, int count)
        throws SQLException {
      List<Object> all = new ArrayList<>(conditions.arguments());
      all.addAll(arguments);
      all.add(after.at());
      all.add(after.sid().text());
      all.add(count);
      return sql.list(query.formatted(conditions.sql()), SqlFilteredLists::row, all.toArray());
    }
  }
}
