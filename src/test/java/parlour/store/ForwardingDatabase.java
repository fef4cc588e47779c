package parlour.store;

import org.jspecify.annotations.Nullable;

/**
 * Passes everything on to another database; a test overrides what it changes. {@link #readOne} is a
 * {@link #read}, so that a test sees each read at one place.
 */
public class ForwardingDatabase implements Database {
  protected final Database database;

  public ForwardingDatabase(Database database) {
    this.database = database;
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    return database.read(work);
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    return database.write(work);
  }

  @Override
  public void scrubSoon() {
    database.scrubSoon();
  }

  @Override
  public boolean scrub() {
    return database.scrub();
  }

  @Override
  public void close() {
    database.close();
  }
}
