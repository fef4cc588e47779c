package parlour.store;

/** Whether to bring the schema up to date at open, or to refuse one that is not. */
public enum MigrationMode {
  APPLY,
  /** For a program beside a running server. */
  VERIFY
}
