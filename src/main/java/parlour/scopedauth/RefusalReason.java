package parlour.scopedauth;

/**
 * The exact reason why a token was refused, only for the trace, the log and the session's record.
 */
enum RefusalReason {
  MALFORMED("malformed"),
  FORGED("not sealed by a key of this installation"),
  OTHER_AUDIENCE("of another account or deployment"),
  EXPIRED("expired"),
  NO_SESSION("its session does not exist"),
  SESSION_REVOKED("its session was revoked"),
  SESSION_ENDED("its session is over"),
  REPLAYED("superseded, and presented again"),
  FINGERPRINT("from another browser"),
  KEY_MISSING("key: missing"),
  KEY_WRONG("key: wrong"),
  KEY_REPLAYED("key: replayed"),
  OTHER_BINDING("not bound to a key as its session is");

  private final String description;

  RefusalReason(String description) {
    this.description = description;
  }

  String description() {
    return description;
  }

  /** Whether the token or the session was too old, which a wrong clock can cause. */
  boolean dependsOnTheClock() {
    return this == EXPIRED || this == SESSION_ENDED || this == REPLAYED;
  }
}
