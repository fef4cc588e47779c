package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.BadInputTest.assertRefused;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.rates.Rate;
import parlour.rates.Refill;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** A client that calls too often must wait, and no other client has to. */
class RateLimitTest {
  private static final Map<Setting, String> BEHIND_A_PROXY =
      Map.of(Setting.RATE_LIMITS, "on", Setting.TRUSTED_PROXIES, "127.0.0.1/32");
  private static final Map<Setting, String> IN_THE_OPEN = Map.of(Setting.RATE_LIMITS, "on");

  /** How many calls are sent at once: one after the other they would be slower than the limit. */
  private static final int FLOODING = 8;

  /** Shared, because each takes long to stop. Each test uses its own addresses. */
  @AutoClose
  private static final BothShapes behindAProxy =
      new BothShapes(ServiceDecorators.NONE, BEHIND_A_PROXY);

  @ParameterizedTest
  @InBothShapes
  void a_flood_is_stopped_for_its_address_only(Shape shape) {
    Installation installation = behindAProxy.in(shape);
    Flood flood = new Flood(installation, i -> "203.0.113.7");
    Refill refill = Refill.of(Rate.CREATES);
    int most = flood.untilStopped();
    assertThat(most)
        .isBetween(
            Limits.CREATES_PER_MINUTE, Limits.CREATES_PER_MINUTE + FLOODING + refill.calls());

    assertRefused(flood.initOnceMore("203.0.113.7"), 429, 45780, "*");
    // Entries before the proxy's own come from the caller, and are not trusted.
    assertThat(flood.initOnceMore("198.51.100.1, 203.0.113.7").status()).isEqualTo(429);

    assertThat(flood.init("203.0.113.8").status()).isEqualTo(400);
    assertThat(flood.init("203.0.113.7, 203.0.113.9").status()).isEqualTo(400);
    assertThat(flood.init("2001:db8::1").status()).isEqualTo(400);
    Guest honest = installation.guest().starts(); // from the proxy's own address
    assertThat(honest.reloads().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @InBothShapes
  void addresses_that_no_trusted_proxy_wrote_hide_nobody(Shape shape) {
    try (Installation installation =
        Installation.start(shape, ServiceDecorators.NONE, IN_THE_OPEN)) {
      Flood flood = new Flood(installation, i -> "203.0.113." + i % 250);
      Refill refill = Refill.of(Rate.CREATES);
      int most = flood.untilStopped();
      assertThat(most).isLessThan(Limits.CREATES_PER_MINUTE + FLOODING + refill.calls());
      assertThat(flood.initOnceMore("198.51.100.1").status()).isEqualTo(429);
      Reply guest = installation.guest().init();
      for (int i = 0; i < 5 && guest.status() == 201; i++) {
        guest = installation.guest().init(); // the bucket refills slowly
      }
      assertThat(guest.status()).as("the same address").isEqualTo(429);
    }
  }

  @ParameterizedTest
  @InBothShapes
  void a_flood_of_new_chats_is_stopped_and_refreshes_go_on(Shape shape) {
    try (Installation installation =
        Installation.start(shape, ServiceDecorators.NONE, IN_THE_OPEN)) {
      Guest guest = installation.guest().starts();
      Reply last = guest.init();
      int chats = 2;
      while (last.status() == 201 && chats < 2 * Limits.CREATES_PER_MINUTE) {
        last = guest.init();
        chats++;
      }
      assertRefused(last, 429, 45780, "*");
      assertThat(chats).isGreaterThan(Limits.CREATES_PER_MINUTE);
      assertThat(guest.reloads().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @InBothShapes
  void a_flood_of_one_deployment_from_everywhere_stops_neither_another_nor_its_other_pages(
      Shape shape) {
    Installation installation = behindAProxy.in(shape);
    String elsewhere = "https://elsewhere.example.com";
    Sid.Deployment flooded = installation.deploy(new Accounts.Settings(
        Optional.empty(), // so that no chat is made; the call is counted nevertheless
        new AllowedOrigins(List.of(Installation.ORIGIN, elsewhere)),
        TokenRules.DEFAULT,
        Lifetimes.DEFAULT));
    Guest honest = installation.guest().starts();

    Refill refill = Refill.of(Rate.ORIGIN_CREATES);
    AtomicInteger calls = new AtomicInteger();
    List<Reply> refused = AtOnce.run(FLOODING, _ -> {
      Reply last = init(installation, flooded, Installation.ORIGIN, calls.getAndIncrement());
      while (last.status() == 409 && calls.get() <= 2 * Rate.ORIGIN_CREATES.calls()) {
        last = init(installation, flooded, Installation.ORIGIN, calls.getAndIncrement());
      }
      return last;
    });
    assertThat(calls.get())
        .isBetween(
            Rate.ORIGIN_CREATES.calls(), Rate.ORIGIN_CREATES.calls() + FLOODING + refill.calls());
    assertThat(refused).allSatisfy(reply -> assertRefused(reply, 429, 45780, Installation.ORIGIN));

    assertThat(init(installation, flooded, elsewhere, 1).status())
        .as("another page of the same deployment")
        .isEqualTo(409);
    assertThat(
            init(installation, installation.deployment, Installation.ORIGIN, 1).status())
        .as("another deployment with the same page")
        .isEqualTo(201);
    assertThat(honest.reloads().status()).isEqualTo(200);
    assertThat(honest.says("Hello", "a").status()).isEqualTo(201);
  }

  private static Reply init(
      Installation installation, Sid.Deployment deployment, String origin, int address) {
    return installation
        .guest()
        .from(origin)
        .post(
            "/v2/Webchat/Init",
            "{\"deploymentKey\":\"%s\"}".formatted(deployment.text()),
            Map.of(
                "Content-Type",
                "application/json",
                "X-Forwarded-For",
                "198.51.%d.%d".formatted(address / 250, address % 250)));
  }

  /** Also without limits at the edge: the session itself limits these answers. */
  @ParameterizedTest
  @InBothShapes
  void a_thief_learns_that_a_token_is_alive_only_a_limited_number_of_times(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest guest = installation.guest().starts();
      Guest thief = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
      for (int i = 0; i < Limits.REFUSALS_PER_SESSION; i++) {
        assertRefused(thief.reloads(), 403, 45779, Installation.ORIGIN);
      }
      Reply later = thief.reloads();
      for (int i = 0; i < 5 && later.status() == 403; i++) {
        later = thief.reloads(); // while the bucket refills slowly
      }
      assertRefused(later, 429, 45780, Installation.ORIGIN);
      assertThat(guest.reloads().status()).as("the guest").isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void a_session_reopens_its_chat_a_limited_number_of_times_and_can_always_end_it(Shape shape) {
    Guest guest = behindAProxy.in(shape).guest().starts();
    Map<String, String> headers = new LinkedHashMap<>(guest.bearer());
    headers.put("Content-Type", "application/json");
    Reply last = guest.send("POST", "/v2/Webchat/Reopen", "{}", headers);
    for (int i = 0; i < 2 * Limits.SESSION_MESSAGES_PER_MINUTE && last.status() == 200; i++) {
      headers.put("X-Forwarded-For", "192.0.2." + i % 250);
      last = guest.send("POST", "/v2/Webchat/Reopen", "{}", headers);
    }
    assertThat(last.status()).isEqualTo(429);
    assertThat(guest.send("POST", "/v2/Webchat/End", "{}", headers).status()).isEqualTo(200);
  }

  /** From many addresses, so that only the limits of the session are left. */
  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void copies_of_a_guests_calls_do_not_use_up_what_the_guest_may_do(Shape shape) {
    Installation installation = behindAProxy.in(shape);
    Guest guest = installation.guest().withKey(GuestKey.next()).starts();
    String token = guest.token();
    String says = "{\"body\":\"hello\",\"client_id\":\"a\"}";
    String refresh = "{\"deploymentKey\":\"%s\",\"token\":\"%s\"}"
        .formatted(guest.deployment().text(), token);
    isRepeatedUntilStopped(installation, guest, "/v2/Webchat/Token/Refresh", refresh);
    assertThat(guest.refreshes(token).status()).isEqualTo(200);
    isRepeatedUntilStopped(installation, guest, "/v2/Webchat/Messages", says);
    assertThat(guest.says("and again", "b").status()).isEqualTo(201);
    isRepeatedUntilStopped(installation, guest, "/v2/Webchat/Typing", "{}");
    assertThat(guest.posts("/v2/Webchat/Typing", "{}").status()).isEqualTo(204);
    isRepeatedUntilStopped(installation, guest, "/v2/Webchat/Read", "{\"index\":0}");
    assertThat(guest.posts("/v2/Webchat/Read", "{\"index\":0}").status()).isEqualTo(200);
  }

  private static void isRepeatedUntilStopped(
      Installation installation, Guest guest, String path, String body) {
    Map<String, String> headers = new LinkedHashMap<>(guest.bearer());
    headers.put("Content-Type", "application/json");
    headers.put("X-Forwarded-For", "192.0.2.1");
    GuestKey.Call call =
        GuestKey.Call.of("POST", path, body, headers, installation.clock.instant());
    headers.putAll(guest.key().sign(call));
    Reply last = guest.send("POST", path, body, headers);
    assertThat(last.status()).as("the call itself").isLessThan(300);
    for (int i = 0; i < 2 * Limits.SESSION_SIGNS_PER_MINUTE && last.status() < 300; i++) {
      headers.put("X-Forwarded-For", "192.0.2." + i % 250);
      last = guest.send("POST", path, body, headers);
    }
    assertThat(last.status()).as("a copy").isEqualTo(429);
  }

  /** Attempts to start a chat without a deployment, from one address or many. */
  private record Flood(Installation installation, IntFunction<String> address) {

    Reply init(String forwardedFor) {
      return installation
          .guest()
          .post(
              "/v2/Webchat/Init",
              "{}",
              Map.of("Content-Type", "application/json", "X-Forwarded-For", forwardedFor));
    }

    /** The bucket refills slowly, so this takes the calls that it allows now. */
    Reply initOnceMore(String forwardedFor) {
      Reply reply = init(forwardedFor);
      for (int i = 0; i < 5 && reply.status() != 429; i++) {
        reply = init(forwardedFor);
      }
      return reply;
    }

    /** How many calls were allowed. */
    int untilStopped() {
      AtomicInteger let = new AtomicInteger();
      AtomicBoolean stopped = new AtomicBoolean();
      AtOnce.run(FLOODING, _ -> {
        while (!stopped.get() && let.get() < 3 * Limits.CREATES_PER_MINUTE) {
          Reply reply = init(address.apply(let.get()));
          if (reply.status() == 429) {
            stopped.set(true);
          } else {
            assertThat(reply.status()).isEqualTo(400);
            let.incrementAndGet();
          }
        }
        return stopped;
      });
      assertThat(stopped).as("whether it was stopped").isTrue();
      return let.get();
    }
  }
}
