package parlour.bench;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import parlour.Limits;
import parlour.Sid;
import parlour.events.BusEvent;
import parlour.events.EventBus;
import parlour.redis.RealRedis;
import parlour.redis.Redis;
import redis.clients.jedis.Protocol.Command;

/**
 * How many events other nodes receive for each event that one publishes through Redis, and what an
 * event costs Redis, at 2, 4 and 8 nodes. Each node follows conversations of its own; all of them
 * publish, each about any conversation.
 *
 * <p>{@code ./dev bench events [conversations of each node] [events]}
 */
public final class EventsBench {
  private static final SecureRandom random = new SecureRandom();

  /** Events that are published before anybody waits for their arrival. */
  private static final int AT_ONCE = 1_000;

  private EventsBench() {}

  public static void main(String[] arguments) throws Exception {
    int conversations = Figures.argument(arguments, 0, 1_000);
    int events = Figures.argument(arguments, 1, 50_000);
    System.out.printf("%s; %d conversations of each node%n", Figures.machine(), conversations);
    for (int nodes : List.of(2, 4, 8)) {
      measure(nodes, conversations, events);
    }
  }

  private static void measure(int count, int conversations, int events) throws Exception {
    Sid.Account account = Sid.Account.random(random);
    List<Redis> nodes = new ArrayList<>();
    List<Sid.Conversation> all = new ArrayList<>();
    AtomicLong received = new AtomicLong();
    try (RealRedis server = RealRedis.start()) {
      for (int i = 0; i < count; i++) {
        Redis node = Redis.start(server.address(), random);
        nodes.add(node);
        for (int j = 0; j < conversations; j++) {
          Sid.Conversation conversation = Sid.Conversation.random(random);
          all.add(conversation);
          node.eventBus().follow(conversation);
          EventBus bus = node.eventBus();
          await(() -> bus.pollInterval(conversation).equals(Limits.POLL_WITH_EVENTS));
        }
        node.eventBus().subscribe(event -> {
          if (event instanceof BusEvent.ConversationChanged) {
            received.incrementAndGet();
          }
        });
      }
      double cpuBefore = processorSeconds(server);
      for (int i = 0; i < events; i++) {
        EventBus publisher = nodes.get(i % count).eventBus();
        publisher.publish(
            new BusEvent.ConversationChanged(account, all.get(random.nextInt(all.size()))));
        if (i % AT_ONCE == 0) {
          awaitQuiet(received);
        }
      }
      awaitQuiet(received);
      // Each event is also delivered in the process that publishes it.
      double others = (received.get() - events) / (double) events;
      long dropped = nodes.stream().mapToLong(Redis::dropped).sum();
      System.out.printf(
          "%d nodes: %.2f events received by other nodes per event; Redis: %.1f µs per event;"
              + " %d not sent%n",
          count, others, (processorSeconds(server) - cpuBefore) * 1e6 / events, dropped);
    } finally {
      nodes.forEach(Redis::close);
    }
  }

  private static double processorSeconds(RealRedis server) {
    String info = new String(
        (byte[]) server.ask(Command.INFO, "cpu"), java.nio.charset.StandardCharsets.UTF_8);
    return info.lines()
        .filter(line -> line.matches("used_cpu_(sys|user):.*"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(':') + 1)))
        .sum();
  }

  /** Waits until no event has arrived for a while. */
  private static void awaitQuiet(AtomicLong received) throws InterruptedException {
    long before;
    do {
      before = received.get();
      TimeUnit.MILLISECONDS.sleep(20);
    } while (received.get() != before);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MICROSECONDS.sleep(100);
    }
  }
}
