package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import parlour.conversations.Revision;

class SubscriptionRequestTest {
  @Test
  void an_object_that_is_named_a_hundred_times_is_replayed_once() {
    String objects = "{\"object_sid\":\"ES1\"},".repeat(99) + "{\"object_sid\":\"MP1\"}";
    FrameRequest request = new FrameRequest(
        "POST",
        List.of("v4", "Subscriptions"),
        Map.of(),
        Map.of(),
        "{\"requests\":[" + objects + "]}");
    assertThat(SubscriptionRequest.of(request).orElseThrow().objects())
        .containsExactly(
            new SubscriptionRequest.Wanted("ES1", Revision.NONE),
            new SubscriptionRequest.Wanted("MP1", Revision.NONE));
  }
}
