package parlour.accounts;

import parlour.Sid;

/** Whether anybody is at the inbox of an account. */
@FunctionalInterface
public interface Presence {

  /**
   * Whether the account has agents, and none of them has the inbox open. It is cheap, because any
   * page can ask. Throws {@link parlour.Unavailable} if it cannot be determined.
   */
  boolean isInboxDeserted(Sid.Account account);
}
