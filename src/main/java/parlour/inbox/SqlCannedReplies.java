package parlour.inbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import parlour.Sid;
import parlour.accounts.SqlAccounts;
import parlour.store.Database;

/** {@link CannedReplies} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlCannedReplies implements CannedReplies {
  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlCannedReplies(Database database) {
    this.database = database;
  }

  @Override
  public List<CannedReply> find(Sid.Account account, String words, int limit) {
    String whole = pattern(words.strip());
    List<String> each =
        Stream.of(words.strip().split("\\s+")).map(word -> "% " + pattern(word)).toList();
    List<Object> arguments = new ArrayList<>(List.of(account.text()));
    arguments.addAll(each);
    arguments.add(whole);
    arguments.add(limit);
    return database.read(sql -> sql.list(
        "SELECT title, body FROM canned_reply WHERE account_sid = ?"
            + " AND ' ' || title_key LIKE ? ESCAPE '\\'".repeat(each.size())
            + " ORDER BY CASE WHEN title_key LIKE ? ESCAPE '\\' THEN 0 ELSE 1 END, title_key LIMIT ?",
        row -> new CannedReply(row.getString("title"), row.getString("body")),
        arguments.toArray()));
  }

  /** Of texts that begin like this one. */
  private static String pattern(String text) {
    return key(text).replaceAll("[%_\\\\]", "\\\\$0") + "%";
  }

  @Override
  public boolean put(Sid.Account account, CannedReply reply, int max) {
    String key = key(reply.title());
    return database.write(sql -> sql.update(
            """
            INSERT INTO canned_reply (account_sid, title_key, title, body)
            SELECT sid, ?, ?, ? FROM account WHERE sid = ? AND
              (SELECT count(*) FROM canned_reply WHERE account_sid = ? AND title_key <> ?) < ?
            ON CONFLICT (account_sid, title_key)
            DO UPDATE SET title = excluded.title, body = excluded.body
            """, key, reply.title(), reply.text(), account.text(), account.text(), key, max))
        == 1;
  }

  @Override
  public boolean replace(Sid.Account account, CannedReply reply, String from) {
    return database.write(sql ->
            sql.update("""
            UPDATE canned_reply SET title = ?, body = ?
            WHERE account_sid = ? AND title_key = ? AND body = ?
            """, reply.title(), reply.text(), account.text(), key(reply.title()), from))
        == 1;
  }

  @Override
  public boolean remove(Sid.Account account, String title) {
    return database.write(sql -> sql.update(
            "DELETE FROM canned_reply WHERE account_sid = ? AND title_key = ?",
            account.text(),
            key(title)))
        == 1;
  }

  private static String key(String title) {
    return title.toLowerCase(Locale.ROOT);
  }
}
