package parlour.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.search.SearchText.Unit;
import parlour.store.TermSearch.Term;

/**
 * A search: all its words must be in one text, those in quotation marks beside each other. The last
 * word can be the beginning of one, because a person may still be typing it.
 */
public final class SearchQuery {
  /** A phrase in quotation marks, which may lack its end, or a word. */
  private static final Pattern PART =
      Pattern.compile("[\"“”„«»]([^\"“”„«»]*)([\"“”„«»]|$)|([^\\s\\p{Z}\"“”„«»]+)");

  /** Lengths in characters, as the migration of the search has them. */
  private static final List<Integer> INDEXED_BEGINNINGS =
      List.of(8, 5, 3, Limits.MIN_SEARCH_PREFIX);

  private final List<Part> parts;

  /**
   * Units that must follow each other.
   *
   * @param isOpen whether the last one can be the beginning of a word
   */
  private record Part(List<Unit> units, boolean isOpen) {}

  private SearchQuery(List<Part> parts) {
    this.parts = parts;
  }

  /** Reads what a person has typed. */
  public static SearchQuery of(String text) {
    Map<List<?>, Part> parts = new LinkedHashMap<>(); // a repeated part would only cost time
    for (MatchResult part : PART.matcher(text).results().toList()) {
      boolean isPhrase = part.group(1) != null;
      List<Unit> units = SearchText.units(isPhrase ? part.group(1) : part.group(3));
      if (!units.isEmpty()) {
        boolean isClosed = isPhrase && !part.group(2).isEmpty();
        boolean isOpen = part.end() == text.stripTrailing().length() && !isClosed;
        parts.putIfAbsent(
            List.of(isOpen, units.stream().map(SearchQuery::form).toList()),
            new Part(units, isOpen));
      }
    }
    return new SearchQuery(List.copyOf(parts.values()));
  }

  /** The number of different words and phrases. */
  int size() {
    return parts.size();
  }

  /** A unit without its place in the search. */
  private static List<?> form(Unit unit) {
    return List.of(unit.normal(), unit.isWord(), unit.isJoined());
  }

  /** Without a letter or digit it finds nothing. */
  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /** The terms that a text must have at least. Whether it is found is decided by {@link #in}. */
  public List<Term> terms() {
    Map<String, Boolean> terms = new LinkedHashMap<>();
    for (Part part : parts) {
      for (int at = 0; at < part.units().size(); at++) {
        Unit unit = part.units().get(at);
        boolean isLast = at + 1 == part.units().size();
        if (unit.isWord()) {
          boolean isOpen = isLast && opens(part, unit);
          terms.merge(
              isOpen ? beginning(unit.normal()) : unit.normal(), isOpen, Boolean::logicalAnd);
        } else if (!isLast && part.units().get(at + 1).isJoined()) {
          terms.put(unit.normal() + part.units().get(at + 1).normal(), false);
        } else if (!unit.isJoined()) {
          terms.merge(
              unit.normal(), true, Boolean::logicalAnd); // alone: with any character behind it
        }
      }
    }
    return terms.entrySet().stream()
        .limit(Limits.SEARCH_TERMS)
        .map(term -> new Term(term.getKey(), term.getValue()))
        .toList();
  }

  /**
   * The longest beginning of a word of which SQLite has an index. Without it, SQLite reads all places
   * of all words that begin so, before it returns the first. {@link #in} sorts out what is too much.
   */
  private static String beginning(String word) {
    int length = word.codePointCount(0, word.length());
    int indexed =
        INDEXED_BEGINNINGS.stream().filter(one -> one <= length).findFirst().orElse(0);
    return word.substring(0, word.offsetByCodePoints(0, indexed));
  }

  private static boolean opens(Part part, Unit unit) {
    return part.isOpen()
        && unit.normal().codePointCount(0, unit.normal().length()) >= Limits.MIN_SEARCH_PREFIX;
  }

  /**
   * Where the words of this search are in a text, in the order of the text, as far as a passage that
   * begins with the first of them can reach.
   *
   * @return empty if one of them is not there
   */
  public Optional<List<Passage.Mark>> in(String text) {
    List<Unit> units = SearchText.units(text);
    int[] first = new int[parts.size()];
    for (int i = 0; i < first.length; i++) {
      first[i] = next(parts.get(i), units, 0);
      if (first[i] == units.size()) {
        return Optional.empty();
      }
    }
    int start = units.get(Arrays.stream(first).min().orElseThrow()).start();
    List<Passage.Mark> marks = new ArrayList<>();
    for (int i = 0; i < first.length; i++) {
      Part part = parts.get(i);
      for (int at = first[i];
          at < units.size() && units.get(at).start() < start + Limits.SEARCH_PASSAGE;
          at = next(part, units, at + 1)) {
        int end = units.get(at + part.units().size() - 1).end();
        marks.add(new Passage.Mark(units.get(at).start(), end));
      }
    }
    return Optional.of(Passage.Mark.merged(marks));
  }

  /** The next place of a part in a text; the number of the text's units if there is none. */
  private static int next(Part part, List<Unit> units, int from) {
    int last = units.size() - part.units().size();
    for (int at = from; at <= last; at++) {
      if (isAt(part, units, at)) {
        return at;
      }
    }
    return units.size();
  }

  private static boolean isAt(Part part, List<Unit> units, int at) {
    for (int i = 0; i < part.units().size(); i++) {
      Unit wanted = part.units().get(i);
      Unit unit = units.get(at + i);
      boolean isOpen = i + 1 == part.units().size() && wanted.isWord() && opens(part, wanted);
      boolean isSame = isOpen
          ? unit.isWord() && unit.normal().startsWith(wanted.normal())
          : unit.normal().equals(wanted.normal());
      if (!isSame || (wanted.isJoined() && !unit.isJoined())) {
        return false;
      }
    }
    return true;
  }
}
