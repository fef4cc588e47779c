package parlour.realtime;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.conversations.Revision;

/**
 * A request to follow Sync objects, or to follow them no longer.
 *
 * @param correlation the client's number of the request, which the events about it repeat
 */
record SubscriptionRequest(boolean isCancel, long correlation, List<Wanted> objects) {

  /**
   * An object that the client wants to follow.
   *
   * @param lastEvent the last event of it that the client knows
   */
  record Wanted(String sid, Revision lastEvent) {}

  /** Reads the body of {@code POST /v4/Subscriptions}; empty if it is malformed. */
  static Optional<SubscriptionRequest> of(FrameRequest request) {
    return request.json().flatMap(SubscriptionRequest::of);
  }

  private static Optional<SubscriptionRequest> of(Map<String, @Nullable Object> body) {
    if (!(body.get("requests") instanceof List<?> requests)
        || requests.size() > Limits.REALTIME_SUBSCRIPTIONS) {
      return Optional.empty();
    }
    Map<String, Wanted> objects = new LinkedHashMap<>(); // an object is replayed once
    for (Object one : requests) {
      if (!(one instanceof Map<?, ?> wanted)
          || !(wanted.get("object_sid") instanceof String sid)
          || sid.length() > Limits.REALTIME_FRAME_ID) {
        return Optional.empty();
      }
      objects.putIfAbsent(
          sid,
          new Wanted(
              sid, Revision.orNone(wanted.get("last_event_id") instanceof Long id ? id : 0)));
    }
    return Optional.of(new SubscriptionRequest(
        "cancel".equals(body.get("action")),
        body.get("correlation_id") instanceof Long id ? id : 0,
        List.copyOf(objects.values())));
  }

  /** The answer, before the request is carried out. */
  static JsonObject accepted() {
    return new JsonObject()
        .with("estimated_delivery_in_ms", Limits.REALTIME_ESTABLISHING.toMillis())
        .with("max_batch_size", Limits.REALTIME_SUBSCRIPTIONS)
        .with("ttl_in_s", Limits.REALTIME_SUBSCRIPTION_TTL.toSeconds());
  }
}
