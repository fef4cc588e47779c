package parlour.chaos;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A guest's socket of any kind, until its end. */
interface OpenSocket extends AutoCloseable {
  boolean received(String body);

  /** How it was ended, if not in the way in which the end of a session ends it. */
  Optional<String> wrongEnd();

  /** When it was refused or closed; empty if it was not in that time. */
  Optional<Instant> overWithin(Duration time) throws InterruptedException;

  @Override
  void close();
}
