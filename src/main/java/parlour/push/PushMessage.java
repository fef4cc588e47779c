package parlour.push;

import java.util.Optional;
import parlour.Sid;

/**
 * The plaintext of a push, which the service worker shows as a notification. It has no text of a
 * message.
 *
 * @param parlour the version of this form, by which a page's worker recognizes it among the pushes
 *     of others
 * @param conversation which a click of an agent opens; empty in a push to a guest
 */
public record PushMessage(
    int parlour, String title, String text, Optional<Sid.Conversation> conversation) {
  /** A push to a guest. */
  PushMessage(String title, String text) {
    this(1, title, text, Optional.empty());
  }

  /** A push to an agent. */
  public PushMessage(String title, String text, Sid.Conversation conversation) {
    this(1, title, text, Optional.of(conversation));
  }
}
