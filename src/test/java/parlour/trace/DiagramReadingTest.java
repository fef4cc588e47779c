package parlour.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reads sequence diagrams: ours, and the first drawing, which has another style. */
class DiagramReadingTest {
  private static final String OTHER_BROWSER = "good token, other fingerprint";
  private static final String BAD_TOKEN = "token refused";

  @Test
  void arrows_are_numbered_over_all_alternatives() {
    Diagram drawn = ours("refresh-failed");
    assertThat(drawn.arrows())
        .extracting(Diagram.Numbered::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
    assertThat(numbers(drawn.alternative(OTHER_BROWSER)))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20);
    assertThat(numbers(drawn.alternative(BAD_TOKEN)))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19, 20);
    assertThat(numbers(drawn.alternative(BAD_TOKEN).seenByServers()))
        .containsExactly(3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17);
  }

  /** Our drawing has the participants, order and alternatives of the first one, in other words. */
  @Test
  void our_drawing_connects_the_same_participants_as_the_first_drawing() {
    Diagram first = Diagram.parse(resource("refresh-failed-as-first-drawn.mmd"));
    Diagram ours = ours("refresh-failed");
    assertThat(ends(first)).isEqualTo(ends(ours));
    assertThat(numbers(first.alternative("stolen")))
        .isEqualTo(numbers(ours.alternative(OTHER_BROWSER)));
    assertThat(numbers(first.alternative("worn out")))
        .isEqualTo(numbers(ours.alternative(BAD_TOKEN)));
  }

  @Test
  void the_other_drawings_are_read_completely() {
    assertThat(ours("create-session").arrows()).hasSize(17);
    assertThat(ours("refresh-succeeded").arrows()).hasSize(18);
  }

  @Test
  void notes_activations_comments_and_participants_are_not_arrows() {
    Diagram diagram = Diagram.parse("""
        %% B->>S: in a comment
        sequenceDiagram
          autonumber
          actor B as Browser
          participant S as Starship
          activate S
          Note right of B: B->>S: in a note
          Note over B,S: nothing
          B->>S: asks
          deactivate S
        """);
    assertThat(lines(diagram)).containsExactly("B->>S: asks");
  }

  @Test
  void spaces_around_arrows_and_dashed_arrows_and_broken_lines_are_read() {
    Diagram diagram = Diagram.parse("""
        B ->> FWO : POST /there <br/>with this<br/>and that
        FWO->>FWO:thinks
        FWO-->>B: an answer: 200
        """);
    assertThat(lines(diagram))
        .containsExactly(
            "B->>FWO: POST /there <br/>with this<br/>and that",
            "FWO->>FWO: thinks",
            "FWO->>B: an answer: 200");
  }

  @Test
  void opt_alt_and_else_begin_an_alternative_and_end_ends_it() {
    Diagram diagram = Diagram.parse("""
        B->>S: 1
        opt first
          B->>S: 2
        end
        alt second
          B->>S: 3
        else third
          B->>S: 4
        end
        B->>S: 5
        """);
    assertThat(diagram.arrows())
        .extracting(Diagram.Numbered::alternative)
        .containsExactly("", "first", "second", "third", "");
    assertThat(lines(diagram.alternative("second")))
        .containsExactly("B->>S: 1", "B->>S: 3", "B->>S: 5");
    assertThatThrownBy(() -> diagram.alternative("fourth"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fourth");
  }

  @Test
  void an_arrow_from_an_unknown_participant_is_an_error() {
    assertThatThrownBy(() -> Diagram.parse("B->>X: hello"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_printed_diagram_is_read_as_the_same_diagram() {
    Diagram seen = Diagram.of(List.of(
        new Arrow(Lifeline.B, Lifeline.S, "asks", ""),
        new Arrow(Lifeline.S, Lifeline.S, "thinks", "B->>S: in a detail"),
        new Arrow(Lifeline.S, Lifeline.B, "says; and more", "")));
    assertThat(seen.toMermaid("a title")).startsWith("%% a title\nsequenceDiagram\n");
    assertThat(lines(Diagram.parse(seen.toMermaid("a title"))))
        .containsExactly("B->>S: asks", "S->>S: thinks", "S->>B: says, and more");
  }

  @Test
  void a_difference_names_the_arrow_as_drawn_and_as_seen() {
    Diagram drawn = Diagram.parse("B->>S: asks\nS->>B: says yes");
    assertThat(drawn.differences(Diagram.parse("B->>S: asks\nS->>B: says no")))
        .containsExactly("arrow 2: drawn \"S->>B: says yes\", seen \"S->>B: says no\"");
    assertThat(drawn.differences(Diagram.parse("B->>S: asks")))
        .containsExactly("arrow 2: drawn \"S->>B: says yes\", seen \"(nothing more)\"");
    assertThat(drawn.differences(Diagram.parse("B->>S: asks\nS->>B: says yes\nS->>B: once more")))
        .containsExactly("after the last: drawn \"(nothing more)\", seen \"S->>B: once more\"");
    assertThat(drawn.differences(drawn)).isEmpty();
  }

  private static Diagram ours(String name) {
    try {
      return Diagram.parse(Files.readString(Path.of("docs/diagrams", name + ".mmd")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String resource(String name) {
    try (InputStream file = DiagramReadingTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Integer> numbers(Diagram diagram) {
    return diagram.arrows().stream().map(Diagram.Numbered::number).toList();
  }

  private static List<String> lines(Diagram diagram) {
    return diagram.arrows().stream().map(numbered -> numbered.arrow().line()).toList();
  }

  private static List<String> ends(Diagram diagram) {
    return diagram.arrows().stream()
        .map(Diagram.Numbered::arrow)
        .map(arrow -> arrow.from() + " to " + arrow.to())
        .toList();
  }
}
