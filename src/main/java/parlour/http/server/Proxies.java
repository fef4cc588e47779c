package parlour.http.server;

import java.net.InetAddress;
import java.util.List;
import org.eclipse.jetty.util.InetAddressSet;
import parlour.StartupError;

/** The proxies in front of the edge: what they say of a browser's connection is believed. */
public final class Proxies {
  public static final Proxies NONE = new Proxies(List.of());

  private final InetAddressSet addresses = new InetAddressSet();

  /**
   * @param patterns addresses or ranges such as {@code 10.0.0.0/8}
   * @throws StartupError naming what is neither
   */
  public Proxies(List<String> patterns) {
    for (String pattern : patterns) {
      try {
        addresses.add(pattern);
      } catch (IllegalArgumentException e) {
        throw new StartupError(
            "trusted-proxies: \"%s\" is no address or range; write 10.0.0.7 or 10.0.0.0/8"
                .formatted(pattern),
            e);
      }
    }
  }

  /** Whether this is the address of one; what is no address is none. */
  public boolean contains(String address) {
    try {
      return !addresses.isEmpty() && addresses.test(InetAddress.ofLiteral(address));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
