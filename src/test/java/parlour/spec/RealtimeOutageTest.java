package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.GuestCredentials;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;
import parlour.spec.TestClients.SdkClient;

/** The published clients while parts of Parlour are down. */
class RealtimeOutageTest {
  private static final TestClients clients = TestClients.start();

  @AfterAll
  static void stop() {
    clients.close();
  }

  /** A guest of a deployment that admits pages of any origin, because Node sends none. */
  private static Guest guest(Installation installation) {
    Sid.Deployment deployment = installation.deploy(new Accounts.Settings(
        Optional.of(installation.address),
        AllowedOrigins.any(),
        TokenRules.DEFAULT.withRealtime(),
        Lifetimes.DEFAULT));
    return installation.guest().of(deployment).starts();
  }

  private static void says(Installation installation, Guest guest, String body) {
    installation.server(
        "POST",
        "/v1/Conversations/" + guest.conversation() + "/Messages",
        "Author=bot&Body=" + body);
  }

  @ParameterizedTest
  @InBothShapes
  void a_client_connects_again_after_a_restart_and_has_missed_nothing(Shape shape) {
    try (Installation installation = Installation.start(shape)) {
      Guest guest = guest(installation);
      List<SdkClient> connected = new ArrayList<>();
      for (String version : TestClients.VERSIONS) {
        SdkClient client = clients.client(version);
        client.connect(guest.token(), installation.edge().getPort());
        client.lists("newest", "sid", guest.conversation(), "size", 1);
        connected.add(client);
      }
      says(installation, guest, "before");
      connected.forEach(
          one -> one.sees("messageAdded", message -> "before".equals(message.get("body"))));
      installation.restart(Role.STARSHIP);
      says(installation, guest, "meanwhile");
      for (SdkClient client : connected) {
        client.sees("messageAdded", message -> "meanwhile".equals(message.get("body")));
        client.does("send", "sid", guest.conversation(), "body", "after " + client);
      }
      for (SdkClient client : connected) {
        client.sees("messageAdded", message -> "after 3-0".equals(message.get("body")));
        assertThat(client.seen("messageAdded"))
            .as(client.toString())
            .extracting(message -> message.get("body"))
            .containsExactly("before", "meanwhile", "after 2-1", "after 2-7", "after 3-0");
        client.does("shutdown");
      }
      assertThat(clients.unexpected()).isEmpty();
    }
  }

  /** The web app gives up when the first handshake of its page is refused. */
  @Test
  void a_first_connection_waits_while_no_orchestrator_accepts_it() throws Exception {
    try (Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE);
        ExecutorService page = Executors.newVirtualThreadPerTaskExecutor()) {
      Guest guest = guest(installation);
      installation.stop(Role.ORCHESTRATOR);
      Future<PageSocket> opened = page.submit(() -> PageSocket.open(installation));
      Future<Object> connected = page.submit(() -> {
        SdkClient client = clients.client("2-1");
        client.connect(guest.token(), installation.edge().getPort());
        Object index = client.does("send", "sid", guest.conversation(), "body", "patient");
        client.does("shutdown");
        return index;
      });
      installation.startAgain(Role.ORCHESTRATOR);
      try (SdkSocket socket = opened.get(60, TimeUnit.SECONDS).enters(guest)) {
        assertThat(socket.reads(guest.conversation())).isNotNull();
      }
      assertThat(connected.get(60, TimeUnit.SECONDS)).isEqualTo(0L);
    }
  }

  /** Sends that reach Conversations, and are answered when a test says so. */
  private static final class HeldSends implements ServiceDecorators {
    private final CountDownLatch arrived = new CountDownLatch(TestClients.VERSIONS.size());
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            Object result = invoked(service, method, arguments);
            if (method.getName().equals("send")) {
              arrived.countDown();
              assertThat(released.await(60, TimeUnit.SECONDS)).isTrue();
            }
            return result;
          });
    }
  }

  /** A page that uses the package takes no further message after one whose answer was lost. */
  @ParameterizedTest
  @CsvSource({
    "ONE_PROCESS, STARSHIP",
    "A_PROCESS_PER_ROLE, STARSHIP",
    "A_PROCESS_PER_ROLE, ORCHESTRATOR",
  })
  void a_send_that_is_under_way_at_a_restart_is_answered_before_the_socket_closes(
      Shape shape, Role role) throws Exception {
    HeldSends sends = new HeldSends();
    try (Installation installation = Installation.start(shape, sends)) {
      Guest guest = guest(installation);
      List<SdkClient> connected = new ArrayList<>();
      List<CompletableFuture<@Nullable Object>> answers = new ArrayList<>();
      for (String version : TestClients.VERSIONS) {
        SdkClient client = clients.client(version);
        client.connect(guest.token(), installation.edge().getPort());
        client.lists("newest", "sid", guest.conversation(), "size", 1);
        connected.add(client);
      }
      PageSocket idle = PageSocket.open(installation);
      idle.enters(installation.guest().starts());
      for (SdkClient client : connected) {
        answers.add(CompletableFuture.supplyAsync(
            () -> client.does("send", "sid", guest.conversation(), "body", "by " + client),
            Thread::startVirtualThread));
      }
      assertThat(sends.arrived.await(60, TimeUnit.SECONDS)).isTrue();
      var restarted =
          CompletableFuture.runAsync(() -> installation.restart(role), Thread::startVirtualThread);
      idle.assertClosed(1012); // as all are that wait for no answer
      sends.released.countDown();
      assertThat(answers).extracting(CompletableFuture::join).containsExactlyInAnyOrder(0L, 1L, 2L);
      restarted.join();
      says(installation, guest, "afterwards");
      for (SdkClient client : connected) {
        client.sees("messageAdded", message -> "afterwards".equals(message.get("body")));
        assertThat(client.seen("messageAdded"))
            .as(client.toString())
            .extracting(message -> message.get("body"))
            .hasSize(4)
            .contains("by 2-1", "by 2-7", "by 3-0", "afterwards");
        client.does("shutdown");
      }
      assertThat(clients.unexpected()).isEmpty();
    }
  }

  /** Outages of Conversations, each of which ends after three failed calls of one method. */
  private static final class Outages implements ServiceDecorators {
    private final Map<String, AtomicInteger> left = Map.of(
        "enter", new AtomicInteger(), "speakers", new AtomicInteger(), "send", new AtomicInteger());

    void begin() {
      left.values().forEach(calls -> calls.set(3));
    }

    boolean isOver(String method) {
      return Objects.requireNonNull(left.get(method)).get() <= 0;
    }

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            AtomicInteger calls = left.get(method.getName());
            if (calls != null && calls.getAndDecrement() > 0) {
              throw new Unavailable("the test", "an outage", null);
            }
            return invoked(service, method, arguments);
          });
    }
  }

  @Test
  void a_start_and_a_send_during_an_outage_wait_instead_of_failing() {
    var outages = new Outages();
    try (Installation installation = Installation.start(Shape.A_PROCESS_PER_ROLE, outages)) {
      Guest guest = guest(installation);
      SdkClient sending = clients.client("2-1");
      sending.connect(guest.token(), installation.edge().getPort());
      sending.lists("newest", "sid", guest.conversation(), "size", 1);
      outages.begin();
      assertThat(sending.does("send", "sid", guest.conversation(), "body", "patient"))
          .isEqualTo(0L);
      SdkClient starting = clients.client("2-1");
      starting.connect(guest.token(), installation.edge().getPort());
      // A page leaves out for a second what the client has just been notified of.
      starting.listsAtLast(
          newest -> newest.size() == 1 && "patient".equals(newest.getFirst().get("body")),
          "newest",
          "sid",
          guest.conversation(),
          "size",
          1);
      assertThat(List.of("send", "enter", "speakers")).allMatch(outages::isOver);
      sending.does("shutdown");
      starting.does("shutdown");
    }
  }

  /** Entering fails while a test says so. */
  private static final class NoEntrance implements ServiceDecorators {
    private final AtomicBoolean isBroken = new AtomicBoolean();
    private final CountDownLatch refused = new CountDownLatch(1);

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            if (method.getName().equals("enter") && isBroken.get()) {
              refused.countDown();
              throw new Unavailable("a test", "admits nobody", null);
            }
            return invoked(service, method, arguments);
          });
    }
  }

  /** Otherwise a client that acknowledges all that it gets loses its socket as a slow one. */
  @Test
  void a_socket_is_read_while_its_new_token_cannot_be_validated() throws Exception {
    NoEntrance entrance = new NoEntrance();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, entrance)) {
      Guest guest = installation.guest().starts();
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        socket.follows(socket.reads(guest.conversation()));
        entrance.isBroken.set(true);
        String update = socket.presents(guest.token());
        assertThat(entrance.refused.await(60, TimeUnit.SECONDS)).isTrue();
        receivesMoreThanFitsUnacknowledged(installation, guest, socket);
        assertThat(socket.status("GET", "/Conversations/" + guest.conversation(), ""))
            .isEqualTo(200);
        entrance.isBroken.set(false);
        assertThat(socket.replyStatus(update)).isEqualTo(200);
        assertThat(socket.update(guest.token())).as("the next one").isEqualTo(200);
      }
    }
  }

  /** The thread that receives frames waits then, so it does not come to the acknowledgements. */
  @Test
  void acknowledgements_count_while_a_second_token_waits_for_the_first() throws Exception {
    NoEntrance entrance = new NoEntrance();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, entrance)) {
      Guest guest = installation.guest().starts();
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        socket.follows(socket.reads(guest.conversation()));
        entrance.isBroken.set(true);
        String first = socket.presents(guest.token());
        String second = socket.presents(guest.token());
        assertThat(entrance.refused.await(60, TimeUnit.SECONDS)).isTrue();
        receivesMoreThanFitsUnacknowledged(installation, guest, socket);
        entrance.isBroken.set(false);
        assertThat(socket.replyStatus(first)).isEqualTo(200);
        assertThat(socket.replyStatus(second)).isEqualTo(200);
      }
    }
  }

  private static void receivesMoreThanFitsUnacknowledged(
      Installation installation, Guest guest, SdkSocket socket) throws IOException {
    int last = Limits.REALTIME_UNACKNOWLEDGED / 2;
    for (int i = 0; i <= last; i++) {
      says(installation, guest, "message" + i); // two events each
    }
    while (!socket.next().text().contains("\"message" + last + "\"")) {}
  }

  /** A new token is validated only when a message arrives, or a moment has passed. Notes the tokens of messages. */
  private static final class LateToken implements ServiceDecorators {
    private static final Duration MOMENT = Limits.REALTIME_NEW_TOKEN.dividedBy(10);

    private final AtomicBoolean isLate = new AtomicBoolean();
    private final Semaphore arrived = new Semaphore(0);
    private final List<String> tokens = new CopyOnWriteArrayList<>();

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            if (method.getName().equals("enter") && isLate.get()) {
              var _ = arrived.tryAcquire(MOMENT.toMillis(), TimeUnit.MILLISECONDS);
            } else if (method.getName().equals("send")) {
              tokens.add(((GuestCredentials) arguments[0]).presented().token().text());
              arrived.release();
            }
            return invoked(service, method, arguments);
          });
    }
  }

  /**
   * The token before it may be superseded, and would count as a replay. A busy machine can take longer
   * than a request waits, so the test tries several times.
   */
  @Test
  void a_message_right_after_a_new_token_is_sent_with_it() throws IOException {
    LateToken late = new LateToken();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, late)) {
      Guest guest = guest(installation);
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        late.isLate.set(true);
        for (int i = 0; i < 5 && !late.tokens.contains(guest.token()); i++) {
          late.arrived.drainPermits();
          assertThat(guest.reloads().status()).isEqualTo(200);
          var _ = socket.presents(guest.token());
          var _ = socket.says(guest.conversation(), "message" + i, "mutation" + i);
        }
        assertThat(late.tokens).contains(guest.token());
      }
    }
  }

  /** A token and the authors of a conversation are read late, each within a client's patience. */
  private static final class SlowStart implements ServiceDecorators {
    private static final Duration TOKEN = Duration.ofSeconds(2);

    private final Map<String, Duration> waits = new ConcurrentHashMap<>(
        Map.of("enter", TOKEN, "speakers", Limits.REALTIME_PATIENCE.minus(TOKEN.dividedBy(2))));

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            Duration wait = waits.remove(method.getName());
            if (wait != null) {
              throw new TooManyRequests("a test", wait);
            }
            return invoked(service, method, arguments);
          });
    }
  }

  /** The package gives up after 30 s, and has then no connection although it is answered. */
  @Test
  void one_patience_is_for_all_that_the_first_frame_waits_for() throws IOException {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, new SlowStart());
        PageSocket peer = PageSocket.open(installation)) {
      Guest guest = installation.guest().starts();
      assertThat(new SdkSocket(peer).init(guest.token())).isEqualTo(503);
      try (SdkSocket again = PageSocket.open(installation).enters(guest)) {
        assertThat(again.reads(guest.conversation())).isNotEmpty();
      }
    }
  }

  /** The changes of conversations arrive late, as on a busy machine. */
  private static final class LateNews implements ServiceDecorators {
    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            Object result = invoked(service, method, arguments);
            if (result instanceof PollResult.News news && !news.changes().isEmpty()) {
              Installation.pause(Duration.ofMillis(300));
            }
            return result;
          });
    }
  }

  /** The changes of conversations cannot be read while a test says so; everything else works. */
  private static final class NoNews implements ServiceDecorators {
    private final AtomicBoolean isBroken = new AtomicBoolean();
    private final CountDownLatch noticed = new CountDownLatch(1);

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            if (!method.getName().equals("follow")) {
              return invoked(service, method, arguments);
            }
            Object result = isBroken.get() ? null : invoked(service, method, arguments);
            if (result == null || isBroken.get()) {
              noticed.countDown();
              throw new Unavailable("a test", "cannot be followed", null);
            }
            return result;
          });
    }
  }

  /** Pages of messages cannot be read, except so many times. */
  private static final class NoPages implements ServiceDecorators {
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            if (method.getName().equals("history") && left.getAndDecrement() > 0) {
              failures.incrementAndGet();
              throw new Unavailable("a test", "has no pages", null);
            }
            return invoked(service, method, arguments);
          });
    }
  }

  /** Its client asks again by itself; meanwhile the other requests of the socket have its place. */
  @Test
  void a_page_that_cannot_be_read_is_refused_after_seconds_and_each_client_asks_again()
      throws IOException {
    NoPages pages = new NoPages();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, pages)) {
      Guest guest = guest(installation);
      guest.says("at last", "a-1");
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        String list = "/v3/Lists/" + guest.conversation() + ".messages";
        assertThat(socket.status("GET", list, "")).isEqualTo(200);
        pages.left.set(Integer.MAX_VALUE);
        assertThat(socket.status("GET", list + "/Items", "")).isEqualTo(503);
        assertThat(pages.failures.get())
            .isBetween(2, (int) Limits.REALTIME_PAGE_PATIENCE.dividedBy(Limits.REALTIME_RETRY) + 1);
      }
      pages.left.set(0);
      List<SdkClient> connected = new ArrayList<>();
      for (String version : TestClients.VERSIONS) {
        SdkClient client = clients.client(version);
        client.connect(guest.token(), installation.edge().getPort());
        connected.add(client);
      }
      // More than the server repeats of one page, so each client must ask again at least once.
      pages.left.set(4 * pages.failures.get());
      var _ = AtOnce.run(connected.size(), i -> {
        assertThat(connected.get(i).lists("newest", "sid", guest.conversation(), "size", 1))
            .singleElement()
            .satisfies(one -> assertThat(one).containsEntry("body", "at last"));
        connected.get(i).does("shutdown");
        return i;
      });
    }
  }

  /** Unread messages cannot be counted while a test says so, or each count is answered late. */
  private static final class NoCounts implements ServiceDecorators {
    private final AtomicBoolean isBroken = new AtomicBoolean();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicBoolean isSlow = new AtomicBoolean();
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore answered = new Semaphore(0);

    @Override
    public GuestConversations guestConversations(GuestConversations service) {
      return (GuestConversations) Proxy.newProxyInstance(
          GuestConversations.class.getClassLoader(),
          new Class<?>[] {GuestConversations.class},
          (_, method, arguments) -> {
            if (method.getName().equals("unread") && isBroken.get()) {
              failures.incrementAndGet();
              throw new Unavailable("a test", "does not count", null);
            }
            if (method.getName().equals("unread") && isSlow.get()) {
              begun.release();
              if (!answered.tryAcquire(60, TimeUnit.SECONDS)) {
                throw new Unavailable("a test", "counts too slowly", null);
              }
            }
            return invoked(service, method, arguments);
          });
    }
  }

  @Test
  void a_stored_read_mark_is_answered_also_while_unread_messages_cannot_be_counted()
      throws IOException {
    NoCounts counts = new NoCounts();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, counts)) {
      Guest guest = installation.guest().starts();
      String messages = "/Conversations/" + guest.conversation() + "/Messages";
      String mine = "/MyConversations/" + guest.conversation();
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        var removed = socket.call("POST", messages, Map.of(), "{\"body\":\"removed\"}");
        assertThat(socket.status("DELETE", messages + "/" + removed.get("sid"), ""))
            .isEqualTo(204);
        guest.says("one", "a-1");
        guest.says("two", "a-2");
      }
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        counts.isBroken.set(true);
        assertThat(socket.call("POST", mine, Map.of(), "{\"last_read_message_index\":1}"))
            .containsEntry("last_read_message_index", 1L)
            .containsEntry("unread_messages_count", null);
        assertThat(counts.failures).as("so that nothing waits").hasValue(1);
        counts.isBroken.set(false);
        assertThat(socket.call("GET", mine, Map.of(), ""))
            .containsEntry("last_read_message_index", 1L)
            .containsEntry("unread_messages_count", 1L);
      }
    }
  }

  /** The store can take seconds to answer a count, and a page asks at each message. */
  @Test
  void unread_messages_that_are_counted_slowly_delay_only_one_request_of_a_socket()
      throws IOException, InterruptedException {
    NoCounts counts = new NoCounts();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, counts)) {
      Guest guest = installation.guest().starts();
      String messages = "/Conversations/" + guest.conversation() + "/Messages";
      String mine = "/MyConversations/" + guest.conversation();
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        var removed = socket.call("POST", messages, Map.of(), "{\"body\":\"removed\"}");
        assertThat(socket.status("DELETE", messages + "/" + removed.get("sid"), ""))
            .isEqualTo(204);
        guest.says("one", "a-1");
        socket.call("POST", mine, Map.of(), "{\"last_read_message_index\":0}");
      }
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        counts.isSlow.set(true);
        socket.ask("GET", mine, Map.of(), "");
        assertThat(counts.begun.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 2 * Limits.REALTIME_REQUESTS; i++) {
          assertThat(socket.call("GET", mine, Map.of(), ""))
              .containsEntry("last_read_message_index", 0L)
              .containsEntry("unread_messages_count", null);
        }
        assertThat(counts.begun.availablePermits())
            .as("counts beside the first")
            .isZero();
        counts.answered.release();
      }
    }
  }

  /** Otherwise the guest sends a message again that is stored already. */
  @Test
  void a_sent_message_is_answered_also_while_no_changes_can_be_read()
      throws IOException, InterruptedException {
    NoNews news = new NoNews();
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, news)) {
      Guest guest = installation.guest().starts();
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        socket.follows(socket.reads(guest.conversation()));
        news.isBroken.set(true);
        assertThat(guest.says("over HTTP", "a").status()).isEqualTo(201); // wakes the follower
        assertThat(news.noticed.await(60, TimeUnit.SECONDS)).isTrue();
        Map<String, @Nullable Object> message = socket.call(
            "POST",
            "/Conversations/" + guest.conversation() + "/Messages",
            Map.of(),
            "{\"body\":\"over the socket\"}");
        assertThat(message).containsEntry("body", "over the socket");
        assertThat(socket.arrived())
            .as("no event could come")
            .noneSatisfy(frame ->
                assertThat(frame.text()).contains("\"list_item_added\"", "over the socket"));
      }
    }
  }

  private static @Nullable Object invoked(
      GuestConversations service, Method method, @Nullable Object[] arguments) throws Throwable {
    try {
      return method.invoke(service, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void the_event_of_a_sent_message_comes_before_the_answer_also_when_changes_are_late()
      throws IOException {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS, new LateNews())) {
      Guest guest = installation.guest().starts();
      try (SdkSocket socket = PageSocket.open(installation).enters(guest)) {
        socket.follows(socket.reads(guest.conversation()));
        for (String body : List.of("one", "two", "three")) {
          socket.call(
              "POST",
              "/Conversations/" + guest.conversation() + "/Messages",
              Map.of(),
              "{\"body\":\"" + body + "\"}");
          assertThat(socket.arrived())
              .as("before the answer")
              .anySatisfy(frame -> assertThat(frame.text())
                  .contains("\"list_item_added\"", "\"text\":\"" + body + "\""));
        }
      }
    }
  }

  @Test
  void a_send_that_is_one_too_many_waits_and_is_sent_once() {
    try (Installation installation = Installation.start(
        Shape.ONE_PROCESS, ServiceDecorators.NONE, Map.of(Setting.RATE_LIMITS, "on"))) {
      Guest guest = guest(installation);
      List<SdkClient> connected = new ArrayList<>();
      for (String version : TestClients.VERSIONS) {
        SdkClient client = clients.client(version);
        client.connect(guest.token(), installation.edge().getPort());
        connected.add(client);
      }
      String longest = "x".repeat(30_000);
      int sent = 0;
      while (guest.says(longest, "a-" + sent).status() == 201) {
        sent++; // until the session may send no more for a while
      }
      // At once: on a slow machine, one after the other would not have to wait.
      List<Object> indexes = AtOnce.run(
          connected.size(),
          i -> Objects.requireNonNull(
              connected.get(i).does("send", "sid", guest.conversation(), "body", longest)));
      assertThat(indexes)
          .containsExactlyInAnyOrderElementsOf(
              LongStream.range(sent, sent + indexes.size()).boxed().toList());
      sent += indexes.size();
      connected.forEach(client -> client.does("shutdown"));
      assertThat(guest.get("/v2/Webchat/Messages?limit=1").text("messages"))
          .as("the last one")
          .contains("index=" + (sent - 1) + ",")
          .contains(longest);
    }
  }
}
