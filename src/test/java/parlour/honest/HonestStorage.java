package parlour.honest;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import parlour.scopedauth.GuestToken;
import parlour.spec.GuestKey;

/**
 * The storage that the tabs of one browser share: the newest token in localStorage, and the keys of
 * chats in IndexedDB. A browser can lose either, and an earlier state of both can be restored.
 */
final class HonestStorage {
  /** The tokens that a backup can contain. */
  static final int TOKENS_BACKED_UP = 40;

  private final Deque<Stored> earlier = new ArrayDeque<>();
  private final Map<String, GuestKey> keys = new HashMap<>();

  /** The changes since the stored token was issued. */
  final Set<Cause> changes = EnumSet.noneOf(Cause.class);

  private @Nullable Stored stored;

  /** Why the stored token is not the newest one, if it is not. */
  private @Nullable Cause stale;

  /** A chat that this browser has started. */
  static final class Chat {
    private final String conversation;
    private final @Nullable GuestKey key;

    /** When the session began, by the server's clock. */
    final Instant began;

    private @Nullable Stored lastUsed;

    /** When a token was last used for the first time, by the server's clock: a sign of life. */
    private Instant lastFirstUse;

    Chat(String conversation, @Nullable GuestKey key, Instant began) {
      this.conversation = conversation;
      this.key = key;
      this.began = began;
      this.lastFirstUse = began;
    }

    boolean isBound() {
      return key != null;
    }

    Instant lastFirstUse() {
      return lastFirstUse;
    }

    /** The server has accepted one of its tokens. */
    void used(Stored token, Instant now) {
      if (!token.equals(lastUsed)) {
        lastUsed = token;
        lastFirstUse = now;
      }
    }
  }

  /**
   * A token, and what the browser was when it was issued.
   *
   * @param issued by the server's clock
   */
  record Stored(
      Chat chat,
      GuestToken token,
      Instant issued,
      int timezoneOffset,
      long version,
      long loginTimestamp) {}

  @Nullable
  Stored stored() {
    return stored;
  }

  Stored newest() {
    return Objects.requireNonNull(stored);
  }

  boolean hasToken() {
    return stored != null;
  }

  /** The token before the newest one; null if this chat has none. */
  @Nullable
  Stored previous() {
    Stored last = earlier.peekLast();
    return last != null && stored != null && last.chat() == stored.chat() ? last : null;
  }

  @Nullable
  Cause stale() {
    return stale;
  }

  /** The key of a chat, if it has one and the browser still has it. */
  @Nullable
  GuestKey keyOf(Chat chat) {
    return keys.get(chat.conversation);
  }

  /** Whether the browser can prove that it holds the key of a chat. */
  boolean canProve(Chat chat) {
    return chat.isBound() && keyOf(chat) != null;
  }

  void store(Stored next) {
    if (stored != null) {
      earlier.addLast(stored);
      if (earlier.size() > TOKENS_BACKED_UP) {
        earlier.removeFirst();
      }
    }
    Stored before = stored;
    set(next);
    if (next.chat().key != null && (before == null || before.chat() != next.chat())) {
      keys.put(next.chat().conversation, next.chat().key);
    }
  }

  private void set(@Nullable Stored token) {
    stored = token;
    stale = null;
    changes.clear();
  }

  /** The storage is as it was some tokens ago; before the first chat it had none. */
  void restore(int tokens, Cause cause) {
    Stored older = stored;
    for (int i = 0; i < tokens; i++) {
      older = earlier.pollLast();
    }
    if (older == null) {
      clear();
    } else {
      set(older);
      stale = cause;
      if (older.chat().key != null) {
        keys.put(older.chat().conversation, older.chat().key);
      }
    }
  }

  void loseKeys() {
    keys.clear();
  }

  void loseToken() {
    set(null);
  }

  void clear() {
    loseToken();
    loseKeys();
  }

  /** Nothing of a private window can be restored. */
  void closePrivateWindow() {
    clear();
    earlier.clear();
  }
}
