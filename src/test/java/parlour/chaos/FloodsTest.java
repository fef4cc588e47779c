package parlour.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.LongForm;
import parlour.http.json.Json;
import parlour.spec.Browser;
import parlour.spec.SdkSocket;

/**
 * Attacks a process with a heap of 256 MB from one address, in 14 ways at once, while honest
 * guests at another address reload and write, one of them on a socket of the client package, where
 * their messages arrive. The guests are served as if nobody else was there: no call is refused, the
 * process lives, and its memory is bounded.
 *
 * <p>The check attacks one process. {@code ./dev chaos} runs the long form, which also attacks an
 * installation with each role in a process of its own. Memory is the heap after a full collection, once
 * during the attack and once after it. The attackers share the machine's cores, and the machine may
 * be busy with other work. So the test subtracts the delay with which a thread of this process is
 * woken meanwhile, and allows longer waits in proportion if undisturbed guests wait longer than on
 * an idle machine. A process that has just started still compiles its code, for half a minute on a
 * slow machine. So if the guests wait too long, the test measures again while the attack goes on, some
 * times. The calls of the guest with the client package are measured apart, under the same bound: a
 * send on the socket ends with the event of its message, and takes half as long again. The slow bodies
 * alone would fill the heap within the short form, if nothing bounded them.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES) // a test that hangs is a fault too
@Tag("alone") // it measures time
@LongForm(instead = "RateLimitTest and OtherNetworksTest")
class FloodsTest {
  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("floods.seconds", 6));
  private static final boolean IS_LONG = LENGTH.compareTo(Duration.ofMinutes(1)) >= 0;
  private static final Duration WARM_UP = Duration.ofSeconds(IS_LONG ? 4 : 3);
  private static final Duration P99 = Duration.ofMillis(250);
  private static final int MEASUREMENTS = IS_LONG ? 2 : 15;

  /** The longest time of a call on an otherwise idle machine: five times the usual one. */
  private static final Duration UNDISTURBED = Duration.ofMillis(50);

  private static final int GUESTS = 6;
  private static final Duration PACE =
      Duration.ofMillis(800); // two calls, within a session's rates
  private static final long HEAP_KIB = 256 * 1024;

  private static final HttpClient HONEST = client("127.0.0.3");
  private static final HttpClient ATTACKER = client("127.0.0.2");

  /** The measurements of one run. */
  private record Run(
      long p99,
      long worst,
      int calls,
      List<String> failures,
      long stalled,
      Map<String, Long> during) {

    /**
     * The time without the delays that the machine causes, for our own thread and for undisturbed
     * guests.
     */
    private Duration onAnIdleMachine(Run quiet) {
      double slow = Math.max(1, (double) quiet.p99 / UNDISTURBED.toNanos());
      return Duration.ofNanos((long) (Math.max(0, p99 - stalled) / slow));
    }
  }

  static List<Boolean> apart() {
    return IS_LONG ? List.of(false, true) : List.of(false);
  }

  @ParameterizedTest
  @MethodSource("apart")
  void one_address_floods_and_guests_at_another_notice_nothing(boolean apart) throws Exception {
    try (Flooded flooded = new Flooded(apart)) {
      List<Guest> guests = new ArrayList<>();
      for (int i = 1; i < GUESTS; i++) {
        guests.add(new Guest(flooded, HONEST));
      }
      PackageGuest ofThePackage = new PackageGuest(flooded);
      guests.add(ofThePackage);
      measure(guests, WARM_UP);
      Map<String, Long> before = flooded.heap();
      Run quiet = measure(guests, WARM_UP);
      Guest talkative = new Guest(flooded, ATTACKER);
      for (int i = 0; i < 30; i++) { // as much as one session may say in a minute
        talkative.says("x".repeat(30_000));
      }
      List<String> tokens = List.of(talkative.token, new Guest(flooded, ATTACKER).token);
      Run run = attacked(flooded, guests, tokens, talkative.conversation, quiet);
      Map<String, Long> after = flooded.heap();
      System.out.printf(
          "floods: %s: %d calls, p99 %d ms, worst %d ms (without attackers p99 %d ms), our"
              + " own thread late by %d ms; heap in KiB before %s, during %s, after %s%n",
          apart ? "roles apart" : "one process",
          run.calls,
          run.p99 / 1_000_000,
          run.worst / 1_000_000,
          quiet.p99 / 1_000_000,
          run.stalled / 1_000_000,
          before,
          run.during,
          after);
      assertThat(flooded.dead()).isEmpty();
      assertThat(run.failures).isEmpty();
      assertThat(ofThePackage.received()).isGreaterThan(GUESTS);
      ofThePackage.close();
      assertThat(run.calls).isGreaterThan(GUESTS * 4);
      assertThat(run.onAnIdleMachine(quiet)).isLessThanOrEqualTo(P99);
      assertThat(run.during.values()).allMatch(used -> used < HEAP_KIB * 3 / 4);
      after.forEach((process, used) ->
          assertThat(used).as(process).isLessThan(before.getOrDefault(process, 0L) + HEAP_KIB / 8));
    }
  }

  private static Run attacked(
      Flooded flooded, List<Guest> guests, List<String> tokens, String conversation, Run quiet)
      throws Exception {
    try (Flood flood = new Flood(flooded.edge(), flooded.deploymentKey())) {
      flood.begin(tokens, conversation);
      // A thousand connections at once, and code that is not yet compiled.
      List<String> failures = new ArrayList<>(measure(guests, WARM_UP).failures);
      Run run = measure(guests, LENGTH);
      failures.addAll(run.failures);
      for (int i = 1; i < MEASUREMENTS && run.onAnIdleMachine(quiet).compareTo(P99) > 0; i++) {
        System.out.printf("floods: p99 %d ms, once more%n", run.p99 / 1_000_000);
        run = measure(guests, LENGTH);
        failures.addAll(run.failures);
      }
      System.out.println("floods: " + flood.starts());
      Map<String, Long> during = flooded.dead().isEmpty() ? flooded.heap() : Map.of();
      return new Run(run.p99, run.worst, run.calls, failures, run.stalled, during);
    }
  }

  /** All guests reload and write for this long. */
  private static Run measure(List<Guest> guests, Duration length) throws InterruptedException {
    Queue<Long> took = new ConcurrentLinkedQueue<>();
    Queue<Long> tookOfPackage = new ConcurrentLinkedQueue<>();
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    Queue<Long> late = new ConcurrentLinkedQueue<>();
    long end = System.nanoTime() + length.toNanos();
    List<Thread> threads = new ArrayList<>();
    threads.add(Thread.ofPlatform().start(() -> {
      while (System.nanoTime() < end) {
        long before = System.nanoTime();
        sleep(Duration.ofMillis(5));
        late.add(System.nanoTime() - before - 5_000_000);
      }
    }));
    for (int i = 0; i < guests.size(); i++) {
      Guest guest = guests.get(i);
      Duration first = PACE.multipliedBy(i).dividedBy(guests.size());
      threads.add(Thread.ofPlatform().start(() -> {
        sleep(first);
        while (System.nanoTime() < end) {
          long began = System.nanoTime();
          try {
            Queue<Long> times = guest instanceof PackageGuest ? tookOfPackage : took;
            guest.reloads();
            times.add(System.nanoTime() - began);
            long reloaded = System.nanoTime();
            guest.says("hello");
            times.add(System.nanoTime() - reloaded);
          } catch (IOException | InterruptedException | IllegalStateException e) {
            failures.add(String.valueOf(e));
          }
          sleep(PACE.minusNanos(Math.min(PACE.toNanos(), System.nanoTime() - began)));
        }
      }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    List<Long> sorted = took.stream().sorted().toList();
    List<Long> ofPackage = tookOfPackage.stream().sorted().toList();
    return new Run(
        Math.max(p99(sorted), p99(ofPackage)),
        sorted.isEmpty() ? 0 : sorted.getLast(),
        sorted.size(),
        List.copyOf(failures),
        p99(late.stream().sorted().toList()),
        Map.of());
  }

  private static long p99(List<Long> sorted) {
    return sorted.isEmpty() ? 0 : sorted.get((sorted.size() - 1) * 99 / 100);
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static HttpClient client(String from) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .localAddress(InetAddress.ofLiteral(from))
        .connectTimeout(Duration.ofSeconds(10))
        .build();
  }

  /** Somebody who chats on a page with the client package, and sees their own messages arrive. */
  private static final class PackageGuest extends Guest implements AutoCloseable {
    /** A page renews its token more seldom. */
    private static final int RELOADS_OF_A_TOKEN = 8;

    private final SdkSocket socket;
    private int reloads;
    private final AtomicInteger received = new AtomicInteger();

    PackageGuest(Flooded flooded) throws IOException, InterruptedException {
      super(flooded, HONEST);
      socket =
          new SdkSocket(new BinarySocket(flooded.edge(), Browser.CHROME_ON_WINDOWS, Edges.ORIGIN));
      assertThat(socket.init(token())).isEqualTo(200);
      socket.follows(socket.reads(conversation()));
    }

    @Override
    void reloads() throws IOException, InterruptedException {
      super.reloads();
      if (++reloads % RELOADS_OF_A_TOKEN == 0 && socket.update(token()) != 200) {
        throw new IllegalStateException("the token was refused on the socket");
      }
    }

    @Override
    void says(String words) throws IOException {
      String text = words + " " + received.get();
      socket.call(
          "POST",
          "/Conversations/" + conversation() + "/Messages",
          Map.of(),
          "{\"body\":\"" + text + "\"}");
      String event = socket.next().text();
      while (!event.contains("\"list_item_added\"") || !event.contains("\"" + text + "\"")) {
        event = socket.next().text();
      }
      received.incrementAndGet();
    }

    int received() {
      return received.get();
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /** Somebody who chats as the widget does. */
  private static class Guest {
    private final Flooded flooded;
    private final HttpClient client;
    private final String conversation;
    private String token = "";
    private int said;

    Guest(Flooded flooded, HttpClient client) throws IOException, InterruptedException {
      this.flooded = flooded;
      this.client = client;
      String answer = call("/v2/Webchat/Init", """
          {"deploymentKey":"%s","customerFriendlyName":"Guest"}""".formatted(flooded.deploymentKey()));
      token = text(answer, "token");
      conversation = text(answer, "conversation_sid");
    }

    String token() {
      return token;
    }

    String conversation() {
      return conversation;
    }

    void reloads() throws IOException, InterruptedException {
      token = text(
          call("/v2/Webchat/Token/Refresh", """
          {"deploymentKey":"%s","token":"%s"}""".formatted(flooded.deploymentKey(), token)),
          "token");
    }

    void says(String words) throws IOException, InterruptedException {
      var _ = call("/v2/Webchat/Messages", """
          {"body":"%s","client_id":"%d"}""".formatted(words, said++));
    }

    private static String text(String body, String member) {
      return String.valueOf(Json.object(body).orElseThrow().get(member));
    }

    private String call(String path, String body) throws IOException, InterruptedException {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(flooded.edge().resolve(path)).timeout(Duration.ofSeconds(20));
      Edges.headers(Browser.CHROME_ON_WINDOWS, flooded.deploymentKey(), token)
          .forEach(request::setHeader);
      HttpResponse<String> response = client.send(
          request.POST(HttpRequest.BodyPublishers.ofString(body)).build(),
          HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200 && response.statusCode() != 201) {
        throw new IllegalStateException(
            path + ": " + response.statusCode() + " " + response.body());
      }
      return response.body();
    }
  }
}
