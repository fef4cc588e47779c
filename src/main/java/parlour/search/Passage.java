package parlour.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import parlour.Limits;

/**
 * The part of a text that a result of a search shows.
 *
 * @param marks where the words that were searched for are in it, in their order
 */
public record Passage(String text, List<Mark> marks) {

  /**
   * A part of a passage.
   *
   * @param start its first character, counted as in Java and JavaScript
   * @param end the character after its last one
   */
  public record Mark(int start, int end) {
    /** In the order of the text, those that touch each other as one. */
    static List<Mark> merged(List<Mark> marks) {
      List<Mark> sorted =
          marks.stream().sorted(Comparator.comparingInt(Mark::start)).toList();
      List<Mark> merged = new ArrayList<>();
      for (Mark mark : sorted) {
        if (!merged.isEmpty() && mark.start() <= merged.getLast().end()) {
          Mark last = merged.removeLast();
          merged.add(new Mark(last.start(), Math.max(last.end(), mark.end())));
        } else {
          merged.add(mark);
        }
      }
      return merged;
    }
  }

  private static final String LEFT_OUT = "… ";

  public Passage {
    marks = List.copyOf(marks);
  }

  /**
   * Cuts the passage around the first mark out of a text.
   *
   * @param marks of the text, at least one
   */
  public static Passage around(String text, List<Mark> marks) {
    int before = Limits.SEARCH_PASSAGE / 4;
    int start = marks.getFirst().start() <= before
        ? 0
        : startOfWord(text, marks.getFirst().start() - before, marks.getFirst().start());
    int end = whole(text, Math.min(text.length(), start + Limits.SEARCH_PASSAGE));
    String lead = start == 0 ? "" : LEFT_OUT;
    List<Mark> inside = marks.stream()
        .filter(mark -> mark.start() < end)
        .map(mark -> new Mark(
            mark.start() - start + lead.length(),
            Math.min(mark.end(), end) - start + lead.length()))
        .toList();
    return new Passage(lead + text.substring(start, end), inside);
  }

  /** The first place behind a space, so that the passage begins with a whole word. */
  private static int startOfWord(String text, int from, int mark) {
    for (int at = from; at < mark; at++) {
      if (Character.isWhitespace(text.charAt(at))) {
        return at + 1;
      }
    }
    return whole(text, from);
  }

  /** Moves a place out of the middle of a character. */
  private static int whole(String text, int at) {
    return at > 0
            && at < text.length()
            && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at))
        ? at - 1
        : at;
  }
}
