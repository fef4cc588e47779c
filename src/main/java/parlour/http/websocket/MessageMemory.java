package parlour.http.websocket;

import java.util.Optional;

/** The memory for long messages that are arriving, which all clients share. Must not block. */
@FunctionalInterface
public interface MessageMemory {
  /** Reserves memory for a socket's client; empty if there is none just now. */
  Optional<Held> reserve(int bytes);

  /** Reserved memory, which is held until this is closed. */
  @FunctionalInterface
  interface Held extends AutoCloseable {
    @Override
    void close();
  }
}
