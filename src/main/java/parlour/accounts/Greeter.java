package parlour.accounts;

import parlour.Limits;
import parlour.conversations.Conversations;

/**
 * Sends the first message to each new guest.
 *
 * @param name the sender: the name of the address
 * @param text with {@code {name}} where the guest's name goes
 */
public record Greeter(String name, String text) {
  private static final String GUEST = "{name}";

  /**
   * A greeting as an operator gives it.
   *
   * @throws IllegalArgumentException with the remedy
   */
  static void check(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("a greeting says something; --no-greeting ends it");
    }
    if (text.length() > Limits.GREETING_CHARACTERS) {
      throw new IllegalArgumentException("a greeting has at most %d characters, and this one %d"
          .formatted(Limits.GREETING_CHARACTERS, text.length()));
    }
    int names = text.split(java.util.regex.Pattern.quote(GUEST), -1).length - 1;
    if (names > Limits.GREETING_NAMES) {
      throw new IllegalArgumentException("a greeting has {name} at most %d times, and this one %d"
          .formatted(Limits.GREETING_NAMES, names));
    }
  }

  /** Inserts the guest's name as plain text, also if it contains markup or {@code {name}}. */
  public Conversations.Greeting greet(String guest) {
    return new Conversations.Greeting(name, text.replace(GUEST, guest));
  }
}
