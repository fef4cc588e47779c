package parlour.conversations;

import java.time.Instant;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.store.Database;

/** {@link TeamStore} in SQL that SQLite and PostgreSQL both accept. */
public final class SqlTeamStore implements TeamStore {
  private static final String NOBODY = "";

  private final Database database;

  /**
   * @param database with {@link SqlConversationStore#SCHEMA}
   */
  public SqlTeamStore(Database database) {
    this.database = database;
  }

  /** The agent in a row; empty for a conversation that no agent works on. */
  static Optional<Identity> assignee(String column) {
    return column.equals(NOBODY) ? Optional.empty() : Optional.of(new Identity(column));
  }

  static String column(Optional<Identity> assignee) {
    return assignee.map(Identity::text).orElse(NOBODY);
  }

  @Override
  public AssignOutcome assign(
      Sid.Account account,
      Sid.Conversation conversation,
      Optional<Identity> from,
      Optional<Identity> to,
      Instant now) {
    return database.write(sql -> {
      int changed = sql.update(
          """
          UPDATE conversation SET assignee = ?, revision = revision + 1, updated_at = ?
          WHERE sid = ? AND account_sid = ? AND assignee = ? AND assignee <> ?
          """, column(to), now, conversation.text(), account.text(), column(from), column(to));
      if (changed == 1) {
        return new AssignOutcome.Assigned();
      }
      Optional<String> assignee = sql.first(
          "SELECT assignee FROM conversation WHERE sid = ? AND account_sid = ?",
          row -> row.getString("assignee"),
          conversation.text(),
          account.text());
      if (assignee.isEmpty()) {
        return new AssignOutcome.NotFound();
      }
      return assignee.get().equals(column(to))
          ? new AssignOutcome.Assigned()
          : new AssignOutcome.Taken(assignee(assignee.get()));
    });
  }
}
