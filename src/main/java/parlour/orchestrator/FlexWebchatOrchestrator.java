package parlour.orchestrator;

import java.time.Instant;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.conversations.Conversations;
import parlour.conversations.GuestCredentials;
import parlour.federatedauth.Outcome;
import parlour.scopedauth.GuestToken;

/**
 * The interface of FlexWebchatOrchestratorService (FWO): the calls of a browser.
 *
 * <p>Every method throws {@link parlour.errors.Problem} for a caller's mistake (unknown key, origin
 * not allowed, no fingerprint possible, …) and {@link parlour.Unavailable} if the outcome could not
 * be determined. It checks the origin before it discloses anything else about a deployment.
 */
public interface FlexWebchatOrchestrator {

  /**
   * @param identity the name of a returning guest; ignored unless this deployment issued it. It
   *     gives no access to earlier conversations.
   * @param preEngagementData JSON text
   * @param firstMessage the first message, sent together with the start of the chat
   * @param idempotencyKey a secret of the caller. A repeated call with the same key and the same
   *     content does not start a second chat.
   * @param proofKey the browser's public key; present if the browser can prove that it holds one
   */
  record ChatRequest(
      Sid.Deployment deployment,
      Optional<String> customerFriendlyName,
      Optional<String> preEngagementData,
      Optional<Conversations.FirstMessage> firstMessage,
      Optional<String> identity,
      Optional<String> idempotencyKey,
      Optional<String> proofKey) {}

  /**
   * A chat that has started.
   *
   * @param proofKey the server's public key; present if the session is bound to a key
   */
  record Chat(
      GuestToken token,
      Instant expiration,
      Identity identity,
      Sid.Conversation conversation,
      Optional<String> proofKey) {}

  /** Starts a chat ({@code POST /v2/Webchat/Init}). */
  Chat init(ChatRequest chat, BrowserRequest request);

  /**
   * Whether somebody answers the chats of a deployment now. It contains no more than the widget shows
   * to any guest.
   *
   * @param opensAt the next opening, if the hours are over and there is one
   * @param awayText what the operator wants guests to read meanwhile; only if nobody answers
   */
  record Availability(boolean open, Optional<Instant> opensAt, Optional<String> awayText) {
    static final Availability OPEN = new Availability(true, Optional.empty(), Optional.empty());
  }

  /**
   * Whether somebody answers now ({@code GET /v2/Webchat/Availability}). It accepts a call without an
   * Origin, because a browser sends none with a GET to the page's own server.
   */
  Availability availability(Sid.Deployment deployment, BrowserRequest request);

  /** Renews a guest's token after a reload ({@code POST /v2/Webchat/Token/Refresh}, arrow 3). */
  Outcome refresh(Sid.Deployment deployment, GuestToken token, BrowserRequest request);

  /**
   * Makes the credentials with which a guest calls Conversations: the token, its audience, and the
   * browser's fingerprint. It does not check the token. It accepts a call without an Origin,
   * because a browser sends none with a GET to the page's own server.
   */
  GuestCredentials credentials(Sid.Deployment deployment, GuestToken token, BrowserRequest request);

  /**
   * Makes the {@link #credentials} of a call with a long body: it refuses a text that cannot be a token, before the
   * caller reads that body.
   */
  GuestCredentials longCallCredentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request);

  /**
   * Makes the {@link #credentials} of a socket, and demands an Origin: every browser sends one with its handshake (RFC
   * 6455 §10.2).
   */
  GuestCredentials socketCredentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request);

  /**
   * Makes the {@link #credentials} of a socket of the published client, which names no deployment and sends no headers of
   * its own: the deployment is the token's, the fingerprint has only the browser's headers, and
   * a token that is bound to a key is refused, because there is no proof. A token that is not ours,
   * and one of a deployment that was deleted or does not have {@code --realtime on}, are refused as
   * any token is.
   */
  GuestCredentials realtimeCredentials(GuestToken token, BrowserRequest request);

  /**
   * Makes the {@link #realtimeCredentials} of a further token on an open socket, which is not counted as a further
   * socket.
   */
  GuestCredentials realtimeUpdateCredentials(GuestToken token, BrowserRequest request);

  /** Makes the {@link #realtimeCredentials} of a call of the published client, which may have no Origin. */
  GuestCredentials realtimeCallCredentials(GuestToken token, BrowserRequest request);

  /**
   * Checks that the page of an open socket is still allowed to use the deployment. Throws the
   * problem that a new call would get.
   */
  void readmit(Sid.Deployment deployment, BrowserRequest request);

  /** Checks an open socket of the published client as {@link #readmit} does, and that the deployment still lets it in. */
  void readmitRealtime(Sid.Deployment deployment, BrowserRequest request);
}
