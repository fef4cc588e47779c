package parlour.process;

import parlour.errors.ErrorCode;
import parlour.ledger.LedgerNote;
import parlour.trace.SecurityLog;

/** Security events as the ledger keeps them. */
final class SecurityNotes {
  private SecurityNotes() {}

  static LedgerNote of(SecurityLog.Written event) {
    return LedgerNote.of(event.event().action(), "")
        .refusedBy(code(event.event()))
        .by(actor(event.actor()), event.object());
  }

  /** The ledger keeps no address, not even as a digest. */
  private static String actor(SecurityLog.Actor actor) {
    return switch (actor) {
      case SecurityLog.Actor.Named named -> named.text();
      case SecurityLog.Actor.AtAddress _ -> "";
    };
  }

  private static int code(SecurityLog.Event event) {
    return switch (event) {
      case AGENT_REFUSED -> ErrorCode.SIGN_IN_REFUSED.code();
      case AGENT_CODE_REFUSED -> ErrorCode.SECOND_FACTOR_REFUSED.code();
      case AGENT_ATTEMPT_REFUSED -> ErrorCode.OIDC_ATTEMPT_REFUSED.code();
      case AGENT_TOKEN_REFUSED -> ErrorCode.OIDC_TOKEN_REFUSED.code();
      case AGENT_ROLE_MISSING -> ErrorCode.OIDC_ROLE_MISSING.code();
      case AGENT_STAYS_OUT -> ErrorCode.OIDC_AGENT_REMOVED.code();
      case SIGN_INS_LIMITED -> ErrorCode.TOO_MANY_REQUESTS.code();
      case ACCOUNT_REFUSED, API_KEY_REFUSED -> ErrorCode.SERVER_NOT_AUTHENTICATED.code();
      case API_KEY_EXPIRED -> ErrorCode.API_KEY_EXPIRED.code();
      case API_KEY_SCOPE_MISSING -> ErrorCode.API_KEY_SCOPE_MISSING.code();
      case MALWARE_FOUND -> ErrorCode.FILE_INFECTED.code();
      case AGENT_SIGNED_IN,
          AGENT_SIGNED_OUT,
          AGENT_PASSWORD_CHANGED,
          AGENT_BROWSERS_ENDED,
          AGENT_CODE_REQUESTED,
          AGENT_RECOVERY_CODE_USED,
          AGENT_SECOND_FACTOR_ADDED,
          AGENT_SECOND_FACTOR_REMOVED,
          CONVERSATION_CLOSED,
          CONVERSATION_REOPENED,
          CONVERSATION_ERASED,
          MESSAGE_EDITED,
          MESSAGE_REMOVED,
          DIRECTORY_CHANGED -> 0;
    };
  }
}
