package parlour.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.Reopening;
import parlour.conversations.Conversations;
import parlour.conversations.Sight;
import parlour.errors.Errors;
import parlour.events.LocalEventBus;
import parlour.http.json.JsonText;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.http.websocket.SocketHandler;
import parlour.orchestrator.TestOrchestrator;
import parlour.scopedauth.Sensitivity;

/** An agent's socket while what it needs cannot be read. */
@Timeout(120)
class InboxStreamTest {
  /** Fails each read of whether the agent is signed in. */
  private volatile boolean areSignInsUnreadable;

  /** Fails each read of the sessions of conversations. */
  private volatile boolean areSessionsUnreadable;

  /** Fails each read of the desks that the agent sees. */
  private volatile boolean areDesksUnreadable;

  private volatile Sight sight = Sight.ALL;

  private volatile boolean isSignedIn = true;

  /** The reads that have failed. */
  private final Semaphore failures = new Semaphore(0);

  /** The types of the frames that the page has received, except pings, and the close. */
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  private TestOrchestrator system;
  private Listener listener;
  private HttpClient browser;

  @BeforeEach
  void connect(@TempDir Path folder) throws Exception {
    system = new TestOrchestrator(folder, Sensitivity.MEDIUM);
    listener = Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
        new Routes(Errors.PLAIN).socket("/stream", _ -> stream()));
    browser = HttpClient.newHttpClient();
    browser
        .newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:" + listener.port() + "/stream"), new Page())
        .get(60, TimeUnit.SECONDS);
    assertThat(next()).isEqualTo("welcome");
    begin();
    assertThat(next()).isEqualTo("conversation");
  }

  @AfterEach
  void close() {
    browser.shutdownNow();
    listener.close();
    system.close();
  }

  @Test
  void a_socket_stays_while_sign_ins_cannot_be_read_and_misses_nothing() throws Exception {
    areSignInsUnreadable = true;
    begin();
    awaitFailures(2);
    areSignInsUnreadable = false;
    assertThat(next()).isEqualTo("conversation");
    assertThat(events).isEmpty();
  }

  @Test
  void a_socket_stays_while_the_news_cannot_be_completed_and_misses_nothing() throws Exception {
    areSessionsUnreadable = true;
    begin();
    awaitFailures(2);
    areSessionsUnreadable = false;
    assertThat(next()).isEqualTo("conversation");
    assertThat(events).isEmpty();
  }

  @Test
  void an_agent_who_was_signed_out_meanwhile_receives_nothing_more() throws Exception {
    areSignInsUnreadable = true;
    begin();
    awaitFailures(1);
    isSignedIn = false;
    areSignInsUnreadable = false;
    assertThat(next()).isEqualTo("signed_out");
    assertThat(next()).isEqualTo("closed 1008");
  }

  @Test
  void a_socket_whose_sign_in_cannot_be_read_for_long_is_closed_for_another_try() throws Exception {
    areSignInsUnreadable = true;
    begin();
    awaitFailures(2); // the first one has been handled
    system.clock.pass(Limits.INBOX_OUTAGE);
    assertThat(next()).isEqualTo("closed 1013");
  }

  @Test
  void two_short_outages_are_not_a_long_one() throws Exception {
    areSignInsUnreadable = true;
    awaitFailures(2); // the first one has been handled
    areSignInsUnreadable = false;
    begin();
    assertThat(next()).isEqualTo("conversation");
    system.clock.pass(Limits.INBOX_OUTAGE);
    areSignInsUnreadable = true;
    begin();
    awaitFailures(2);
    areSignInsUnreadable = false;
    assertThat(next()).isEqualTo("conversation");
  }

  private SocketHandler stream() {
    Conversations conversations = sometimesDown(system.conversations);
    Agents.Agent agent = new Agents.Agent(
        "ann",
        system.configuration().account(),
        Agents.Agent.nextIdentity(system.random),
        "Ann",
        Agents.Role.AGENT,
        Instant.EPOCH);
    Desks desks = new Desks(new FakeDeskMembers(), conversations);
    return new InboxStream(
        agent,
        "192.0.2.1",
        () -> Optional.of(agent).filter(_ -> isSignedIn()),
        () -> {},
        system.clock,
        new Inbox(conversations, desks, new Reopening(system), system.clock),
        desks,
        conversations,
        new ViewingAgents(new LocalEventBus(Duration.ofSeconds(1)), system.clock));
  }

  @Test
  void a_socket_stays_while_the_desks_cannot_be_read_and_sends_nothing_meanwhile()
      throws Exception {
    areDesksUnreadable = true;
    begin();
    awaitFailures(2);
    areDesksUnreadable = false;
    assertThat(next()).isEqualTo("conversation");
    assertThat(events).isEmpty();
  }

  @Test
  void an_agent_receives_nothing_of_a_desk_that_is_hidden_meanwhile_and_that_it_is()
      throws Exception {
    Sid.Address desk = system.configuration().address().orElseThrow();
    areDesksUnreadable = true;
    begin();
    awaitFailures(1);
    sight = new Sight(List.of(desk), List.of());
    areDesksUnreadable = false;
    assertThat(next()).isEqualTo("desks");
    sight = Sight.ALL;
    assertThat(next()).isEqualTo("desks");
    begin();
    assertThat(next()).isEqualTo("conversation");
    assertThat(events).isEmpty();
  }

  /** Desks as the test wants them. */
  private final class FakeDeskMembers implements DeskMembers {
    @Override
    public Sight sight(Agents.Agent agent) {
      failIf(areDesksUnreadable);
      return sight;
    }

    @Override
    public List<Agents.Agent> of(Sid.Address desk) {
      return List.of();
    }

    @Override
    public Optional<Obstacle> add(Sid.Address desk, String agent) {
      return Optional.empty();
    }

    @Override
    public boolean remove(Sid.Address desk, String agent) {
      return false;
    }

    @Override
    public Removal removeUnlessLast(Sid.Address desk, String agent) {
      return Removal.NO_SUCH_MEMBER;
    }

    @Override
    public List<Desk> seenBy(Agents.Agent agent) {
      return List.of();
    }

    @Override
    public List<Sid.Address> onlyMemberOf(String agent) {
      return List.of();
    }
  }

  private boolean isSignedIn() {
    failIf(areSignInsUnreadable);
    return isSignedIn;
  }

  private void failIf(boolean isDown) {
    if (isDown) {
      failures.release();
      throw new Unavailable("a store of a test", "is down", null);
    }
  }

  private Conversations sometimesDown(Conversations real) {
    return Conversations.class.cast(Proxy.newProxyInstance(
        Conversations.class.getClassLoader(),
        new Class<?>[] {Conversations.class},
        (_, method, arguments) -> {
          failIf(areSessionsUnreadable && method.getName().equals("sessionsOf"));
          try {
            return method.invoke(real, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
  }

  /** A guest begins a chat with a question. */
  private void begin() {
    system.conversations.create(new Conversations.NewConversation(
        Sid.Conversation.random(system.random),
        system.configuration().account(),
        system.configuration().address().orElseThrow(),
        system.configuration().deployment(),
        new Identity("guest_" + system.random.nextInt(Integer.MAX_VALUE)),
        "Guest",
        JsonText.EMPTY,
        Optional.of(new Conversations.FirstMessage("Hello?", Optional.empty())),
        Optional.empty()));
  }

  private void awaitFailures(int count) throws InterruptedException {
    failures.drainPermits();
    assertThat(failures.tryAcquire(count, 60, TimeUnit.SECONDS))
        .as("failed reads")
        .isTrue();
  }

  private String next() throws InterruptedException {
    String event = events.poll(60, TimeUnit.SECONDS);
    return event == null ? "nothing" : event;
  }

  private final class Page implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      String type = text.toString().replaceFirst("^\\{\"type\":\"(\\w+)\".*$", "$1");
      if (!type.equals("ping")) {
        events.add(type);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      events.add("closed " + code);
      return null;
    }
  }
}
