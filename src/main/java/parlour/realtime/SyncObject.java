package parlour.realtime;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import parlour.Identity;
import parlour.Sha256;
import parlour.Sid;

/**
 * A Sync object of a guest. Its sid is derived from its name, so that it is the same on every node
 * and after every restart.
 *
 * @param name the unique name under which the client opens it
 */
record SyncObject(Content content, String name) {

  /** The kind of a Sync object, which its path and its events name. */
  enum Kind {
    DOCUMENT("document", "Documents", "ET"),
    LIST("list", "Lists", "ES"),
    MAP("map", "Maps", "MP");

    private final String word;
    private final String segment;
    private final String prefix;

    Kind(String word, String segment, String prefix) {
      this.word = word;
      this.segment = segment;
      this.prefix = prefix;
    }

    String word() {
      return word;
    }

    /** The segment of its path. */
    String segment() {
      return segment;
    }
  }

  /** The content of a Sync object. */
  sealed interface Content {
    /** The conversation itself. */
    record OfConversation() implements Content {}

    /** Its messages, by index. */
    record Messages() implements Content {}

    /** Its participants, by sid. */
    record Roster() implements Content {}

    /** The conversations of the guest: the one of the token. */
    record MyConversations() implements Content {}

    /** Name and attributes of a person or program. */
    record User(Identity identity) implements Content {}
  }

  // The client builds the first and the third of these names by itself.

  static SyncObject conversation(Sid.Conversation conversation) {
    return new SyncObject(new Content.OfConversation(), conversation.text() + ".channel");
  }

  static SyncObject messages(Sid.Conversation conversation) {
    return new SyncObject(new Content.Messages(), conversation.text() + ".messages");
  }

  static SyncObject roster(Sid.Conversation conversation) {
    return new SyncObject(new Content.Roster(), conversation.text() + ".roster");
  }

  static SyncObject user(Sid.Conversation conversation, Identity identity) {
    return new SyncObject(new Content.User(identity), userSid(conversation, identity) + ".info");
  }

  static SyncObject myConversations(Sid.Conversation conversation, Identity guest) {
    return new SyncObject(
        new Content.MyConversations(), userSid(conversation, guest) + ".conversations");
  }

  /** The sid of a user. Each conversation has users of its own, because a token has one. */
  static String userSid(Sid.Conversation conversation, Identity identity) {
    return derived("US", conversation.text() + " " + identity.text());
  }

  /** The participant sid of an author who takes no part: a greeter, or a program. */
  static String memberSid(Sid.Conversation conversation, Identity author) {
    return derived("MB", conversation.text() + " " + author.text());
  }

  private static String derived(String prefix, String name) {
    byte[] digest = Sha256.of((prefix + " " + name).getBytes(StandardCharsets.UTF_8));
    return prefix + HexFormat.of().formatHex(digest, 0, 16);
  }

  Kind kind() {
    return switch (content) {
      case Content.OfConversation _ -> Kind.DOCUMENT;
      case Content.Messages _ -> Kind.LIST;
      case Content.Roster _, Content.MyConversations _, Content.User _ -> Kind.MAP;
    };
  }

  String sid() {
    return derived(kind().prefix, name);
  }

  /** Its address, which the client only copies. */
  String url() {
    return Links.SYNC + "/v3/" + kind().segment() + "/" + sid();
  }
}
