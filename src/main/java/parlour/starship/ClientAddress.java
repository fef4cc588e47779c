package parlour.starship;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.http.server.AddressBlock;
import parlour.http.server.Proxies;

/**
 * Finds the client of a call: the peer, or, if the peer is a trusted proxy, the last address in
 * X-Forwarded-For that is not a trusted proxy. Other peers' X-Forwarded-For is ignored.
 */
final class ClientAddress {
  private static final Logger log = LoggerFactory.getLogger(ClientAddress.class);

  private final Proxies proxies;
  private final AtomicBoolean warned = new AtomicBoolean();

  ClientAddress(Proxies proxies) {
    this.proxies = proxies;
  }

  /** Returns the client as rates count it; see {@link AddressBlock}. */
  String of(Request request) {
    String client = Request.getRemoteAddr(request);
    List<String> hops = hops(request);
    if (!hops.isEmpty() && !proxies.contains(client) && warned.compareAndSet(false, true)) {
      log.warn("X-Forwarded-For from a peer that trusted-proxies does not name: it is ignored."
          + " If a proxy of yours sent it, add its address to trusted-proxies; until then all its"
          + " guests share one rate limit");
    }
    int last = Math.max(0, hops.size() - Limits.FORWARDED_HOPS);
    for (int i = hops.size() - 1; i >= last && proxies.contains(client); i--) {
      client = hops.get(i);
    }
    return counted(client);
  }

  /** Splits at every comma: a quotation mark that a stranger sent must not hide a proxy's entry. */
  private static List<String> hops(Request request) {
    List<String> values = request.getHeaders().getValuesList(HttpHeader.X_FORWARDED_FOR);
    if (values.isEmpty()) {
      return values; // the usual case without a proxy, on the path of each call
    }
    String all = String.join(",", values);
    return Arrays.stream(all.split(","))
        .map(String::strip)
        .filter(hop -> !hop.isEmpty())
        .map(ClientAddress::withoutPort)
        .toList();
  }

  /** Some proxies write the port too: {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}. */
  private static String withoutPort(String hop) {
    if (hop.startsWith("[") && hop.contains("]")) {
      return hop.substring(1, hop.indexOf(']'));
    }
    int colon = hop.indexOf(':');
    return colon >= 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
  }

  private static String counted(String address) {
    try {
      return AddressBlock.clientOf(InetAddress.ofLiteral(address));
    } catch (IllegalArgumentException e) {
      return "unknown"; // a trusted proxy wrote no address: its guests share one limit
    }
  }
}
