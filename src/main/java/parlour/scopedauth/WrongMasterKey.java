package parlour.scopedauth;

/** The master key does not open the token keys of this store, so the process must not start. */
public final class WrongMasterKey extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WrongMasterKey(Throwable cause) {
    super(
        "the master key does not open the token keys in the store. Put back the master key that"
            + " this data was made with (the file master.key of the data folder, or the setting"
            + " master-key). Without it every token of every guest is lost: to continue with a"
            + " new one, delete the keys by hand first (docs/operating.md, \"A lost master key\").",
        cause);
  }
}
