package parlour.push;

/**
 * The plaintext of a push, which the service worker shows as a notification. It has no text of a
 * message.
 */
record PushMessage(String title, String text) {}
