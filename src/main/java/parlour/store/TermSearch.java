package parlour.store;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A search for the newest rows of a table that have all of some terms. SQLite finds them by an FTS5
 * table called as the table with {@code _terms} behind it, PostgreSQL by the column {@code vector}.
 * The table's key is {@code id}, and newer rows have larger ones.
 *
 * <p>The program makes the terms of a text, and the databases only compare them, so that both find
 * the same in every language.
 */
public final class TermSearch {
  private final String inSqlite;
  private final String newestInServer;
  private final String inServer;

  /**
   * A term.
   *
   * @param text characters as of {@link #isOfTerm}
   * @param isPrefix whether terms that begin with it are found, too
   */
  public record Term(String text, boolean isPrefix) {
    public Term {
      if (!text.codePoints().allMatch(TermSearch::isOfTerm) || text.isEmpty()) {
        throw new IllegalArgumentException(
            "not a term"); // it would be a part of the query's syntax
      }
    }
  }

  /** Whether a character can be in a term: a letter, a digit, or a mark of a script that needs it. */
  public static boolean isOfTerm(int character) {
    int type = Character.getType(character);
    return Character.isLetterOrDigit(character)
        || type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }

  /**
   * @param columns of the table
   */
  public TermSearch(String table, String... columns) {
    String list = List.of(columns).stream()
        .map(column -> table + "." + column)
        .collect(Collectors.joining(", "));
    inSqlite = """
        SELECT %1$s FROM %3$s JOIN %2$s ON %2$s.id = %3$s.rowid
        WHERE %3$s MATCH ? AND %3$s.rowid < ? ORDER BY %3$s.rowid DESC LIMIT ?
        """.formatted(list, table, table + "_terms");
    newestInServer = """
        SELECT %1$s FROM
          (SELECT * FROM %2$s WHERE id < ? ORDER BY id DESC LIMIT ?) AS %2$s
        WHERE vector @@ CAST(? AS tsquery) ORDER BY id DESC LIMIT ?
        """.formatted(list, table);
    inServer = """
        WITH %2$s AS MATERIALIZED
          (SELECT %1$s FROM %2$s WHERE vector @@ CAST(? AS tsquery) AND id < ?)
        SELECT %1$s FROM %2$s ORDER BY id DESC LIMIT ?
        """.formatted(list, table);
  }

  String inSqlite() {
    return inSqlite;
  }

  /**
   * Searches the newest rows without the index, which is faster for a frequent term: PostgreSQL's index
   * finds all rows that have it, and sorts them. Its planner cannot choose, because it does not know
   * how frequent a term is that is not among the most frequent ones.
   */
  String newestInServer() {
    return newestInServer;
  }

  /** Searches by the index. */
  String inServer() {
    return inServer;
  }

  static String sqliteQuery(List<Term> terms) {
    return terms.stream()
        .map(term -> "\"" + term.text() + "\"" + (term.isPrefix() ? " *" : ""))
        .collect(Collectors.joining(" AND "));
  }

  static String serverQuery(List<Term> terms) {
    return terms.stream()
        .map(term -> "'" + term.text() + "'" + (term.isPrefix() ? ":*" : ""))
        .collect(Collectors.joining(" & "));
  }
}
