package parlour.chaos;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.json.Json;
import parlour.spec.Browser;
import parlour.spec.SdkSocket;

/**
 * The events that a page with the published client receives of its guest's messages, on one socket
 * after the other. Each socket follows the list of messages from the last event on, as the package
 * does.
 */
final class SdkListener {
  /**
   * When the package asks again for a subscription that was not established, for example during an
   * outage. This client connects again instead.
   */
  private static final Duration ESTABLISHING = Limits.REALTIME_ESTABLISHING;

  /** The server pings more often. */
  private static final Duration SILENCE = Limits.SOCKET_SILENCE;

  private final String conversation;
  private final Supplier<String> token;
  private final Listening listening;
  private long lastEvent;
  private volatile @Nullable BinarySocket open;
  private volatile boolean over;

  /** Receives what arrives. */
  interface Listening {
    void receives(long index, String body);

    void isViolated(String right);
  }

  /**
   * @param token the newest token of the guest
   */
  SdkListener(String conversation, Supplier<String> token, Listening listening) {
    this.conversation = conversation;
    this.token = token;
    this.listening = listening;
  }

  /** Listens until the socket is lost. */
  void listens(URI edge) throws IOException {
    try (BinarySocket wire = new BinarySocket(edge, Browser.CHROME_ON_WINDOWS, Edges.ORIGIN);
        SdkSocket socket = new SdkSocket(wire)) {
      open = wire;
      if (!isAdmitted(socket.init(token.get()))) {
        return;
      }
      List<SdkSocket.Followed> objects = new ArrayList<>(socket.reads(conversation));
      objects.replaceAll(one -> one.kind().equals("list")
          ? new SdkSocket.Followed(one.kind(), one.sid(), lastEvent)
          : one);
      Set<String> awaited = objects.stream()
          .map(SdkSocket.Followed::sid)
          .collect(Collectors.toCollection(HashSet::new));
      wire.isLostAfter(ESTABLISHING);
      socket.follows(objects);
      while (!over) {
        SdkSocket.Frame frame = socket.next();
        if (frame.text().contains("\"subscription_established\"")) {
          awaited.removeIf(sid -> frame.text().contains(sid));
        }
        if (awaited.isEmpty()) {
          wire.isLostAfter(SILENCE);
        }
        receives(frame, socket);
      }
    }
  }

  private void receives(SdkSocket.Frame frame, SdkSocket socket) throws IOException {
    switch (frame.method()) {
      case "client_update" -> { // the token expires, or was superseded
        var _ = isAdmitted(socket.update(token.get()));
      }
      case "close" -> throw new IOException("closed by the server: " + frame.header());
      case "notification" -> eventsOf(frame).forEach(this::receives);
      default -> {} // a ping
    }
  }

  /** Whether the token was accepted. An answer that asks for a retry decides nothing. */
  private boolean isAdmitted(long status) {
    if (status == 401 || status == 403) {
      listening.isViolated("was refused on the realtime socket: " + status);
    }
    return status == 200;
  }

  private static List<Map<?, ?>> eventsOf(SdkSocket.Frame frame) {
    Map<String, @Nullable Object> payload = Json.object(frame.text()).orElse(Map.of());
    List<Map<?, ?>> events = new ArrayList<>();
    if ("list_item_added".equals(payload.get("event_type"))) {
      for (Object event : (List<?>) Objects.requireNonNull(payload.get("events"))) {
        events.add((Map<?, ?>) event);
      }
    }
    return events;
  }

  /** The package drops an event that is not later than the last one. */
  private void receives(Map<?, ?> event) {
    long id = (Long) Objects.requireNonNull(event.get("id"));
    if (id <= lastEvent) {
      listening.isViolated("received event " + id + " after " + lastEvent);
    }
    lastEvent = id;
    Map<?, ?> data = (Map<?, ?>) Objects.requireNonNull(event.get("item_data"));
    listening.receives(
        (Long) Objects.requireNonNull(event.get("item_index")), String.valueOf(data.get("text")));
  }

  void stops() {
    over = true;
    BinarySocket last = open;
    if (last != null) {
      last.close();
    }
  }
}
