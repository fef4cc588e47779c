package parlour.errors;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The error codes of docs/errors.md: HTTP status, code, action and message. */
public enum ErrorCode {
  TOKEN_REFUSED(
      401,
      45775,
      Action.RESTART,
      "This chat session is no longer valid. You can start a new chat.",
      "This session cannot be continued."),
  TOKEN_RENEWABLE(
      401, 45775, Action.REFRESH, "This token is too old. Refresh it, and repeat the call."),
  FINGERPRINT_REFUSED(
      403,
      45779,
      Action.RESTART,
      "This chat was started in another browser, so it cannot go on in this one."
          + " You can start a new chat.",
      "This session belongs to another browser."),
  ORIGIN_NOT_ALLOWED(403, 45772, Action.FIX, "This page's origin may not use this deployment."),
  FINGERPRINT_IMPOSSIBLE(
      403, 45772, Action.FIX, "The request lacks the headers that a fingerprint is made of."),
  UNKNOWN_DEPLOYMENT_KEY(404, 45778, Action.FIX, "There is no such deployment key."),
  NO_ADDRESS(409, 45777, Action.FIX, "This deployment has no address: nobody would answer."),
  CONVERSATION_CLOSED(409, 45781, Action.RESTART, "This conversation has ended."),
  CONVERSATION_FULL(409, 45784, Action.RESTART, "This chat is full. Please start a new one."),
  FILES_FULL(409, 45786, Action.FIX, "There is no more room for files."),
  ROLE_TOO_LOW(403, 45789, Action.FIX, "The role of this agent does not permit this."),
  WRONG_OLD_PASSWORD(403, 45790, Action.FIX, "The current password is wrong."),
  ASSIGNEE_CHANGED(409, 45788, Action.FIX, "Another agent was faster."),
  NOT_A_MEMBER(
      409, 45791, Action.FIX, "This agent is not a member of the desk of this conversation."),
  PUSH_IMPOSSIBLE(409, 45794, Action.FIX, "This browser cannot get pushes from here."),
  SETTINGS_CHANGED(
      409,
      45809,
      Action.FIX,
      "Somebody else has changed these settings since you opened them. Compare, and save again."),
  OWN_AGENT(
      409,
      45810,
      Action.FIX,
      "An admin cannot do this to themself here: ask another admin, or use the menu of the inbox."),
  AGENT_OF_PROVIDER(
      409, 45811, Action.FIX, "This agent signs in at the identity provider, and has no password."),
  AGENT_NAME_TAKEN(409, 45812, Action.FIX, "There is already an agent with this name."),
  ONLY_MEMBER_OF_DESK(
      409,
      45813,
      Action.FIX,
      "This agent is the only member of a desk. Without members, all agents would see it."),
  FILE_INFECTED(422, 45787, Action.FIX, "This file contains malware, so it was not kept."),
  PRE_ENGAGEMENT_NOT_JSON(400, 45733, Action.FIX, "PreEngagementData is not JSON."),
  PRE_ENGAGEMENT_TOO_LARGE(400, 45731, Action.FIX, "PreEngagementData is over 16 KB."),
  NOT_SIGNED_IN(401, 45782, Action.FIX, "Sign in first."),
  SIGN_IN_REFUSED(401, 45783, Action.FIX, "Wrong name or password."),
  SECOND_FACTOR_NEEDED(401, 45795, Action.FIX, "Send the code of your authenticator app, too."),
  SECOND_FACTOR_REFUSED(
      403,
      45796,
      Action.FIX,
      "Wrong code, or one that was used before. Wait for the next one, or use a recovery code."),
  SECOND_FACTOR_REQUIRED(
      403, 45797, Action.FIX, "Your account requires a second factor: set it up first."),
  OIDC_UNAVAILABLE(
      503,
      45798,
      Action.RETRY,
      "The identity provider cannot be used now. Try again in a minute, or sign in with a password if"
          + " you have one. If it stays so, inform an operator."),
  OIDC_ATTEMPT_REFUSED(
      401,
      45799,
      Action.FIX,
      "The sign-in at the identity provider was not completed in this browser within 10 minutes."
          + " Start again."),
  OIDC_TOKEN_REFUSED(
      401,
      45800,
      Action.FIX,
      "The identity provider's answer was not accepted. Inform an operator: the log says why."),
  OIDC_ROLE_MISSING(
      403,
      45801,
      Action.FIX,
      "None of your groups at the identity provider has a role here. Ask the person who manages them."),
  OIDC_AGENT_REMOVED(
      403,
      45802,
      Action.FIX,
      "You were removed from this inbox. An operator can let you in again (parlour agents admit NAME)."),
  OIDC_CLIENT_REFUSED(
      503,
      45803,
      Action.RETRY,
      "The identity provider refuses the requests of this installation. Inform an operator: the log"
          + " says why."),
  SERVER_NOT_AUTHENTICATED(
      401,
      20003,
      Action.FIX,
      "Authenticate with the account's sid and auth token, or with an API key and its secret."),
  API_KEY_EXPIRED(
      401,
      45792,
      Action.FIX,
      "This API key has expired. Have an operator create another one (parlour api-keys create), and"
          + " use it instead."),
  API_KEY_SCOPE_MISSING(403, 45793, Action.FIX, "This API key does not permit this call."),
  CLIENT_TOKEN_REFUSED(401, 20101, Action.RESTART, "This session cannot be continued."),
  CLIENT_TOKEN_EXPIRED(
      401, 20104, Action.REFRESH, "This token has expired. Present a newer one of its session."),
  NO_SUCH_RESOURCE(404, 20404, Action.FIX, "The requested resource was not found."),
  PARTICIPANT_EXISTS(
      409, 50433, Action.FIX, "This identity is already a participant of the conversation."),
  MALFORMED(400, 45770, Action.FIX, "The request is malformed."),
  NOT_FOUND(404, 45770, Action.FIX, "There is nothing at this path."),
  METHOD_NOT_ALLOWED(405, 45770, Action.FIX, "This path does not take this method."),
  REQUEST_TIMEOUT(408, 45770, Action.RETRY, "The request arrived too slowly."),
  PROOF_OUT_OF_TIME(428, 45785, Action.RETRY, "The proof's time is too far from the server's."),
  TOO_LARGE(413, 45770, Action.FIX, "The body is too large."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      45770,
      Action.FIX,
      "The body must be application/json or application/x-www-form-urlencoded, in UTF-8."),
  HEADERS_TOO_LARGE(431, 45770, Action.FIX, "The request's header is too large."),
  TOO_MANY_REQUESTS(429, 45780, Action.RETRY, "Too many requests."),
  REFRESH_UNAVAILABLE(503, 45774, Action.RETRY, "The session cannot be refreshed just now."),
  CREATE_UNAVAILABLE(503, 45773, Action.RETRY, "A session cannot be created just now."),
  CONFIGURATION_UNAVAILABLE(503, 45776, Action.RETRY, "The configuration cannot be read now."),

  /**
   * A bug in Parlour. It is answered like an outage, by 503 and {@code retry}, because only then a
   * browser keeps its session; clients differ in how they treat a 500. The log shows which it was.
   */
  UNEXPECTED(503, 45770, Action.RETRY, "The request could not be answered just now.");

  enum Action {
    RETRY,
    REFRESH,
    RESTART,
    FIX
  }

  private static final Set<Integer> CODES =
      Arrays.stream(values()).map(ErrorCode::code).collect(Collectors.toUnmodifiableSet());

  private final int status;
  private final int code;
  private final Action action;
  private final String message;
  private final String closeReason;

  ErrorCode(int status, int code, Action action, String message) {
    this(status, code, action, message, message);
  }

  ErrorCode(int status, int code, Action action, String message, String closeReason) {
    this.status = status;
    this.code = code;
    this.action = action;
    this.message = message;
    this.closeReason = closeReason;
  }

  /** Whether an error has this code. */
  public static boolean isKnown(int code) {
    return CODES.contains(code);
  }

  public int status() {
    return status;
  }

  public int code() {
    return code;
  }

  /** {@code retry}, {@code refresh}, {@code restart} or {@code fix}. */
  public String action() {
    return action.name().toLowerCase(Locale.ROOT);
  }

  /** The message, unless a {@link Problem} has a more precise one. */
  public String message() {
    return message;
  }

  /** The message to a client whose socket is closed because of this error. */
  public String closeReason() {
    return closeReason;
  }

  /** The path of the code's explanation, relative to the project. */
  public String moreInfo() {
    return "docs/errors.md#" + code;
  }
}
