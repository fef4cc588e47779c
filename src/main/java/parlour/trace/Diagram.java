package parlour.trace;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Mermaid sequence diagram as numbered arrows, each with the alternative that it stands in.
 *
 * <p>Reads the drawings in docs/diagrams and the output of {@code parlour trace}, so that a program
 * can compare them: {@link #alternative} is the expected course of events, and {@link #differences}
 * lists where the observed one differs.
 */
public record Diagram(List<Numbered> arrows) {
  private static final Pattern ARROW = Pattern.compile("(\\w+)\\s*-{1,2}>>\\s*(\\w+)\\s*:\\s*(.*)");
  private static final Pattern BLOCK = Pattern.compile("(alt|else|opt)\\b\\s*(.*)");
  private static final String DETAIL = "Note over ";

  /**
   * @param number as Mermaid's autonumber counts: from 1, over all alternatives
   * @param alternative the title of the innermost alt, else or opt; empty outside
   */
  public record Numbered(int number, String alternative, Arrow arrow) {}

  public Diagram {
    arrows = List.copyOf(arrows);
  }

  public static Diagram of(List<Arrow> seen) {
    List<Numbered> numbered = new ArrayList<>();
    for (Arrow arrow : seen) {
      numbered.add(new Numbered(numbered.size() + 1, "", arrow));
    }
    return new Diagram(numbered);
  }

  /** Reads the arrows of a drawing; ignores notes, activations and participants. */
  public static Diagram parse(String mermaid) {
    List<Numbered> arrows = new ArrayList<>();
    String alternative = "";
    for (String raw : mermaid.lines().toList()) {
      String line = raw.strip();
      Matcher block = BLOCK.matcher(line);
      Matcher arrow = ARROW.matcher(line);
      if (line.equals("end")) {
        alternative = "";
      } else if (block.matches()) {
        alternative = block.group(2);
      } else if (!line.startsWith("Note ") && arrow.matches()) {
        Lifeline from = Lifeline.valueOf(arrow.group(1));
        Lifeline to = Lifeline.valueOf(arrow.group(2));
        arrows.add(new Numbered(
            arrows.size() + 1, alternative, new Arrow(from, to, arrow.group(3).strip(), "")));
      }
    }
    return new Diagram(arrows);
  }

  /** The course of events in which this alternative, and no other, happens. */
  public Diagram alternative(String title) {
    if (arrows.stream().noneMatch(arrow -> arrow.alternative().equals(title))) {
      throw new IllegalArgumentException("the diagram has no alternative \"" + title + "\"");
    }
    return new Diagram(arrows.stream()
        .filter(a -> a.alternative().isEmpty() || a.alternative().equals(title))
        .toList());
  }

  /** Without the arrows that no server can observe: of the customer, and within the browser. */
  public Diagram seenByServers() {
    Set<Lifeline> people = EnumSet.of(Lifeline.C);
    return new Diagram(arrows.stream()
        .filter(a -> !people.contains(a.arrow().from())
            && !people.contains(a.arrow().to())
            && !(a.arrow().from() == Lifeline.B && a.arrow().to() == Lifeline.B))
        .toList());
  }

  /** Lists the differences of an observed course of events, one line each; empty if it is equal. */
  public List<String> differences(Diagram seen) {
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < Math.max(arrows.size(), seen.arrows.size()); i++) {
      String drawn = i < arrows.size() ? arrows.get(i).arrow().line() : "(nothing more)";
      String happened =
          i < seen.arrows.size() ? seen.arrows.get(i).arrow().line() : "(nothing more)";
      if (!drawn.equals(happened)) {
        String number = i < arrows.size() ? "arrow " + arrows.get(i).number() : "after the last";
        differences.add("%s: drawn \"%s\", seen \"%s\"".formatted(number, drawn, happened));
      }
    }
    return differences;
  }

  public String toMermaid(String title) {
    Set<Lifeline> present = EnumSet.noneOf(Lifeline.class);
    for (Numbered numbered : arrows) {
      present.add(numbered.arrow().from());
      present.add(numbered.arrow().to());
    }
    String participants = present.stream()
        .map(p -> "  participant %s as %s\n".formatted(p, p.fullName()))
        .collect(Collectors.joining());
    String lines = arrows.stream().map(a -> lines(a.arrow())).collect(Collectors.joining());
    return "%%%% %s\nsequenceDiagram\n  autonumber\n%s%s".formatted(title, participants, lines);
  }

  private static String lines(Arrow arrow) {
    String line = "  " + withoutSyntax(arrow.line()) + "\n";
    return arrow.detail().isEmpty()
        ? line
        : line + "  " + DETAIL + arrow.to() + ": " + withoutSyntax(arrow.detail()) + "\n";
  }

  /** Mermaid ends a statement at a semicolon and reads # as an entity. */
  private static String withoutSyntax(String text) {
    return text.replace(';', ',').replace('#', ' ');
  }
}
