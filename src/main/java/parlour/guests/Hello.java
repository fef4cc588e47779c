package parlour.guests;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.conversations.Revision;
import parlour.http.server.AddressBlock;
import parlour.orchestrator.BrowserRequest;
import parlour.proof.Proof;
import parlour.proof.SocketChallenge;

/**
 * The first text on a guest's socket. The token is in it because a URL must never contain one.
 *
 * @param signals headers of a browser's calls that a script cannot set in a handshake
 * @param after the last revision that the client knows
 */
record Hello(
    Sid.Deployment deployment, SocketToken token, Map<String, String> signals, Revision after) {
  /** The signals that a hello can contain; all others are in the handshake. */
  private static final Pattern SIGNAL =
      Pattern.compile("(x-twilio|x|i-twilio)-sec-(usersettings|webchatinfo|decoders)");

  static Hello of(Map<String, @Nullable Object> message, SocketChallenge challenge) {
    if (!"hello".equals(message.get("type"))) {
      throw GuestStream.malformed("Say hello first.");
    }
    if (!(message.get("deploymentKey") instanceof String key)) {
      throw GuestStream.malformed("The hello needs a deploymentKey.");
    }
    if (!(message.get("after") instanceof Long after)) {
      throw GuestStream.malformed("The hello needs after: the last revision that you know, or -1.");
    }
    Map<String, String> signals = new HashMap<>();
    if (message.get("signals") instanceof Map<?, ?> given) {
      given.forEach((name, value) -> {
        if (value instanceof String text) {
          signals.put(String.valueOf(name).toLowerCase(Locale.ROOT), text);
        }
      });
    }
    Sid.Deployment deployment = deployment(key);
    return new Hello(
        deployment,
        SocketToken.of(message, deployment, challenge),
        signals,
        Revision.orNone(after));
  }

  private static Sid.Deployment deployment(String key) {
    try {
      return new Sid.Deployment(key);
    } catch (IllegalArgumentException e) {
      throw GuestStream.malformed("The hello's deploymentKey is not a deployment key.");
    }
  }

  /**
   * Combines the hello with the headers of its handshake.
   *
   * @param handshake by lower-case name
   * @param client the address that the socket is counted for
   * @param proof of the token that the client presents now
   */
  BrowserRequest browserRequest(
      Map<String, String> handshake, String client, Optional<Proof> proof) {
    return new BrowserRequest(
        name -> {
          String key = name.toLowerCase(Locale.ROOT);
          return SIGNAL.matcher(key).matches() ? signals.get(key) : handshake.get(key);
        },
        (name, value) -> {}, // the response, which could have had headers, was sent before
        proof,
        AddressBlock.networkOf(client));
  }
}
