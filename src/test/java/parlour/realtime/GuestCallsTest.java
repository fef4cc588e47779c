package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestCredentials;
import parlour.conversations.GuestOutcome;
import parlour.conversations.MessageIndex;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Revision;
import parlour.http.server.AddressRates;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.Generation;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Verdict;

class GuestCallsTest {
  private static final SecureRandom random = new SecureRandom();

  private final List<String> counted = new ArrayList<>();

  private static GuestConversations neverAsked() {
    return (GuestConversations) Proxy.newProxyInstance(
        GuestConversations.class.getClassLoader(),
        new Class<?>[] {GuestConversations.class},
        (proxy, method, arguments) -> {
          throw new AssertionError(method.getName());
        });
  }

  /** A client that presents its second token; it is accepted when a test has asked so often. */
  private static final class RenewedToken implements GuestCalls.Tokens {
    private final GuestCredentials credentials = new GuestCredentials(
        new Presented(new GuestToken("plr1.x"), Fingerprint.parse("f1.medium." + "A".repeat(96))),
        new Audience(Sid.Account.random(random), Sid.Deployment.random(random), false));
    private final AtomicInteger left;

    RenewedToken(int asked) {
      left = new AtomicInteger(asked);
    }

    @Override
    public GuestCredentials newest() {
      return credentials;
    }

    @Override
    public boolean areNewest(GuestCredentials asked) {
      return left.getAndDecrement() <= 0;
    }
  }

  /** Calls of a client whose limiter allows only so many. */
  private GuestCalls calls(String client, int allowed) {
    return calls(client, allowed, new CountDownLatch(0)); // nobody waits for the answer
  }

  private GuestCalls calls(String client, int allowed, CountDownLatch closed) {
    RateLimiter limiter = (rate, whose, drops) -> {
      counted.add(rate + " " + whose + " " + drops);
      return counted.size() > allowed ? Optional.of(Duration.ofMillis(1)) : Optional.empty();
    };
    return new GuestCalls(
        neverAsked(), new RenewedToken(0), new AddressRates(limiter), limiter, client, closed);
  }

  @Test
  void a_call_is_counted_for_the_clients_address_before_it_is_made() {
    GuestCalls calls = calls("203.0.113.7", 0);
    assertThatThrownBy(() -> calls.send("Hello", "{}", List.of(), "a-1"))
        .isInstanceOf(TooManyRequests.class);
    assertThatThrownBy(calls::typing).isInstanceOf(TooManyRequests.class);
    assertThat(counted).containsExactly("MESSAGES 203.0.113.7 1", "SIGNS 203.0.113.7 1");
  }

  /** The client can present a token during an outage, and send messages before it is accepted. */
  @Test
  void a_call_whose_token_is_refused_is_repeated_only_while_a_newer_one_is_validated() {
    AtomicInteger asked = new AtomicInteger();
    GuestConversations refusing = (GuestConversations) Proxy.newProxyInstance(
        GuestConversations.class.getClassLoader(),
        new Class<?>[] {GuestConversations.class},
        (_, _, _) -> {
          asked.incrementAndGet();
          return new GuestOutcome.Refused<>(new Verdict.Refused(Verdict.Failure.TOKEN_EXPIRED));
        });
    GuestCalls calls = new GuestCalls(
        refusing,
        new RenewedToken(2),
        new AddressRates(RateLimiter.UNLIMITED),
        RateLimiter.UNLIMITED,
        "",
        new CountDownLatch(1));
    assertThatThrownBy(() -> calls.read(new MessageIndex(3)))
        .isInstanceOf(GuestCalls.Refused.class);
    assertThat(asked).hasValue(3);
  }

  @Test
  void a_page_that_is_one_too_many_is_not_tried_again_while_its_memory_is_held() {
    GuestCalls calls = calls("203.0.113.7", 0, new CountDownLatch(1));
    assertThatThrownBy(() -> calls.history(PageOfMessages.newest(1)))
        .isInstanceOf(TooManyRequests.class);
    assertThat(counted).containsExactly("HISTORIES 203.0.113.7 1");
  }

  /** The read mark is stored already, and the next requests of the socket wait for the answer. */
  @Test
  void a_count_of_unread_messages_that_is_one_too_many_is_left_out_and_not_tried_again() {
    GuestCalls calls = calls("203.0.113.7", 0, new CountDownLatch(1));
    assertThat(calls.unread(new MessageIndex(3))).isEmpty();
    assertThat(counted).containsExactly("HISTORIES 203.0.113.7 1");
  }

  @Test
  void each_read_of_a_replay_is_counted_for_the_address_and_the_session() {
    GuestSession session = new GuestSession(
        Sid.Session.random(random),
        Sid.Account.random(random),
        Sid.Conversation.random(random),
        new Identity("guest"),
        new Generation(1),
        Instant.MAX,
        Instant.MAX,
        false);
    Replay.Log log = calls("203.0.113.7", 1).log(() -> session);
    assertThatThrownBy(() -> log.after(Revision.NONE)).isInstanceOf(TooManyRequests.class);
    assertThatThrownBy(() -> log.message(new MessageIndex(3))).isInstanceOf(TooManyRequests.class);
    assertThat(counted)
        .containsExactly(
            "HISTORIES 203.0.113.7 1",
            "SESSION_HISTORIES " + session.session().text() + " 1",
            "HISTORIES 203.0.113.7 1");
  }
}
