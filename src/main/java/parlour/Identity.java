package parlour;

/**
 * The name of a participant within a conversation: of a guest, an agent or a program. It is not the
 * name that people see.
 *
 * <p>The constructor throws {@link IllegalArgumentException} on a text without a visible character.
 */
public record Identity(String text) {
  public Identity {
    if (text.isBlank()) {
      throw new IllegalArgumentException("an identity needs visible characters");
    }
  }
}
