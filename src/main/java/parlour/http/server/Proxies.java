package parlour.http.server;

import java.net.InetAddress;
import java.util.List;
import org.eclipse.jetty.util.InetAddressSet;
import parlour.StartupError;

/** The trusted proxies in front of the edge, whose forwarding headers are used. */
public final class Proxies {
  public static final Proxies NONE = new Proxies(List.of());

  private final InetAddressSet addresses = new InetAddressSet();

  /**
   * @param patterns addresses or ranges such as {@code 10.0.0.0/8}
   * @throws StartupError for a pattern that is neither
   */
  public Proxies(List<String> patterns) {
    for (String pattern : patterns) {
      try {
        addresses.add(pattern);
      } catch (IllegalArgumentException e) {
        throw new StartupError(
            "trusted-proxies: \"%s\" is not an address or a range; write 10.0.0.7 or 10.0.0.0/8"
                .formatted(pattern),
            e);
      }
    }
  }

  /** Whether this is the address of a trusted proxy; false if it is not an address. */
  public boolean contains(String address) {
    try {
      return !addresses.isEmpty() && addresses.test(InetAddress.ofLiteral(address));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
