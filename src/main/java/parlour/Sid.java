package parlour;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/**
 * An identifier on the wire: two letters for the kind of thing, then 32 lower-case hex digits.
 *
 * <p>A value of one of these types is well formed, but the thing need not exist. Every constructor
 * throws {@link IllegalArgumentException} if the text is not well formed.
 */
public sealed interface Sid {

  String text();

  /** An account: one business that uses this installation. */
  record Account(String text) implements Sid {
    public Account {
      check("AC", text);
    }

    public static Account random(SecureRandom random) {
      return new Account(next("AC", random));
    }
  }

  /** A deployment key: one use of the widget on a site. It is public. */
  record Deployment(String text) implements Sid {
    public Deployment {
      check("CV", text);
    }

    public static Deployment random(SecureRandom random) {
      return new Deployment(next("CV", random));
    }
  }

  /** An address: a point of contact of an account, whose responder answers conversations. */
  record Address(String text) implements Sid {
    public Address {
      check("IG", text);
    }

    public static Address random(SecureRandom random) {
      return new Address(next("IG", random));
    }
  }

  /** A conversation. */
  record Conversation(String text) implements Sid {
    public Conversation {
      check("CH", text);
    }

    public static Conversation random(SecureRandom random) {
      return new Conversation(next("CH", random));
    }
  }

  /** A message of a conversation. */
  record Message(String text) implements Sid {
    public Message {
      check("IM", text);
    }

    /** A new one, in the order of time: see {@link RandomHex#ordered}. */
    public static Message next(Instant now, SecureRandom random) {
      return new Message("IM" + RandomHex.ordered(now, random));
    }
  }

  /** A participant of a conversation. */
  record Participant(String text) implements Sid {
    public Participant {
      check("MB", text);
    }

    /** A new one, in the order of time: see {@link RandomHex#ordered}. */
    public static Participant next(Instant now, SecureRandom random) {
      return new Participant("MB" + RandomHex.ordered(now, random));
    }
  }

  /** A file of a conversation. */
  record Media(String text) implements Sid {
    public Media {
      check("ME", text);
    }

    public static Media random(SecureRandom random) {
      return new Media(next("ME", random));
    }

    /** Empty if the text is not the sid of a file. */
    public static Optional<Media> of(String text) {
      try {
        return Optional.of(new Media(text));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }

  /** A key of one of an account's programs for the server-side API. It is the user name of its calls. */
  record ApiKey(String text) implements Sid {
    static final String PREFIX = "SK";

    public ApiKey {
      check(PREFIX, text);
    }

    public static ApiKey random(SecureRandom random) {
      return new ApiKey(next(PREFIX, random));
    }

    /** Whether a user name is meant as such a key, and not as an account. */
    public static boolean isMeant(String text) {
      return text.startsWith(PREFIX);
    }
  }

  /** A guest's session. Only operators and internal calls see it. */
  record Session(String text) implements Sid {
    public Session {
      check("GS", text);
    }

    public static Session random(SecureRandom random) {
      return new Session(next("GS", random));
    }
  }

  private static void check(String prefix, String text) {
    if (text.length() != 34 || !text.startsWith(prefix) || !isHexFrom(prefix.length(), text)) {
      throw new IllegalArgumentException(
          "expected %s followed by 32 lower-case hex digits".formatted(prefix));
    }
  }

  private static boolean isHexFrom(int begin, String text) {
    for (int i = begin; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  private static String next(String prefix, SecureRandom random) {
    return prefix + RandomHex.next(random, 16);
  }
}
