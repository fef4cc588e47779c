package parlour.store;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Stands in front of a database that can be down, or take no writes. */
public final class Outage extends ForwardingDatabase {
  private final BooleanSupplier down;
  private final BooleanSupplier full;

  public Outage(Database database, BooleanSupplier down) {
    this(database, down, () -> false);
  }

  /**
   * @param full whether writes fail, and reads do not
   */
  public Outage(Database database, BooleanSupplier down, BooleanSupplier full) {
    super(database);
    this.down = down;
    this.full = full;
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    check();
    return super.read(work);
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    check();
    if (full.getAsBoolean()) {
      throw new StoreUnavailable("a database of a test", "is full", null);
    }
    return super.write(work);
  }

  @Override
  public boolean scrub() {
    check();
    return super.scrub();
  }

  private void check() {
    if (down.getAsBoolean()) {
      throw new StoreUnavailable("a database of a test", "is down", null);
    }
  }
}
