package parlour.store;

/**
 * The database's schema is not the one this program was built for. It stops a start: waiting does
 * not help, so it is not {@link StoreUnavailable}. The message names the database, the migration
 * and the remedy.
 */
public final class SchemaMismatch extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SchemaMismatch(String database, String what, String remedy) {
    super(database + ": " + what + ". " + remedy);
  }
}
