package parlour.starship;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.client.Attempts;
import parlour.http.client.Nodes;
import parlour.http.client.RetryPolicy;

/** The body of a call, part by part, as Jetty's own requests bring it. */
@Timeout(120)
class CallerTest {
  private static final int LARGE = 1_000_000;
  private static final String END = ", and no more";
  private static final Duration TOO_SLOW = Duration.ofHours(7);

  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final ScheduledByHand scheduler = new ScheduledByHand();
  private final Server server = new Server(new QueuedThreadPool(), scheduler, null);
  private final LocalConnector connector = new LocalConnector(server);
  private LocalConnector.@Nullable LocalEndPoint connection;

  /** Keeps the task for a sender that is too slow, and runs all other tasks of Jetty. */
  private static final class ScheduledByHand extends ScheduledExecutorScheduler {
    private @Nullable Runnable tooSlow;
    private final AtomicBoolean isCanceled = new AtomicBoolean();

    @Override
    public Task schedule(Runnable task, long delay, TimeUnit unit) {
      if (unit.toMillis(delay) != TOO_SLOW.toMillis()) {
        return super.schedule(task, delay, unit);
      }
      tooSlow = task;
      return () -> isCanceled.compareAndSet(false, true);
    }
  }

  @BeforeEach
  void start() throws Exception {
    server.addConnector(connector);
    server.setHandler(new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        return requests.add(request); // and the test reads it
      }
    });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.setStopTimeout(0);
    server.stop();
  }

  @Test
  void a_body_is_passed_on_as_often_as_it_is_sent() throws Exception {
    Caller caller = caller("Hello", 5, true);
    assertThat(gathered(caller, 100)).isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(caller.isResendable()).isTrue();
      assertThat(part(caller)).isEqualTo("Hello" + END);
      assertThat(part(caller)).isEqualTo(END);
      assertThat(caller.isResendable()).isTrue();
      caller.startAgain();
    }
    assertThat(caller.problem()).isNull();
  }

  @Test
  void a_body_for_the_only_node_is_not_kept() throws Exception {
    Caller caller = caller("Hello", 5, false);
    assertThat(gathered(caller, 100)).isTrue();
    assertThat(caller.isResendable()).isTrue(); // nobody has read it
    assertThat(part(caller)).isEqualTo("Hello" + END);
    assertThat(caller.isResendable()).isFalse();
    caller.startAgain();
    assertThat(part(caller)).isEqualTo(END);
  }

  @Test
  void a_body_whose_beginning_was_gathered_is_kept_with_the_rest() throws Exception {
    Caller caller = caller("Hello", 12, true);
    assertThat(gathered(caller, 5)).isFalse();
    assertThat(caller.isResendable()).isTrue();
    assertThat(part(caller)).isEqualTo("Hello");
    assertThat(caller.isResendable()).isFalse(); // the rest may not come
    arrives(" friend");
    assertThat(rest(caller)).isEqualTo(" friend");
    assertThat(caller.isResendable()).isTrue();
    caller.startAgain();
    assertThat(part(caller)).isEqualTo("Hello friend" + END);
  }

  @Test
  void a_body_whose_beginning_was_gathered_for_the_only_node_is_not_kept() throws Exception {
    Caller caller = caller("Hello", 12, false);
    assertThat(gathered(caller, 5)).isFalse();
    assertThat(part(caller)).isEqualTo("Hello");
    arrives(" friend");
    assertThat(rest(caller)).isEqualTo(" friend");
    assertThat(caller.isResendable()).isFalse();
  }

  @Test
  void a_body_that_was_not_gathered_is_read_as_it_arrives() throws Exception {
    Caller caller = caller("Hello", 12, true);
    assertThat(caller.isResendable()).isTrue();
    assertThat(part(caller)).isEqualTo("Hello");
    assertThat(caller.isResendable()).isFalse();
    assertThat(caller.read()).isNull();
    arrives(" friend");
    assertThat(rest(caller)).isEqualTo(" friend");
    assertThat(caller.isResendable()).isFalse();
  }

  @Test
  void the_beginning_of_a_body_is_awaited() throws Exception {
    Caller caller = caller("Hello", 12, true);
    var isWhole = new CompletableFuture<Boolean>();
    caller.gather(100, TOO_SLOW, isWhole::complete);
    assertThat(isWhole).isNotDone();
    arrives(" friend");
    assertThat(isWhole.get(100, TimeUnit.SECONDS)).isTrue();
    assertThat(part(caller)).isEqualTo("Hello friend" + END);
  }

  @ParameterizedTest
  @CsvSource({"0, true", "1, false"})
  void a_body_is_kept_up_to_a_length(int longer, boolean isKept) throws Exception {
    String body = "x".repeat(Limits.REPEATED_BODY + longer);
    Caller gathered = caller(body, body.length(), true);
    assertThat(gathered(gathered, LARGE)).isTrue();
    assertThat(rest(gathered)).isEqualTo(body);
    assertThat(gathered.isResendable()).isEqualTo(isKept);

    Caller streamed = caller(body, body.length(), true);
    assertThat(gathered(streamed, 1)).isFalse();
    assertThat(rest(streamed)).isEqualTo(body);
    assertThat(streamed.isResendable()).isEqualTo(isKept);

    Caller begun = caller(body, body.length() + 1, true);
    assertThat(gathered(begun, body.length())).isFalse();
    arrives("y");
    assertThat(rest(begun)).isEqualTo(body + "y");
    assertThat(begun.isResendable()).isFalse();
  }

  @Test
  void a_body_that_is_too_large_is_not_gathered() throws Exception {
    Caller caller = caller("Hello", 5, true, 4);
    assertThat(gathered(caller, 100)).isTrue();
    assertIsFailed(caller, ErrorCode.TOO_LARGE);
    assertThat(gathered(caller("Hello", 5, true, 5), 100)).isTrue();
  }

  @Test
  void a_body_that_becomes_too_large_is_not_passed_on() throws Exception {
    Caller caller = caller("Hell", 5, true, 4);
    assertThat(gathered(caller, 4)).isFalse();
    assertThat(part(caller)).isEqualTo("Hell");
    assertThat(caller.problem()).isNull();
    arrives("o");
    assertThat(failure(caller)).isInstanceOf(Problem.class);
    assertIsFailed(caller, ErrorCode.TOO_LARGE);

    Caller just = caller("Hell", 5, true, 5);
    assertThat(gathered(just, 4)).isFalse();
    assertThat(part(just)).isEqualTo("Hell");
    arrives("o");
    assertThat(rest(just)).isEqualTo("o");
  }

  @Test
  void a_caller_who_stops_half_way_is_at_fault() throws Exception {
    Caller gathering = caller("Hel", 5, true);
    var isWhole = new CompletableFuture<Boolean>();
    gathering.gather(100, TOO_SLOW, isWhole::complete);
    hangsUp();
    assertThat(isWhole.get(100, TimeUnit.SECONDS)).isTrue();
    assertIsFailed(gathering, ErrorCode.MALFORMED);

    Caller reading = caller("Hel", 5, true);
    assertThat(part(reading)).isEqualTo("Hel");
    hangsUp();
    assertThat(failure(reading)).isNotNull();
    assertIsFailed(reading, ErrorCode.MALFORMED);
  }

  @Test
  void a_caller_who_is_too_slow_is_at_fault() throws Exception {
    Caller caller = caller("Hel", 5, true);
    var isWhole = new CompletableFuture<Boolean>();
    caller.gather(100, TOO_SLOW, isWhole::complete);
    assertThat(scheduler.isCanceled).isFalse();
    Objects.requireNonNull(scheduler.tooSlow).run();
    assertThat(isWhole.get(100, TimeUnit.SECONDS)).isTrue();
    assertIsFailed(caller, ErrorCode.REQUEST_TIMEOUT);
  }

  @Test
  void a_caller_who_has_sent_the_beginning_cannot_be_too_slow() throws Exception {
    Caller caller = caller("Hello", 5, true);
    assertThat(gathered(caller, 100)).isTrue();
    assertThat(scheduler.isCanceled).isTrue();
  }

  @Test
  void gathered_bytes_can_be_read_at_once() throws Exception {
    Caller caller = caller("Hello", 12, true);
    assertThat(gathered(caller, 5)).isFalse();
    var isReadable = new CountDownLatch(1);
    caller.demand(isReadable::countDown);
    assertThat(isReadable.getCount()).isZero();
    assertThat(part(caller)).isEqualTo("Hello");
    var isReadableAgain = new CountDownLatch(1);
    caller.demand(isReadableAgain::countDown);
    assertThat(isReadableAgain.getCount()).isOne();
    arrives(" friend");
    assertThat(isReadableAgain.await(100, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void a_node_that_fails_does_not_spoil_a_body_that_has_arrived() throws Exception {
    Caller gathered = caller("Hello", 5, true);
    assertThat(gathered(gathered, 100)).isTrue();
    gathered.fail(new IllegalStateException("the node is gone"));
    assertThat(gathered.isResendable()).isTrue();
    assertThat(part(gathered)).isEqualTo("Hello" + END);
    gathered.fail(new IllegalStateException("the next node is gone"));
    assertThat(gathered.isResendable()).isTrue();
    gathered.startAgain();
    assertThat(part(gathered)).isEqualTo("Hello" + END);
  }

  @Test
  void a_node_that_fails_ends_a_body_that_is_still_arriving_and_the_caller_is_not_at_fault()
      throws Exception {
    Caller gathered = caller("Hello", 12, true);
    assertThat(gathered(gathered, 5)).isFalse();
    gathered.fail(new IllegalStateException("the node is gone"));
    assertIsAbandoned(gathered);

    Caller arriving = caller("Hello", 12, true);
    arriving.fail(new IllegalStateException("the node is gone"));
    assertIsAbandoned(arriving);
    arriving.fail(new IllegalStateException("once more"));
    assertIsAbandoned(arriving);
  }

  @Test
  void a_fault_of_the_caller_stays_one_if_the_node_fails_too() throws Exception {
    Caller caller = caller("Hello", 5, true, 4);
    assertThat(gathered(caller, 100)).isTrue();
    caller.fail(new IllegalStateException("the node is gone"));
    assertIsFailed(caller, ErrorCode.TOO_LARGE);
  }

  /** Each in the moment between the look at the state and the change of it. */
  @ParameterizedTest
  @CsvSource({"Hello, 12, 100", "Hello, 12, 4"})
  void a_node_that_fails_while_a_part_is_read_ends_the_body(String part, int length, int most)
      throws Exception {
    var atRead = new CompletableFuture<Runnable>();
    Caller caller = new Caller(
        new Request.Wrapper(request(part, length)) {
          @Override
          public Content.@Nullable Chunk read() {
            Content.Chunk chunk = super.read();
            atRead.join().run();
            return chunk;
          }
        },
        most,
        attempts(),
        true);
    atRead.complete(() -> caller.fail(new IllegalStateException("the node is gone")));
    assertThat(caller.read()).isNotNull();
    assertIsAbandoned(caller);
    assertThat(failure(caller)).hasMessage("the node is gone");
    assertIsAbandoned(caller);
  }

  @Test
  void a_failure_while_a_part_is_read_is_the_nodes_if_the_node_has_failed() throws Exception {
    var atRead = new CompletableFuture<Runnable>();
    Caller caller = new Caller(
        new Request.Wrapper(request("", 5)) {
          @Override
          public Content.@Nullable Chunk read() {
            atRead.join().run();
            return super.read();
          }
        },
        LARGE,
        attempts(),
        true);
    atRead.complete(() -> caller.fail(new IllegalStateException("the node is gone")));
    assertThat(failure(caller)).hasMessage("the node is gone");
    assertIsAbandoned(caller);
  }

  @Test
  void a_problem_that_was_found_before_the_body_is_forwarded_is_the_answer() throws Exception {
    Caller caller = caller("Hello", 12, true);
    caller.getWrapped().fail(new Problem(ErrorCode.REQUEST_TIMEOUT));
    assertThat(gathered(caller, 100)).isTrue();
    assertIsFailed(caller, ErrorCode.REQUEST_TIMEOUT);
  }

  @Test
  void only_the_header_that_jetty_answers_itself_is_removed() throws Exception {
    Caller caller = caller("", 5, true);
    assertThat(caller.getWrapped().getHeaders().contains(HttpHeader.EXPECT)).isTrue();
    assertThat(caller.getHeaders().contains(HttpHeader.EXPECT)).isFalse();
    assertThat(caller.getHeaders().get("X-Other")).isEqualTo("stays");
  }

  @Test
  void a_body_of_which_nothing_was_sent_is_kept_until_the_last_attempt() throws Exception {
    Caller caller = caller("Hello", 12, true);
    assertThat(gathered(caller, 5)).isFalse();
    Sent sent = sent(caller);
    sent.body().giveUp(); // no attempt has failed
    sent.body().fail(new IllegalStateException("no connection"), true);
    assertThat(caller.isResendable()).isTrue();
    sent.body().giveUp();
    assertIsAbandoned(caller);
  }

  @Test
  void a_body_that_was_begun_to_be_sent_is_ended_with_the_attempt() throws Exception {
    Caller caller = caller("Hello", 12, true);
    assertThat(gathered(caller, 5)).isFalse();
    Sent sent = sent(caller);
    sent.begin().run();
    sent.body().fail(new IllegalStateException("the connection is lost"), true);
    assertIsAbandoned(caller);
  }

  @Test
  void a_body_that_cannot_be_sent_again_is_ended_with_the_attempt() throws Exception {
    Caller caller = caller("Hello", 12, true);
    assertThat(part(caller)).isEqualTo("Hello");
    sent(caller).body().fail(new IllegalStateException("no connection"), true);
    assertThat(failure(caller)).hasMessage("no connection");
    assertIsAbandoned(caller);
  }

  /**
   * @param begin begins the attempt
   */
  private record Sent(Caller.SentBody body, Runnable begin) {}

  private static Sent sent(Caller caller) {
    var listeners = new LinkedBlockingQueue<org.eclipse.jetty.client.Request.BeginListener>();
    var attempt = (org.eclipse.jetty.client.Request) Proxy.newProxyInstance(
        CallerTest.class.getClassLoader(),
        new Class<?>[] {org.eclipse.jetty.client.Request.class},
        (self, method, arguments) -> {
          listeners.add((org.eclipse.jetty.client.Request.BeginListener) arguments[0]);
          return self;
        });
    var body = new Caller.SentBody(caller, attempt);
    assertThat(body.getContentType()).isEqualTo("text/plain");
    return new Sent(body, () -> listeners.remove().onBegin(attempt));
  }

  // ---- calls

  private Caller caller(String begin, int length, boolean isKept) throws InterruptedException {
    return caller(begin, length, isKept, LARGE);
  }

  private Caller caller(String begin, int length, boolean isKept, int most)
      throws InterruptedException {
    return new Caller(request(begin, length), most, attempts(), isKept);
  }

  private static Attempts attempts() {
    URI base = URI.create("http://127.0.0.1:1");
    return new Attempts(Nodes.of("a service", base), RetryPolicy.NEVER_REPEAT, TOO_SLOW);
  }

  /** A request of whose body only the beginning has arrived. */
  private Request request(String begin, int length) throws InterruptedException {
    connection = connector.executeRequest("""
        POST / HTTP/1.1\r
        Host: here\r
        Expect: 100-continue\r
        X-Other: stays\r
        Content-Type: text/plain\r
        Content-Length: %d\r
        \r
        %s""".formatted(length, begin));
    return Objects.requireNonNull(requests.poll(100, TimeUnit.SECONDS));
  }

  private void arrives(String part) {
    Objects.requireNonNull(connection).addInputAndExecute(part);
  }

  private void hangsUp() {
    Objects.requireNonNull(connection).addInputEOF();
  }

  private static boolean gathered(Caller caller, int most) throws Exception {
    var isWhole = new CompletableFuture<Boolean>();
    caller.gather(most, TOO_SLOW, isWhole::complete);
    return isWhole.get(100, TimeUnit.SECONDS);
  }

  /** The next part of the body, as soon as it is there. */
  private static Content.Chunk next(Caller caller) throws InterruptedException {
    Content.Chunk chunk = caller.read();
    while (chunk == null) {
      var isReadable = new CountDownLatch(1);
      caller.demand(isReadable::countDown);
      assertThat(isReadable.await(100, TimeUnit.SECONDS)).isTrue();
      chunk = caller.read();
    }
    return chunk;
  }

  private static String part(Caller caller) throws InterruptedException {
    Content.Chunk chunk = next(caller);
    assertThat(Content.Chunk.isFailure(chunk)).isFalse();
    String text = StandardCharsets.US_ASCII.decode(chunk.getByteBuffer()).toString();
    boolean isLast = chunk.isLast();
    chunk.release();
    return text + (isLast ? END : "");
  }

  /** Reads the rest of the body. Jetty can report the end after the last byte. */
  private static String rest(Caller caller) throws InterruptedException {
    StringBuilder rest = new StringBuilder();
    boolean isLast = false;
    while (!isLast) {
      String part = part(caller);
      isLast = part.endsWith(END);
      rest.append(isLast ? part.substring(0, part.length() - END.length()) : part);
    }
    return rest.toString();
  }

  private static Throwable failure(Caller caller) throws InterruptedException {
    Content.Chunk chunk = next(caller);
    assertThat(Content.Chunk.isFailure(chunk, true)).isTrue();
    return chunk.getFailure();
  }

  private static void assertIsFailed(Caller caller, ErrorCode code) throws InterruptedException {
    Problem problem = Objects.requireNonNull(caller.problem());
    assertThat(problem.code()).isEqualTo(code);
    assertThat(caller.isResendable()).isFalse();
    assertThat(failure(caller)).isSameAs(problem);
  }

  private static void assertIsAbandoned(Caller caller) {
    assertThat(caller.problem()).isNull();
    assertThat(caller.isResendable()).isFalse();
    caller.startAgain();
    assertThat(caller.isResendable()).isFalse();
  }
}
