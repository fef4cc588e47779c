package parlour.push;

/**
 * The plaintext of a push, which the service worker shows as a notification. It has no text of a
 * message.
 *
 * @param parlour the version of this form, by which a page's worker recognizes it among the pushes
 *     of others
 */
record PushMessage(int parlour, String title, String text) {
  PushMessage(String title, String text) {
    this(1, title, text);
  }
}
