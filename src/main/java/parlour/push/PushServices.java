package parlour.push;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The push services to which this installation sends. A client names the endpoint of its
 * subscription, so that these are the only hosts that a client can make Parlour call: by https, at
 * the usual port.
 */
public final class PushServices {
  private static final String ALL_BELOW = "*.";
  private static final String LOOPBACK = "http://";
  private static final int HTTPS_PORT = 443;

  private final List<String> services;

  /**
   * @param services each a host, or {@code *.} and the end of hosts, or the origin of a loopback
   *     address for a service of a developer
   */
  public PushServices(List<String> services) {
    this.services = List.copyOf(services);
  }

  /** Finds the service that an endpoint belongs to; empty if Parlour must not call it. */
  public Optional<String> of(String endpoint) {
    URI address = URI.create(endpoint);
    if (address.getHost() == null
        || address.getRawUserInfo() != null
        || address.getRawFragment() != null) {
      return Optional.empty();
    }
    return services.stream().filter(service -> hosts(service, address)).findFirst();
  }

  /**
   * Whether a service stands for all hosts below a name. A client can then name any host, also one
   * that does not exist.
   */
  static boolean isGroup(String service) {
    return service.startsWith(ALL_BELOW);
  }

  /**
   * The host of an endpoint, as a service of its own; otherwise its service is the group that it is
   * in.
   */
  static String host(String endpoint) {
    return URI.create(endpoint).getHost().toLowerCase(Locale.ROOT);
  }

  private static boolean hosts(String service, URI endpoint) {
    if (service.startsWith(LOOPBACK)) {
      return origin(endpoint).equals(service);
    }
    if (!"https".equalsIgnoreCase(endpoint.getScheme())
        || (endpoint.getPort() != -1 && endpoint.getPort() != HTTPS_PORT)) {
      return false;
    }
    String host = endpoint.getHost().toLowerCase(Locale.ROOT);
    return isGroup(service)
        ? host.endsWith(service.substring(1)) && host.length() >= service.length()
        : host.equals(service);
  }

  /** The audience of the signed token for a push service (RFC 8292 §2). */
  static String origin(URI endpoint) {
    String port = endpoint.getPort() == -1 ? "" : ":" + endpoint.getPort();
    return (endpoint.getScheme() + "://" + endpoint.getHost()).toLowerCase(Locale.ROOT) + port;
  }
}
