package parlour.conversations;

import java.util.Locale;

/** The kind of a participant. */
public enum ParticipantKind {
  GUEST,
  AGENT,
  /** A program: the greeter, or an account's own server. */
  SYSTEM;

  /** The word on the wire and in the store. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Throws {@link IllegalArgumentException} on any other word. */
  public static ParticipantKind of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
