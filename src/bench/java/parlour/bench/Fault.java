package parlour.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * The troubles of a server on the internet beside its callers, all at once until closed: clients
 * that reset a connection in the middle of a request, that send or read a byte a second, sockets
 * that come, wait and come again, and people who write to each other. Only what happens to the last
 * two may fail nobody.
 */
final class Fault implements AutoCloseable {
  private static final int RESETTING = 10;
  private static final int SLOW_SENDERS = 20;
  private static final int SLOW_READERS = 10;
  private static final int SOCKETS = 100;
  private static final int CHATS = 50;
  private static final Duration A_SECOND = Duration.ofSeconds(1);

  private final int port;
  private final Shop shop;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final String head;
  private volatile boolean over;

  private Fault(int port, Shop shop) {
    this.port = port;
    this.shop = shop;
    head = "POST /v2/Webchat/Token/Refresh HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n"
        + (Guest.HEADERS + Guest.SIGNALS).replace("\n", "\r\n")
        + Guest.JSON + "Content-Length: 900\r\n\r\n{\"deploymentKey\":\"";
  }

  static Fault start(int port, Shop shop) {
    Fault trouble = new Fault(port, shop);
    trouble.many(RESETTING, trouble::reset);
    trouble.many(SLOW_SENDERS, trouble::sendSlowly);
    trouble.many(SLOW_READERS, trouble::readSlowly);
    trouble.many(SOCKETS, trouble::comeAndGo);
    trouble.many(CHATS, trouble::chat);
    return trouble;
  }

  /** The number of each trouble. */
  Map<String, Long> counts() {
    Map<String, Long> sums = new TreeMap<>();
    counts.forEach((what, count) -> sums.put(what, count.sum()));
    return sums;
  }

  /** Throws what happened to somebody to whom nothing may happen. */
  void check() {
    if (!failures.isEmpty()) {
      throw new IllegalStateException(failures.size() + " failed", failures.peek());
    }
  }

  @FunctionalInterface
  private interface Action {
    void once() throws IOException, InterruptedException;
  }

  private void many(int count, Action action) {
    for (int i = 0; i < count; i++) {
      threads.execute(() -> {
        try {
          Thread.sleep(ThreadLocalRandom.current().nextLong(1_000)); // not in step
          while (!over) {
            action.once();
          }
        } catch (InterruptedException e) {
          // it is over
        } catch (IOException | RuntimeException e) {
          failed(e);
        }
      });
    }
  }

  private void failed(Exception e) {
    if (!over) {
      failures.add(e);
    }
  }

  /** Half a request, and then RST. */
  private void reset() throws IOException, InterruptedException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.setSoLinger(true, 0);
    }
    count("requests reset half way");
    Thread.sleep(A_SECOND);
  }

  /** A request by the byte, until the server has had enough. */
  private void sendSlowly() throws IOException, InterruptedException {
    byte[] request = head.getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(request, 0, request.length - 10);
      for (int i = request.length - 10; !over && socket.getInputStream().available() == 0; i++) {
        out.write(request[i % request.length]);
        Thread.sleep(A_SECOND);
      }
    } catch (IOException e) {
      // hung up on, as it deserves
    }
    count("slow senders given up on");
  }

  /** Asks for more than the system takes off the server's hands, and reads it by the byte. */
  private void readSlowly() throws IOException, InterruptedException {
    String get = "GET /webchat.js HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n";
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4 * 1024);
      socket.connect(address());
      Thread.startVirtualThread(() -> {
        try {
          socket.getOutputStream().write(get.repeat(1_000).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
          // hung up on
        }
      });
      InputStream in = socket.getInputStream();
      for (int i = 0; i < 60 && !over && in.read() >= 0; i++) {
        Thread.sleep(A_SECOND);
      }
    } catch (IOException e) {
      // hung up on
    }
    count("slow readers gone");
  }

  /** A socket on which nothing is said for a while; the guest stays the same. */
  private void comeAndGo() throws IOException, InterruptedException {
    try (Guest guest = new Guest(port, shop.deployment())) {
      int streams = ThreadLocalRandom.current().nextInt(1, 20); // or all would begin anew at once
      for (int i = 0; i < streams && !over; i++) {
        Line stream = guest.stream();
        Thread listening = listen(stream, () -> {});
        Thread.sleep(ThreadLocalRandom.current().nextLong(5_000, 30_000));
        leave(stream, listening);
        count("sockets come and gone");
      }
    }
  }

  /** A guest who sends a message each second, and receives it on the socket. */
  private void chat() throws IOException, InterruptedException {
    try (Guest guest = new Guest(port, shop.deployment())) {
      Line stream = guest.stream();
      LongAdder heard = new LongAdder();
      Thread listening = listen(stream, heard::increment);
      int toSay = ThreadLocalRandom.current().nextInt(30, 180);
      int said = 0;
      while (!over && said < toSay) {
        var _ = guest.say("soak " + said, "n" + said);
        said++;
        count("messages said");
        Thread.sleep(A_SECOND);
      }
      Thread.sleep(A_SECOND);
      leave(stream, listening);
      if (!over && heard.sum() != said) {
        throw new IllegalStateException(said + " messages were sent, received " + heard.sum());
      }
    }
  }

  private Thread listen(Line stream, Runnable onMessage) {
    Thread thread = Thread.ofVirtual().unstarted(() -> {
      try {
        while (true) {
          String frame = stream.hear();
          if (frame.contains("\"type\":\"ping\"")) {
            stream.say("{\"type\":\"pong\"}");
          } else if (frame.contains("\"type\":\"message\"")) {
            onMessage.run();
          }
        }
      } catch (IOException e) {
        if (!Thread.currentThread().isInterrupted()) {
          failed(e);
        }
      }
    });
    thread.start();
    return thread;
  }

  /** As a page that is closed: without a word. */
  private static void leave(Line stream, Thread listening) throws InterruptedException {
    listening.interrupt(); // which closes the socket that it reads, too
    listening.join();
    stream.close();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private void count(String what) {
    counts.computeIfAbsent(what, _ -> new LongAdder()).increment();
  }

  @Override
  public void close() {
    over = true;
    threads.shutdownNow();
    threads.close();
  }
}
