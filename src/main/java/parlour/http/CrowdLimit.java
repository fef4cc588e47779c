package parlour.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one address open so many connections and no more. An IPv6 guest owns a whole /64, which
 * counts as one; the connections of a proxy of ours are those of many, and are not counted.
 */
final class CrowdLimit {
  private static final Logger log = LoggerFactory.getLogger(CrowdLimit.class);

  private final int most;
  private final Proxies proxies;
  private final Map<EndPoint, ByteBuffer> open = new ConcurrentHashMap<>();
  private final Map<ByteBuffer, Integer> crowds = new ConcurrentHashMap<>();
  private final AtomicBoolean warned = new AtomicBoolean();

  CrowdLimit(int most, Proxies proxies) {
    this.most = most;
    this.proxies = proxies;
  }

  void opened(EndPoint endPoint) {
    if (!(endPoint.getRemoteSocketAddress() instanceof InetSocketAddress remote)
        || proxies.contains(remote.getAddress().getHostAddress())) {
      return;
    }
    ByteBuffer who = counted(remote.getAddress());
    open.put(endPoint, who);
    if (crowds.merge(who, 1, Integer::sum) > most) {
      if (warned.compareAndSet(false, true)) {
        log.warn(
            "{} connections from one address: more are closed. If it is a proxy of yours, name it"
                + " in trusted-proxies, or all its guests share this bound",
            most);
      }
      endPoint.close();
    }
  }

  void closed(EndPoint endPoint) {
    ByteBuffer who = open.remove(endPoint);
    if (who != null) {
      crowds.computeIfPresent(who, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private static ByteBuffer counted(InetAddress address) {
    byte[] bytes = address.getAddress();
    return ByteBuffer.wrap(bytes.length == 16 ? Arrays.copyOf(bytes, 8) : bytes);
  }
}
