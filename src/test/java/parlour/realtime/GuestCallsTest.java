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
import parlour.http.json.JsonText;
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

  private static GuestCredentials credentials(String token) {
    return new GuestCredentials(
        new Presented(new GuestToken(token), Fingerprint.parse("f1.medium." + "A".repeat(96))),
        new Audience(Sid.Account.random(random), Sid.Deployment.random(random), false));
  }

  /**
   * A client that presents its second token. It is accepted when {@link #areNewest} was asked so
   * often.
   */
  private static final class RenewedToken implements GuestCalls.Tokens {
    private final GuestCredentials first = credentials("plr1.first");
    private final GuestCredentials second = credentials("plr1.second");
    private final AtomicInteger left;

    RenewedToken(int asked) {
      left = new AtomicInteger(asked);
    }

    @Override
    public GuestCredentials newest() {
      return left.get() > 0 ? first : second;
    }

    @Override
    public boolean areNewest(GuestCredentials asked) {
      return left.getAndDecrement() <= 0 && asked.equals(second);
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
    assertThatThrownBy(() -> calls.send("Hello", JsonText.EMPTY, List.of(), "a-1"))
        .isInstanceOf(TooManyRequests.class);
    assertThatThrownBy(calls::typing).isInstanceOf(TooManyRequests.class);
    assertThat(counted).containsExactly("MESSAGES 203.0.113.7 1", "SIGNS 203.0.113.7 1");
  }

  /** The client can present a token during an outage, and send messages before it is accepted. */
  @Test
  void a_call_whose_token_is_refused_is_repeated_with_the_newer_one_and_never_with_the_same() {
    RenewedToken tokens = new RenewedToken(2);
    List<GuestCredentials> presented = new ArrayList<>();
    GuestCalls calls = refusing(tokens, tokens.first, presented);
    assertThat(calls.read(new MessageIndex(3))).isEqualTo(new MessageIndex(3));
    assertThat(presented).containsExactly(tokens.first, tokens.second);
    assertThat(counted).as("a drop for each call that was made").hasSize(2);
  }

  @Test
  void a_token_that_is_refused_while_no_newer_one_is_validated_is_not_presented_again() {
    RenewedToken tokens = new RenewedToken(0);
    List<GuestCredentials> presented = new ArrayList<>();
    GuestCalls calls = refusing(tokens, tokens.second, presented);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> calls.read(new MessageIndex(3)))
          .isInstanceOf(GuestCalls.Refused.class);
    }
    assertThat(presented).containsExactly(tokens.second);
  }

  /** Calls to Conversations that refuses one token and notes all that it receives. */
  private GuestCalls refusing(
      GuestCalls.Tokens tokens, GuestCredentials refused, List<GuestCredentials> presented) {
    GuestConversations conversations = (GuestConversations) Proxy.newProxyInstance(
        GuestConversations.class.getClassLoader(),
        new Class<?>[] {GuestConversations.class},
        (_, _, arguments) -> {
          presented.add((GuestCredentials) arguments[0]);
          return refused.equals(arguments[0])
              ? new GuestOutcome.Refused<>(new Verdict.Refused(Verdict.Failure.TOKEN_EXPIRED))
              : new GuestOutcome.Done<>(arguments[1]);
        });
    RateLimiter limiter = (rate, whose, drops) -> {
      counted.add(rate + " " + whose + " " + drops);
      return Optional.empty();
    };
    return new GuestCalls(
        conversations,
        tokens,
        new AddressRates(limiter),
        limiter,
        "203.0.113.7",
        new CountDownLatch(1));
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
