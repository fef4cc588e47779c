package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.accounts.WebhookSecret;
import parlour.config.Role;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.spec.WebhookReceiver.Answer;
import parlour.spec.WebhookReceiver.Received;
import parlour.webhooks.GivenUpEvents;
import parlour.webhooks.WebhookStore;

/** An address that greets, and one that is answered by somebody's server. */
@Timeout(90)
@ParameterizedClass
@InBothShapes
class WebhookTest {

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final WebhookReceiver receiver = new WebhookReceiver();
  private final WebhookSecret secret = WebhookSecret.next(new SecureRandom());

  WebhookTest(Shape shape) {
    installation = installations.in(shape);
  }

  @AfterEach
  void stop() {
    receiver.close();
  }

  @Test
  void a_greeting_has_the_guests_name_as_the_text_that_it_is() {
    Guest guest = guestOf(address("Welcome {name}, how are you?", new Responder.Inbox()));
    Reply begun =
        guest.post("/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"{name} <b>$1"}""".formatted(guest.deployment().text()));
    guest.holding(begun.text("token"));
    List<?> messages = (List<?>) guest.get("/v2/Webchat/Messages").json().get("messages");
    assertThat(messages)
        .singleElement()
        .satisfies(message -> assertThat((Map<?, ?>) message)
            .extracting("body", "author_kind", "author_name")
            .containsExactly("Welcome {name} <b>$1, how are you?", "system", "Reception"));
  }

  @Test
  void the_event_of_a_first_message_comes_after_the_conversation_and_before_the_greeting() {
    Guest guest = guestOf(address("Hello {name}", webhook()));
    guest.post("/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"Ada","firstMessage":"Is it open?"}""".formatted(guest.deployment().text()));
    until(() -> receiver.taken().size() == 3);
    assertThat(receiver.taken())
        .extracting(Received::type)
        .containsExactly("conversation.created", "message.added", "message.added");
    assertThat(receiver.bodies()).containsExactly("Is it open?", "Hello Ada");
  }

  @Test
  void events_come_in_order_each_with_its_own_id() {
    Guest guest = guestOf(address("Hello {name}", webhook())).starts();
    guest.says("one", "a");
    String conversation = guest.conversation();
    Reply bot = server("POST", conversation + "/Messages", "Author=bot&Body=two");
    String message = conversation + "/Messages/" + bot.text("sid");
    until(() -> receiver.taken().size() == 4);
    server("POST", message, "Body=three");
    until(() -> receiver.taken().size() == 5);
    server("DELETE", message, "");
    Reply joined = server("POST", conversation + "/Participants", "Identity=ann");
    until(() -> receiver.taken().size() == 7);
    server("DELETE", conversation + "/Participants/" + joined.text("sid"), "");
    guest.posts("/v2/Webchat/End", "{}");
    until(() -> receiver.taken().size() == 9);
    guest.posts("/v2/Webchat/Reopen", "{}");
    until(() -> receiver.taken().size() == 10);

    List<Received> all = receiver.taken();
    assertThat(all)
        .extracting(Received::type)
        .containsExactly(
            "conversation.created",
            "message.added",
            "message.added",
            "message.added",
            "message.edited",
            "message.removed",
            "participant.joined",
            "participant.left",
            "conversation.closed",
            "conversation.reopened");
    assertThat(receiver.bodies()).containsExactly("Hello Ada", "one", "two");
    assertThat(all.getFirst().part("participant").get("name")).isEqualTo("Ada");
    assertThat(all.get(3).part("message").get("author_kind")).isEqualTo("system");
    assertThat(all.get(4).said()).isEqualTo("three");
    assertThat(all.get(5).said()).isEmpty();
    assertThat(all).extracting(Received::eventId).doesNotHaveDuplicates();
    assertThat(all)
        .extracting(one -> one.json().get("event_id"))
        .containsExactlyElementsOf(all.stream().map(Received::eventId).toList());
    assertThat(all).extracting(one -> (Long) one.json().get("revision")).isSorted();
  }

  @Test
  void the_event_of_a_message_lists_its_files_and_after_its_removal_none() {
    Guest guest = guestOf(address(null, webhook())).starts();
    String service = "/v1/Services/IS" + installation.account.text().substring(2) + "/Media";
    String sid =
        installation.server("POST", service + "?Filename=list.txt", "a list").text("sid");
    String messages = guest.conversation() + "/Messages";
    Reply sent = server("POST", messages, "Author=bot&MediaSid=" + sid);
    until(() -> receiver.taken().size() == 2);
    server("DELETE", messages + "/" + sent.text("sid"), "");
    until(() -> receiver.taken().size() == 3);
    assertThat(receiver.taken())
        .extracting(Received::type)
        .containsExactly("conversation.created", "message.added", "message.removed");
    Map<?, ?> added = receiver.taken().get(1).part("message");
    assertThat(added.get("body")).isEqualTo("");
    assertThat(added.get("media"))
        .isEqualTo(List.of(Map.of(
            "sid",
            sid,
            "category",
            "media",
            "filename",
            "list.txt",
            "content_type",
            "text/plain",
            "size",
            6L,
            "preview",
            false)));
    assertThat(receiver.taken().get(2).part("message").get("media")).isEqualTo(List.of());
  }

  @Test
  void the_signature_is_over_time_address_and_body() {
    guestOf(address(null, webhook())).starts();
    until(() -> !receiver.taken().isEmpty());
    Received received = receiver.taken().getFirst();
    String url = receiver.url().toString();
    assertThat(signed(received.signature(), secret, url, received.body())).isTrue();
    byte[] changed = received.body().clone();
    changed[changed.length - 2] ^= 1;
    assertThat(signed(received.signature(), secret, url, changed)).isFalse();
    assertThat(signed(received.signature(), secret, url + "x", received.body())).isFalse();
    assertThat(signed(
            received.signature(), WebhookSecret.next(new SecureRandom()), url, received.body()))
        .isFalse();
    long seconds = Long.parseLong(received.signature().replaceAll("t=(\\d+),.*", "$1"));
    assertThat(signed(
            received.signature().replace("t=" + seconds, "t=" + (seconds + 1)),
            secret,
            url,
            received.body()))
        .isFalse();
  }

  @Test
  void an_event_that_is_not_taken_comes_again_under_the_same_id_and_before_the_next() {
    AtomicInteger calls = new AtomicInteger();
    receiver.answering(one -> Answer.of(calls.incrementAndGet() <= 2 ? 500 : 200));
    Guest guest = guestOf(address(null, webhook())).starts();
    guest.says("one", "a");
    guest.says("two", "b");
    until(() -> receiver.bodies().equals(List.of("one", "two")));
    assertThat(receiver.all().subList(0, 3))
        .extracting(Received::eventId)
        .containsOnly(guest.conversation() + "-1-conversation-created");
    assertThat(receiver.all().subList(0, 3))
        .extracting(one -> new String(one.body(), StandardCharsets.UTF_8))
        .as("nothing changed meanwhile")
        .containsOnly(new String(receiver.all().getFirst().body(), StandardCharsets.UTF_8));
    assertThat(receiver.all()).hasSize(5);
  }

  @Test
  void a_receiver_that_asks_for_patience_gets_it() {
    receiver.answering(one -> new Answer(503, "600"));
    Accounts.Address address = address(null, webhook());
    guestOf(address).starts();
    until(() -> failing(address));
    receiver.answering(204);
    installation.clock.pass(Duration.ofSeconds(500));
    Installation.pause(Limits.WEBHOOK_POLL.multipliedBy(3));
    assertThat(receiver.taken()).isEmpty();
    installation.clock.pass(Duration.ofSeconds(101));
    until(() -> receiver.taken().size() == 1);
  }

  @Test
  void an_event_that_is_refused_by_410_or_fails_for_a_day_is_given_up_and_the_next_is_sent() {
    receiver.answering(one -> Answer.of(
        one.type().startsWith("conversation") ? 410 : one.said().equals("one") ? 500 : 200));
    Accounts.Address address = address(null, webhook());
    Guest guest = guestOf(address).starts();
    guest.says("one", "a");
    guest.says("two", "b");
    until(() -> failing(address));
    assertThat(receiver.all())
        .extracting(Received::type)
        .containsExactly("conversation.created", "message.added");
    installation.clock.pass(Limits.WEBHOOK_GIVE_UP);
    until(() -> receiver.bodies().equals(List.of("two")));
    assertThat(receiver.all().getLast().said()).isEqualTo("two");
  }

  @Test
  void an_event_that_was_given_up_is_delivered_again_on_request_with_its_content_of_now() {
    receiver.answering(one -> Answer.of(one.type().equals("message.added") ? 410 : 200));
    Accounts.Address address = address(null, webhook());
    Guest guest = guestOf(address).starts();
    guest.says("one", "a");
    guest.says("two", "b");
    until(() -> givenUp(address).size() == 2);
    receiver.answering(500);
    assertThat(again(address)).isEqualTo(2);
    until(() -> givenUp(address).stream()
        .allMatch(one -> one.why().equals("answered 500") && !one.isDue()));
    receiver.answering(200);
    assertThat(again(address)).isEqualTo(2);
    until(() -> givenUp(address).isEmpty());
    assertThat(receiver.bodies()).containsExactly("one", "two");
    List<Received> last =
        receiver.taken().subList(receiver.taken().size() - 2, receiver.taken().size());
    assertThat(last)
        .extracting(Received::eventId)
        .allMatch(id ->
            receiver.all().stream().filter(one -> one.eventId().equals(id)).count() == 3);
  }

  @Test
  void an_event_of_a_conversation_that_was_erased_is_not_delivered_again() {
    receiver.answering(410);
    Accounts.Address address = address(null, webhook());
    Guest guest = guestOf(address).starts();
    until(() -> givenUp(address).size() == 1);
    server("DELETE", guest.conversation(), "");
    receiver.answering(200);
    assertThat(again(address)).isEqualTo(1);
    until(() -> givenUp(address).isEmpty());
    assertThat(receiver.taken()).isEmpty();
  }

  private List<GivenUpEvents.GivenUp> givenUp(Accounts.Address address) {
    return installation.givenUp(events -> events.newest(address.sid(), 9));
  }

  private int again(Accounts.Address address) {
    return installation.<Integer>givenUp(events ->
        events.deliverAgain(address.sid(), Optional.empty(), installation.clock.instant(), 9));
  }

  @Test
  void a_receiver_that_hangs_delays_neither_its_guests_nor_other_addresses() {
    try (WebhookReceiver hanging = new WebhookReceiver().hanging()) {
      Accounts.Address stuck = address(null, new Responder.Webhook(hanging.url(), secret));
      List<Guest> guests = new ArrayList<>();
      for (int i = 0; i < Limits.WEBHOOK_CALLS_PER_ADDRESS + 2; i++) {
        guests.add(guestOf(stuck).starts());
      }
      until(() -> hanging.all().size() == Limits.WEBHOOK_CALLS_PER_ADDRESS);
      long before = System.nanoTime();
      Guest late = guestOf(stuck).starts();
      assertThat(late.says("hello", "a").status()).isEqualTo(201);
      assertThat(guests.getFirst().says("hello", "a").status()).isEqualTo(201);
      Guest other = guestOf(address(null, webhook())).starts();
      other.says("here", "a");
      until(() -> receiver.bodies().equals(List.of("here")));
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Limits.WEBHOOK_DEADLINE);
      assertThat(hanging.all()).hasSize(Limits.WEBHOOK_CALLS_PER_ADDRESS);
    }
  }

  @Test
  void an_address_that_goes_back_to_the_inbox_gets_no_more_events() {
    receiver.answering(500);
    Accounts.Address address = address(null, webhook());
    Guest guest = guestOf(address).starts();
    until(() -> failing(address));
    int before = receiver.all().size();
    update(address, new Responder.Inbox());
    receiver.answering(204);
    installation.clock.pass(Limits.MAX_WEBHOOK_BACK_OFF);
    guest.says("for the inbox", "a");
    Installation.pause(Limits.WEBHOOK_POLL.multipliedBy(4));
    assertThat(receiver.taken()).isEmpty();
    assertThat(receiver.all()).hasSizeLessThanOrEqualTo(before + 1); // one may have been on its way

    installation.clock.pass(Duration.ofMinutes(1));
    update(address, webhook());
    installation.clock.pass(Duration.ofSeconds(1));
    guest.says("for the webhook", "b");
    until(() -> !receiver.taken().isEmpty());
    assertThat(receiver.taken().getFirst().said()).isEqualTo("for the webhook");
    assertThat(receiver.bodies()).containsExactly("for the webhook");
  }

  @Test
  void another_place_is_tried_at_once() {
    try (WebhookReceiver wrong = new WebhookReceiver().answering(404)) {
      Accounts.Address address = address(null, new Responder.Webhook(wrong.url(), secret));
      guestOf(address).starts();
      until(() -> wrong.all().size() == 1);
      update(address, webhook());
      until(() -> receiver.taken().size() == 1);
    }
  }

  @Test
  void an_erased_conversation_has_no_more_events() {
    receiver.answering(500);
    Accounts.Address address = address(null, webhook());
    Guest guest = guestOf(address).starts();
    until(() -> failing(address));
    server("DELETE", guest.conversation(), "");
    receiver.answering(204);
    installation.clock.pass(Limits.MAX_WEBHOOK_BACK_OFF);
    until(() -> waiting(address) == 0);
    assertThat(receiver.taken()).isEmpty();
  }

  @Test
  void a_restart_in_the_middle_goes_on_where_it_was() {
    receiver.answering(
        one -> Answer.of(one.type().equals("message.added") && one.said().equals("2") ? 500 : 200));
    Guest guest = guestOf(address(null, webhook())).starts();
    for (int i = 0; i < 5; i++) {
      guest.says(String.valueOf(i), "m" + i);
    }
    until(() -> receiver.all().size() == 4);
    installation.restart(Role.ORCHESTRATOR);
    receiver.answering(200);
    until(() -> receiver.bodies().size() == 5);
    assertThat(receiver.bodies()).containsExactly("0", "1", "2", "3", "4");
    assertThat(receiver.taken()).extracting(Received::eventId).doesNotHaveDuplicates();
  }

  // ---- addresses, and what an operator and a server do

  private Responder webhook() {
    return new Responder.Webhook(receiver.url(), secret);
  }

  private Accounts.Address address(@Nullable String greeting, Responder responder) {
    Accounts.Address address = new Accounts.Address(
        Sid.Address.random(new SecureRandom()),
        installation.account,
        "Reception",
        Optional.ofNullable(greeting),
        responder,
        installation.clock.instant());
    installation.accounts(accounts -> accounts.create(address));
    return address;
  }

  private void update(Accounts.Address address, Responder responder) {
    installation.accounts(accounts -> accounts.update(
        accounts.version(),
        new Accounts.Address(
            address.sid(),
            address.account(),
            address.name(),
            address.greeting(),
            responder,
            address.created()),
        installation.clock.instant()));
  }

  private Guest guestOf(Accounts.Address address) {
    Accounts.Settings usual = installation.defaults();
    Sid.Deployment deployment = installation.deploy(new Accounts.Settings(
        Optional.of(address.sid()), usual.allowedOrigins(), usual.rules(), usual.lifetimes()));
    return installation.guest().of(deployment);
  }

  private Reply server(String method, String path, String form) {
    return installation.server(method, "/v1/Conversations/" + path, form);
  }

  /** Whether a failure is noted, so that nobody is calling now. */
  private boolean failing(Accounts.Address address) {
    return installation.<Boolean>webhooks(webhooks -> webhooks.statuses().stream()
        .anyMatch(status -> status.address().equals(address.sid()) && status.lastError() != null));
  }

  private long waiting(Accounts.Address address) {
    return installation.<Long>webhooks(webhooks -> webhooks.statuses().stream()
        .filter(status -> status.address().equals(address.sid()))
        .mapToLong(WebhookStore.DeliveryStatus::waiting)
        .sum());
  }

  /** As docs/webhooks.md says it, and not as Parlour does it. */
  private static boolean signed(String header, WebhookSecret secret, String url, byte[] body) {
    Matcher parts = Pattern.compile("t=(\\d+),v1=([0-9a-f]{64})").matcher(header);
    assertThat(parts.matches()).isTrue();
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.text().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update((parts.group(1) + "\n" + url + "\n").getBytes(StandardCharsets.UTF_8));
      return MessageDigest.isEqual(mac.doFinal(body), HexFormat.of().parseHex(parts.group(2)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
