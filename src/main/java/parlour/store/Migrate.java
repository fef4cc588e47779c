package parlour.store;

/** Whether to bring the schema up to date at open, or to refuse one that is not. */
public enum Migrate {
  YES,
  /** For a program beside a running server. */
  NO
}
