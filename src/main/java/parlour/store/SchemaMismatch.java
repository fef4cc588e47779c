package parlour.store;

/**
 * The database's schema does not fit this program, so the process cannot start. Waiting does not
 * help, so it is not {@link StoreUnavailable}. The message names the database, the migration and
 * the remedy.
 */
public final class SchemaMismatch extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SchemaMismatch(String database, String what, String remedy) {
    super(database + ": " + what + ". " + remedy);
  }
}
