package parlour.search;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import parlour.Limits;
import parlour.store.TermSearch;

/**
 * Splits texts and searches into units in the same way: a word or, in a script that writes no
 * spaces between words, one character. Case, accents and forms of the same character make no
 * difference. The index has a term for each word, and one for each two characters of such a script.
 */
public final class SearchText {
  /** Scripts whose words follow each other without a space, or with endings joined to them. */
  private static final Set<UnicodeScript> WITHOUT_SPACES = Set.of(
      UnicodeScript.HAN,
      UnicodeScript.HIRAGANA,
      UnicodeScript.KATAKANA,
      UnicodeScript.BOPOMOFO,
      UnicodeScript.HANGUL,
      UnicodeScript.THAI,
      UnicodeScript.LAO,
      UnicodeScript.KHMER,
      UnicodeScript.MYANMAR,
      UnicodeScript.TIBETAN);

  /** Marks of these scripts are accents or vowel points, which people leave out. */
  private static final Set<UnicodeScript> WITH_OPTIONAL_MARKS = Set.of(
      UnicodeScript.INHERITED, UnicodeScript.HEBREW, UnicodeScript.ARABIC, UnicodeScript.SYRIAC);

  /** Letters with a stroke, which Unicode does not decompose, and the Arabic stretched line. */
  private static final Map<Integer, String> ALSO = Map.of(
      (int) 'ø', "o",
      (int) 'ł', "l",
      (int) 'đ', "d",
      (int) 'ħ', "h",
      (int) 'æ', "ae",
      (int) 'œ', "oe",
      (int) 'ـ', "");

  /** The sign of a long vowel in Japanese, which belongs to two scripts. */
  private static final int LONG_VOWEL = 'ー';

  private static final int LONG_VOWEL_NARROW = 'ｰ';

  private SearchText() {}

  /**
   * A part of a text.
   *
   * @param normal its normal form
   * @param isWord whether it is a word, and no single character
   * @param isJoined whether it is a character directly after another one
   * @param start where it begins in the text
   * @param end where it ends
   */
  record Unit(String normal, boolean isWord, boolean isJoined, int start, int end) {}

  private enum Kind {
    WORD,
    CHARACTER,
    NONE
  }

  /** The units of a text, in their order. */
  static List<Unit> units(String text) {
    List<Unit> units = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    int wordStart = 0;
    Kind before = Kind.NONE;
    for (int at = 0; at < text.length(); ) {
      int end = endOfCluster(text, at);
      Kind kind = kind(text.codePointAt(at));
      if (before == Kind.WORD && kind != Kind.WORD) {
        addWord(units, word, wordStart, at);
      }
      switch (kind) {
        case WORD -> {
          if (before != Kind.WORD) {
            wordStart = at;
          }
          word.append(normal(text.substring(at, end)));
        }
        case CHARACTER -> {
          String normal = normal(text.substring(at, end));
          if (!normal.isEmpty()) {
            units.add(new Unit(cut(normal), false, before == Kind.CHARACTER, at, end));
          }
        }
        case NONE -> {}
      }
      before = kind;
      at = end;
    }
    if (before == Kind.WORD) {
      addWord(units, word, wordStart, text.length());
    }
    return units;
  }

  private static void addWord(List<Unit> units, StringBuilder word, int start, int end) {
    String normal = word.toString();
    word.setLength(0);
    if (!normal.isEmpty()) {
      units.add(new Unit(cut(normal), true, false, start, end));
    }
  }

  /** Any number of marks can follow a character, and PostgreSQL refuses terms of 2,047 bytes. */
  private static String cut(String normal) {
    int length = normal.codePointCount(0, normal.length());
    return length <= Limits.SEARCH_TERM_CHARACTERS
        ? normal
        : normal.substring(0, normal.offsetByCodePoints(0, Limits.SEARCH_TERM_CHARACTERS));
  }

  /** The terms by which the index finds a text. */
  public static Set<String> terms(String text) {
    Set<String> terms = new LinkedHashSet<>();
    List<Unit> units = units(text);
    for (int at = 0; at < units.size(); at++) {
      Unit unit = units.get(at);
      boolean hasNext = at + 1 < units.size() && units.get(at + 1).isJoined();
      terms.add(hasNext ? unit.normal() + units.get(at + 1).normal() : unit.normal());
    }
    return terms;
  }

  /** A character with the marks behind it. */
  private static int endOfCluster(String text, int start) {
    int end = start + Character.charCount(text.codePointAt(start));
    while (end < text.length() && isMark(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private static boolean isMark(int character) {
    return switch (Character.getType(character)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
        true;
      default ->
        character == 'ﾞ' // the voiced marks of narrow Japanese
            || character == 'ﾟ'
            || (character >= 0x1160 && character <= 0x11FF); // parts of a Korean syllable
    };
  }

  private static Kind kind(int character) {
    if (character == LONG_VOWEL || character == LONG_VOWEL_NARROW) {
      return Kind.CHARACTER;
    }
    if (!TermSearch.isOfTerm(character)) {
      return Kind.NONE;
    }
    return WITHOUT_SPACES.contains(UnicodeScript.of(character)) ? Kind.CHARACTER : Kind.WORD;
  }

  /** A cluster in lower case, without accents and points, in one of the forms that it can have. */
  private static String normal(String cluster) {
    if (cluster.length() == 1 && cluster.charAt(0) < 0x80) {
      return cluster.toLowerCase(Locale.ROOT);
    }
    StringBuilder bare = new StringBuilder();
    Normalizer.normalize(cluster, Normalizer.Form.NFKD)
        .codePoints()
        .filter(one -> !isOptional(one))
        .forEach(bare::appendCodePoint);
    // Capitals first: ß becomes ss, and every sigma the same letter.
    String lower = bare.toString().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    StringBuilder normal = new StringBuilder();
    Normalizer.normalize(lower, Normalizer.Form.NFC)
        .codePoints()
        .filter(one -> TermSearch.isOfTerm(one))
        .forEach(one -> normal.append(ALSO.getOrDefault(one, Character.toString(one))));
    return normal.toString();
  }

  private static boolean isOptional(int character) {
    return Character.getType(character) == Character.NON_SPACING_MARK
        && character != 0x3099 // which make other letters of Japanese ones
        && character != 0x309A
        && WITH_OPTIONAL_MARKS.contains(UnicodeScript.of(character));
  }
}
