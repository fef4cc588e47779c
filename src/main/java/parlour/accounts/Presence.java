package parlour.accounts;

import parlour.Sid;

/** Whether anybody is at the inbox who answers the guests of an address. */
@FunctionalInterface
public interface Presence {

  /**
   * Whether agents answer at this address, and none of them has the inbox open: agents who see its
   * conversations. It is cheap, because any page can ask. Throws {@link parlour.Unavailable} if it cannot be determined.
   */
  boolean isInboxDeserted(Sid.Account account, Sid.Address desk);
}
