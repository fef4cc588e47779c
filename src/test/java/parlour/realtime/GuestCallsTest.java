package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import parlour.TooManyRequests;
import parlour.conversations.GuestConversations;

class GuestCallsTest {
  @Test
  void a_call_is_counted_for_the_clients_address_before_it_is_made() {
    List<String> counted = new ArrayList<>();
    GuestConversations neverAsked = (GuestConversations) Proxy.newProxyInstance(
        GuestConversations.class.getClassLoader(),
        new Class<?>[] {GuestConversations.class},
        (proxy, method, arguments) -> {
          throw new AssertionError(method.getName());
        });
    CountDownLatch closed = new CountDownLatch(0); // nobody waits for the answer
    GuestCalls calls = new GuestCalls(
        neverAsked,
        () -> {
          throw new AssertionError();
        },
        (rate, whose, drops) -> {
          counted.add(rate + " " + whose + " " + drops);
          return Optional.of(Duration.ofMillis(1));
        },
        "203.0.113.7",
        closed);
    assertThatThrownBy(() -> calls.send("Hello", "{}", "a-1")).isInstanceOf(TooManyRequests.class);
    assertThatThrownBy(calls::typing).isInstanceOf(TooManyRequests.class);
    assertThat(counted).containsExactly("MESSAGES 203.0.113.7 1", "SIGNS 203.0.113.7 1");
  }
}
