package parlour.orchestrator;

import java.time.Instant;
import java.util.Optional;
import parlour.Sid;
import parlour.conversations.Conversations;
import parlour.conversations.GuestCredentials;
import parlour.federatedauth.Outcome;
import parlour.scopedauth.GuestToken;

/**
 * The door of FlexWebchatOrchestratorService (FWO): what a browser may ask for.
 *
 * <p>Every method throws {@link parlour.errors.Problem} for a caller's mistake (unknown key, origin
 * not allowed, no fingerprint possible, …) and {@link parlour.Unavailable} when it could not be
 * decided. The origin is decided on before anything else is said about a deployment.
 */
public interface FlexWebchatOrchestrator {

  /**
   * @param identity asked for by a guest who was here before; taken only if this deployment issued
   *     it, and opens no earlier conversation
   * @param preEngagementData JSON text
   * @param firstMessage the message that the guest sends by starting the chat
   * @param idempotencyKey a secret of the caller's; a repeated call with the same key and the same
   *     content starts no second chat
   */
  record ChatRequest(
      Sid.Deployment deployment,
      Optional<String> customerFriendlyName,
      Optional<String> preEngagementData,
      Optional<Conversations.FirstMessage> firstMessage,
      Optional<String> identity,
      Optional<String> idempotencyKey) {}

  /** A chat that began; the token goes to the browser and nowhere else. */
  record Chat(
      GuestToken token, Instant expiration, String identity, Sid.Conversation conversation) {}

  /** Starts a chat ({@code POST /v2/Webchat/Init}). */
  Chat init(ChatRequest request, BrowserRequest visit);

  /** Renews a guest's token after a reload ({@code POST /v2/Webchat/Token/Refresh}, arrow 3). */
  Outcome refresh(Sid.Deployment deployment, GuestToken token, BrowserRequest request);

  /**
   * What a guest shows to Conversations: the token, whose it must be, and the browser's fingerprint.
   * Nothing is decided about the token yet. A call without an Origin is let through, as a page's
   * own server is asked without one.
   */
  GuestCredentials pass(Sid.Deployment deployment, GuestToken token, BrowserRequest request);

  /** The same for a socket, whose handshake has an Origin in every browser (RFC 6455 §10.2). */
  GuestCredentials passOfSocket(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request);

  /**
   * Checks that a page may still have its open socket: returns, or throws the problem that a call
   * would get.
   */
  void readmit(Sid.Deployment deployment, BrowserRequest request);
}
