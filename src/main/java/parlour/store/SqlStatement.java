package parlour.store;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One statement of a script.
 *
 * @param verb its first word, in capitals
 * @param text with the comments before it, without the semicolon after it
 * @param places the number of its question marks, each for an argument
 */
record SqlStatement(String verb, String text, int places) {
  /** A comment, a quoted text, a word, or another character; a doubled quote is two texts. */
  private static final Pattern TOKEN =
      Pattern.compile("--[^\n]*|(?s:/\\*.*?(?:\\*/|\\z))|'[^']*+'?|\"[^\"]*+\"?|\\w++|\\S");

  /**
   * Splits at each semicolon outside of comments, 'texts' and "names". A CREATE TRIGGER contains
   * statements of its own, and ends at {@code ; END ;}, as in SQLite's shell.
   */
  static List<SqlStatement> split(String script) {
    List<SqlStatement> statements = new ArrayList<>();
    List<String> words = new ArrayList<>();
    int start = 0;
    Matcher token = TOKEN.matcher(script);
    while (token.find()) {
      String word = token.group().toUpperCase(Locale.ROOT);
      if (word.startsWith("--") || word.startsWith("/*")) {
        continue;
      }
      if (!word.equals(";") || insideTrigger(words)) {
        words.add(word);
        continue;
      }
      if (!words.isEmpty()) {
        statements.add(of(words, script.substring(start, token.start())));
      }
      words.clear();
      start = token.end();
    }
    if (insideTrigger(words)) {
      throw new IllegalArgumentException("no END; after " + script.substring(start));
    }
    if (!words.isEmpty()) {
      statements.add(of(words, script.substring(start)));
    }
    return statements;
  }

  private static SqlStatement of(List<String> words, String text) {
    return new SqlStatement(words.getFirst(), text, Collections.frequency(words, "?"));
  }

  private static boolean insideTrigger(List<String> words) {
    int size = words.size();
    if (size < 3 || !words.getFirst().equals("CREATE")) {
      return false;
    }
    boolean temporary = words.get(1).equals("TEMP") || words.get(1).equals("TEMPORARY");
    return words.get(temporary ? 2 : 1).equals("TRIGGER")
        && !(words.get(size - 1).equals("END") && words.get(size - 2).equals(";"));
  }

  SqlStatement {
    text = text.strip();
  }
}
