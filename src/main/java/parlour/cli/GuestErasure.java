package parlour.cli;

import java.util.Optional;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Conversations;

/** Erases conversations of a guest, and counts them. */
final class GuestErasure {
  private final Conversations all;
  private final Sid.Account account;
  private final Counts erased = new Counts();

  GuestErasure(Conversations all, Sid.Account account) {
    this.all = all;
    this.account = account;
  }

  Counts erased() {
    return erased;
  }

  /** Erases a conversation that was found. */
  void erase(Conversations.Overview overview) {
    if (erase(overview.conversation().sid())) {
      erased.add(overview);
    }
  }

  /**
   * Erases a conversation only while its sessions can be read, as the sweep of old conversations
   * does.
   *
   * @return false if there is none, and no session was left to be ended
   */
  boolean erase(Sid.Conversation sid) {
    var _ = all.everySessionOf(account, sid);
    try {
      return all.erase(account, sid);
    } catch (Unavailable e) {
      // The conversation can be gone while its sessions are not ended; a repeated call ends them.
      try {
        return all.erase(account, sid);
      } catch (Unavailable again) {
        throw new Incomplete(sid, again);
      }
    }
  }

  /** Whether sessions go on of a conversation that is gone, because its erasure was cut off. */
  boolean isIncomplete(Sid.Conversation sid) {
    return all.everySessionOf(account, sid).stream()
        .anyMatch(session -> session.revoked().isEmpty());
  }

  /**
   * Whether the conversation is erased is not known. If it is, the list of the guest does not have
   * it any more, so only its sid leads to the sessions that go on.
   */
  static final class Incomplete extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Sid.Conversation conversation;
    private final Unavailable outage;

    Incomplete(Sid.Conversation conversation, Unavailable outage) {
      super(outage);
      this.conversation = conversation;
      this.outage = outage;
    }

    Sid.Conversation conversation() {
      return conversation;
    }

    Unavailable outage() {
      return outage;
    }
  }

  /** How many conversations and messages were found, or erased. */
  static final class Counts {
    private long conversations;
    private long messages;
    private Optional<Conversations.Place> newest = Optional.empty();

    void add(Conversations.Overview overview) {
      conversations++;
      messages += overview.conversation().activity().messageCount();
      newest = newest.or(() -> Optional.of(GuestChoice.placeOf(overview)));
    }

    long conversations() {
      return conversations;
    }

    long messages() {
      return messages;
    }

    /** The place of the one that was added first. */
    Optional<Conversations.Place> newest() {
      return newest;
    }

    String text() {
      return "%d %s with %d %s"
          .formatted(
              conversations,
              conversations == 1 ? "conversation" : "conversations",
              messages,
              messages == 1 ? "message" : "messages");
    }
  }
}
