package parlour.bench;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures the time from the moment at which a message is due until the other side has it, at a steady
 * rate: from the account's server to the guest's socket, and from a guest to the agents' inbox (which
 * is notified at most every 200 ms). Senders keep to their timetable, so a slow answer also counts
 * for the messages that wait behind it.
 *
 * <p>{@code ./dev bench messages [messages/s] [seconds] [conversations]}; half in each direction.
 */
public final class MessagesBench {
  private static final int WARM_UP_SECONDS = 15;
  private static final Pattern SENT = Pattern.compile("\"body\":\"sent (\\d+)\"");
  private static final Pattern LAST =
      Pattern.compile("\"conversation_sid\":\"(CH[0-9a-f]{32})\".*?\"index\":(\\d+)");

  private final Shop shop;
  private final Subject parlour;
  private final AtomicLong numbers = new AtomicLong();
  private final Queue<Long> toGuest = new ConcurrentLinkedQueue<>();
  private final Queue<Long> toInbox = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final ConcurrentHashMap<String, Said> said = new ConcurrentHashMap<>();
  private volatile long countFrom = Long.MAX_VALUE;

  /** The messages of a conversation that the inbox has not received yet: when each was due, by index. */
  private final class Said {
    private final ConcurrentHashMap<Long, Long> dueAt = new ConcurrentHashMap<>();
    private volatile long toldUpTo = -1;

    /** The answer may come later than the news, which is then counted as late as the answer. */
    void kept(long index, long due) {
      dueAt.put(index, due);
      settle();
    }

    void told(long upTo) {
      toldUpTo = upTo;
      settle();
    }

    private void settle() {
      dueAt.forEach((index, due) -> {
        if (index <= toldUpTo && dueAt.remove(index) != null) {
          toInbox.add(System.nanoTime() - due);
        }
      });
    }
  }

  private MessagesBench(Shop shop, Subject parlour) {
    this.shop = shop;
    this.parlour = parlour;
  }

  public static void main(String[] arguments) throws Exception {
    int rate = Figures.argument(arguments, 0, 2_000);
    int seconds = Figures.argument(arguments, 1, 30);
    int conversations = Figures.argument(arguments, 2, 200);
    try (Shop shop = Shop.open();
        Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()) {
      System.out.printf(
          "%s; %d messages/s in %d conversations for %d s after %d s of warm-up%n",
          Figures.machine(), rate, conversations, seconds, WARM_UP_SECONDS);
      new MessagesBench(shop, parlour).run(rate, seconds, conversations);
    }
  }

  private void run(int rate, int seconds, int conversations) throws Exception {
    List<AutoCloseable> open = new ArrayList<>();
    try {
      Line inbox = inbox();
      open.add(inbox);
      listen(() -> heardByInbox(inbox.hear()));
      List<Thread> senders = new ArrayList<>();
      long pause = (long) (1e9 * 2 * conversations / rate);
      long start = System.nanoTime() + 2_000_000_000L;
      long end = start + (WARM_UP_SECONDS + seconds) * 1_000_000_000L;
      for (int i = 0; i < conversations; i++) {
        Guest guest = new Guest(parlour.port(), shop.deployment());
        Line stream = guest.stream();
        Line server = new Line(parlour.port(), "Authorization: Basic " + shop.basic() + "\n");
        open.addAll(List.of(guest, stream, server));
        listen(() -> heardByGuest(stream, stream.hear()));
        Said here = said.computeIfAbsent(guest.conversation(), sid -> new Said());
        long offset = pause * i / conversations;
        senders.add(paced(start + offset, pause, end, due -> {
          var _ = server.post(
              "/v1/Conversations/" + guest.conversation() + "/Messages",
              "Content-Type: application/x-www-form-urlencoded\r\n",
              "Author=bot&Body=" + URLEncoder.encode("sent " + due, StandardCharsets.UTF_8),
              201);
        }));
        senders.add(paced(start + offset + pause / 2, pause, end, due -> {
          long index = index(guest.say("sent " + due, "n" + numbers.incrementAndGet()));
          if (due >= countFrom) {
            here.kept(index, due);
          }
        }));
      }
      countFrom = start + WARM_UP_SECONDS * 1_000_000_000L;
      while (System.nanoTime() < countFrom) {
        LockSupport.parkNanos(10_000_000);
      }
      var busy = parlour.processorTime();
      for (Thread sender : senders) {
        sender.join();
      }
      var used = parlour.processorTime().minus(busy);
      Thread.sleep(2_000);
      if (!failures.isEmpty()) {
        throw new IllegalStateException(failures.size() + " failed", failures.peek());
      }
      long notTold = said.values().stream().mapToLong(one -> one.dueAt.size()).sum();
      report("to the guest's socket", toGuest);
      report("to the agents' inbox", toInbox);
      System.out.printf(
          "not received by the inbox within 2 s of the end: %d; CPU %.0f µs a message%n",
          notTold, used.toNanos() / 1e3 / (2.0 * toGuest.size()));
    } finally {
      for (AutoCloseable one : open) {
        one.close();
      }
    }
  }

  @FunctionalInterface
  private interface Sending {
    void at(long due) throws IOException;
  }

  private Thread paced(long first, long pause, long end, Sending sending) {
    return Thread.startVirtualThread(() -> {
      try {
        for (long due = first; due < end; due += pause) {
          for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
          }
          sending.at(due);
        }
      } catch (IOException | RuntimeException e) {
        failures.add(e);
      }
    });
  }

  @FunctionalInterface
  private interface Subscriber {
    void next() throws IOException;
  }

  /** Until the socket is closed, which is how a run ends. */
  private static void listen(Subscriber hearing) {
    Thread.startVirtualThread(() -> {
      try {
        while (true) {
          hearing.next();
        }
      } catch (IOException e) {
        // the run is over; what did not arrive is missing in the figures
      }
    });
  }

  private void heardByGuest(Line stream, String frame) throws IOException {
    if (frame.contains("\"ping\"")) {
      stream.say("{\"type\":\"pong\"}");
      return;
    }
    Matcher sent = SENT.matcher(frame);
    if (frame.contains("\"author\":\"bot\"") && sent.find()) {
      long due = Long.parseLong(sent.group(1));
      if (due >= countFrom) {
        toGuest.add(System.nanoTime() - due);
      }
    }
  }

  private void heardByInbox(String frame) {
    Matcher last = LAST.matcher(frame);
    if (last.find()) {
      Said here = said.get(last.group(1));
      long upTo = Long.parseLong(last.group(2));
      if (here != null) {
        here.told(upTo);
      }
    }
  }

  private static long index(String message) {
    Matcher index = Pattern.compile("\"index\":(\\d+)").matcher(message);
    if (!index.find()) {
      throw new IllegalStateException(message);
    }
    return Long.parseLong(index.group(1));
  }

  private Line inbox() throws IOException {
    String ours = "Origin: http://127.0.0.1:" + parlour.port() + "\n";
    try (Line line = new Line(parlour.port(), ours)) {
      String cookie = line.post(
              "/inbox/api/sign-in",
              "Content-Type: application/json\r\n",
              "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(shop.agent(), shop.password()),
              200)
          .cookie();
      return new Line(parlour.port(), ours + "Cookie: " + cookie + "\n")
          .upgrade("/inbox/api/stream");
    }
  }

  private static void report(String where, Queue<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(n -> n).toArray();
    Arrays.sort(sorted);
    System.out.printf(
        "%-24s %8d messages: median %.1f ms, p99 %.1f ms, most %.1f ms%n",
        where,
        sorted.length,
        Figures.at(sorted, 0.5) / 1e6,
        Figures.at(sorted, 0.99) / 1e6,
        sorted[sorted.length - 1] / 1e6);
  }
}
