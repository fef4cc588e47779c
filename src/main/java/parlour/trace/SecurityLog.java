package parlour.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import parlour.Sha256;

/**
 * Writes security events as lines of the log, under the logger {@code parlour.security}: the event,
 * its actor, its object, whether it succeeded, and the trace id. It never writes a password, a
 * token, a name that nobody has (people type passwords there), or an address.
 *
 * <p>Safe for use by several threads. Each kind of event has a number of lines a minute, so that
 * somebody who guesses passwords cannot fill the disk; the next line of the kind says how many were
 * omitted.
 */
public final class SecurityLog {
  private static final Logger log = LoggerFactory.getLogger("parlour.security");
  private static final int DIGEST_BYTES = 8;

  /** The kinds of events, with the names that a monitor searches for. */
  public enum Event {
    AGENT_SIGNED_IN("agent-signed-in", true),
    AGENT_REFUSED("agent-refused", false),
    AGENT_SIGNED_OUT("agent-signed-out", true),
    AGENT_PASSWORD_CHANGED("agent-password-changed", true),
    AGENT_BROWSERS_ENDED("agent-browsers-ended", true),
    AGENT_CODE_REQUESTED("agent-code-requested", true),
    AGENT_CODE_REFUSED("agent-code-refused", false),
    AGENT_RECOVERY_CODE_USED("agent-recovery-code-used", true),
    AGENT_SECOND_FACTOR_ADDED("agent-second-factor-added", true),
    AGENT_SECOND_FACTOR_REMOVED("agent-second-factor-removed", true),
    AGENT_ATTEMPT_REFUSED("agent-attempt-refused", false),
    AGENT_TOKEN_REFUSED("agent-token-refused", false),
    AGENT_ROLE_MISSING("agent-role-missing", false),
    AGENT_STAYS_OUT("agent-stays-out", false),
    SIGN_INS_LIMITED("sign-ins-limited", false),
    ACCOUNT_REFUSED("account-refused", false),
    API_KEY_REFUSED("api-key-refused", false),
    API_KEY_EXPIRED("api-key-expired", false),
    API_KEY_SCOPE_MISSING("api-key-scope-missing", false),
    CONVERSATION_CLOSED("conversation-closed", true),
    CONVERSATION_REOPENED("conversation-reopened", true),
    CONVERSATION_ERASED("conversation-erased", true),
    MESSAGE_EDITED("message-edited", true),
    MESSAGE_REMOVED("message-removed", true),
    MALWARE_FOUND("malware-found", false),
    DIRECTORY_CHANGED("directory-changed", true);

    private final String action;
    private final boolean success;

    Event(String action, boolean success) {
      this.action = action;
      this.success = success;
    }

    /** The name that a monitor searches for. */
    public String action() {
      return action;
    }
  }

  /** An event that was written, or omitted because there are too many lines of its kind. */
  public record Written(Event event, Actor actor, String object) {}

  /** The cause of an event: somebody with a name, or a client at an address. */
  public sealed interface Actor {
    /** The text of the log. */
    String text();

    /**
     * @param text an agent's name, an account's sid, or a word for an unknown actor
     */
    record Named(String text) implements Actor {}

    /**
     * @param text the {@linkplain #ofAddress digest} of the client's address
     */
    record AtAddress(String text) implements Actor {}
  }

  private final byte[] key;
  private final Consumer<Written> listener;
  private final Map<Event, LinesPerMinute> lines = new EnumMap<>(Event.class);

  /**
   * @param secret the same in every process of an installation, so that the digests of an address
   *     are equal in all logs
   * @param listener gets each event, on the thread that writes it; must return at once
   */
  public SecurityLog(InstantSource clock, String secret, Consumer<Written> listener) {
    this.listener = listener;
    this.key = Sha256.keyed(secret.getBytes(UTF_8), "log");
    for (Event event : Event.values()) {
      lines.put(event, new LinesPerMinute(clock));
    }
  }

  /**
   * @param actor an agent's name, an account's sid, or a word for an unknown actor
   * @param object the sid of the object of the action, or an empty text
   */
  public void write(Event event, String actor, String object) {
    write(event, new Actor.Named(actor), object);
  }

  /** Writes an event of a client of which only the address is known, as its digest. */
  public void writeOfAddress(Event event, String address) {
    write(event, new Actor.AtAddress(ofAddress(address)), "");
  }

  private void write(Event event, Actor actor, String object) {
    listener.accept(new Written(event, actor, object));
    long leftOut = Objects.requireNonNull(lines.get(event)).admitted();
    if (leftOut < 0) {
      return;
    }
    var line = log.atLevel(event.success ? Level.INFO : Level.WARN)
        .addKeyValue("event.action", event.action)
        .addKeyValue("event.outcome", event.success ? "success" : "failure")
        .addKeyValue("user.name", actor.text())
        .addKeyValue("trace", Trace.current().id());
    if (!object.isEmpty()) {
      line = line.addKeyValue("object", object);
    }
    if (leftOut > 0) {
      line = line.addKeyValue("left_out", leftOut);
    }
    line.log(event.action);
  }

  /**
   * A text for a client address, always the same, which reveals nothing without the internal secret.
   */
  public String ofAddress(String address) {
    return "address-" + Sha256.keyedHex(key, address, DIGEST_BYTES);
  }
}
