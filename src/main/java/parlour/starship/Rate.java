package parlour.starship;

import parlour.Limits;

/** What calls are counted as, each kind for itself. */
enum Rate {
  CREATES(Limits.CREATES_PER_MINUTE),
  REFRESHES(Limits.REFRESHES_PER_MINUTE),
  HISTORIES(Limits.HISTORIES_PER_MINUTE),
  MESSAGES(Limits.MESSAGES_PER_MINUTE),
  SIGNS(Limits.SIGNS_PER_MINUTE),
  STREAMS(Limits.STREAMS_PER_MINUTE),
  SERVERS(Limits.SERVER_CALLS_PER_MINUTE),
  SIGN_INS(Limits.SIGN_INS_PER_MINUTE),
  INBOX(Limits.INBOX_CALLS_PER_MINUTE);

  private final int perMinute;

  Rate(int perMinute) {
    this.perMinute = perMinute;
  }

  /** Of one client address, and as many again at once. */
  int perMinute() {
    return perMinute;
  }
}
