package parlour.http.server;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.EndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the open connections of one client, and of the clients of one {@link AddressBlock}
 * together. Connections of a trusted proxy are not counted, because they belong to many clients.
 */
final class ConnectionLimit {
  private static final Logger log = LoggerFactory.getLogger(ConnectionLimit.class);

  private final int max;
  private final Proxies proxies;
  private final Map<EndPoint, List<AddressBlock>> open = new ConcurrentHashMap<>();
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private final AtomicBoolean warned = new AtomicBoolean();

  ConnectionLimit(int max, Proxies proxies) {
    this.max = max;
    this.proxies = proxies;
  }

  void opened(EndPoint endPoint) {
    if (!(endPoint.getRemoteSocketAddress() instanceof InetSocketAddress remote)
        || proxies.contains(remote.getAddress().getHostAddress())) {
      return;
    }
    List<AddressBlock> blocks = AddressBlock.around(AddressBlock.clientOf(remote.getAddress()));
    open.put(endPoint, blocks);
    boolean exceeded = false;
    for (AddressBlock block : blocks) {
      exceeded |= counts.merge(block.name(), 1, Integer::sum) > max * block.times();
    }
    if (exceeded) {
      if (warned.compareAndSet(false, true)) {
        log.warn(
            "{} connections from one address: more are closed. If it is a proxy of yours, name it"
                + " in trusted-proxies, or all its guests share this bound",
            max);
      }
      endPoint.close();
    }
  }

  void closed(EndPoint endPoint) {
    List<AddressBlock> blocks = open.remove(endPoint);
    if (blocks != null) {
      blocks.forEach(block ->
          counts.computeIfPresent(block.name(), (_, count) -> count == 1 ? null : count - 1));
    }
  }
}
