package parlour.trace;

/**
 * One arrow of a sequence diagram.
 *
 * @param text what is sent or done, in the words of docs/diagrams
 * @param detail for operators, about this occurrence: which check failed, which signal differed;
 *     may be empty; never a token, a signal's value or an address
 */
public record Arrow(Lifeline from, Lifeline to, String text, String detail) {

  /** The arrow itself, as a line of a Mermaid sequence diagram. */
  public String line() {
    return "%s->>%s: %s".formatted(from, to, text);
  }
}
