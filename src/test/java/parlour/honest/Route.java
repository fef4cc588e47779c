package parlour.honest;

import java.time.Instant;
import java.util.Map;

/**
 * The way of a guest's calls to the server.
 *
 * @param network that the calls come from, in which no other guest is
 * @param change what happens to their headers from an instant on
 */
record Route(String network, HeaderChange change, Instant from) {

  static Route of(int guest, HeaderChange change, Instant from) {
    boolean isAffected = guest % 100 < change.per100Guests;
    return new Route("%06x".formatted(guest), isAffected ? change : HeaderChange.NONE, from);
  }

  /** The same from a network in which nobody was before. */
  Route elsewhere(long number) {
    return new Route("elsewhere-%d".formatted(number), change, from);
  }

  boolean hasChangedSince(Instant before, Instant now) {
    return change != HeaderChange.NONE && before.isBefore(from) && !now.isBefore(from);
  }

  /** The headers as they arrive. */
  Map<String, String> pass(Map<String, String> headers, Instant now) {
    return now.isBefore(from) ? headers : change.apply(headers);
  }
}
