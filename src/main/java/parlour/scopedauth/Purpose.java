package parlour.scopedauth;

/** The purpose for which a token is presented. */
public enum Purpose {
  /** A call in the guest's name. */
  CALL,
  /** A new token: an expired or superseded one can be renewed, if the session is bound to a key. */
  RENEWAL
}
