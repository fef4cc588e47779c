package parlour.scopedauth;

/** Precisely why a token was refused: for the trace, the log and the session's record only. */
enum RefusalReason {
  MALFORMED("malformed"),
  FORGED("not sealed by a key of this installation"),
  OTHER_AUDIENCE("of another account or deployment"),
  EXPIRED("expired"),
  NO_SESSION("its session does not exist"),
  SESSION_REVOKED("its session was revoked"),
  SESSION_OVER("its session is over"),
  REPLAYED("superseded, and presented again"),
  FINGERPRINT("from another browser");

  private final String inWords;

  /** Whether the clock decided this: a token or a session was too old. */
  boolean isByTheClock() {
    return this == EXPIRED || this == SESSION_OVER || this == REPLAYED;
  }

  RefusalReason(String inWords) {
    this.inWords = inWords;
  }

  String inWords() {
    return inWords;
  }
}
