package parlour.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Sid;
import parlour.redis.RealRedis;
import redis.clients.jedis.Protocol;

/**
 * Two nodes with all roles beside one such node, over one PostgreSQL and one Redis on this machine,
 * with all limits on. The processor time is that of the nodes, of PostgreSQL and of Redis. After
 * each action it counts the commands of Redis for a call.
 *
 * <p>A guest may only do so much in a minute, so each connection has many guests, who take turns;
 * each has an address and a session of their own.
 *
 * <p>{@code ./dev bench nodes [rounds] [seconds per window] [connections] [guests of each] [most
 * windows of warm-up]}
 */
public final class NodesBench {
  /** So that the limits of none are reached. */
  private static final int DEPLOYMENTS = 48;

  private static final String INTERNAL_SECRET = "0123456789abcdef0123456789abcdef";

  /** A line of INFO commandstats. */
  private static final Pattern COMMAND = Pattern.compile("cmdstat_(\\S+?):calls=(\\d+)");

  private NodesBench() {}

  /** Some nodes over one database. */
  private record Nodes(String name, List<Subject> nodes, List<Sid.Deployment> deployments) {}

  /** Guests who take turns, so that their number of calls is that of one who never pauses. */
  private static final class Crowd implements Caller {
    private final List<GuestCaller> guests;
    private int turn;

    Crowd(List<GuestCaller> guests) {
      this.guests = guests;
    }

    @Override
    public void connect() throws IOException {
      for (GuestCaller guest : guests) {
        guest.connect();
      }
    }

    @Override
    public void call() throws IOException {
      turn = (turn + 1) % guests.size();
      guests.get(turn).call();
    }

    @Override
    public void recover() throws IOException {
      guests.get(turn).recover();
    }

    @Override
    public void close() {
      guests.forEach(GuestCaller::close);
    }
  }

  public static void main(String[] arguments) throws Exception {
    int rounds = Figures.argument(arguments, 0, 9);
    Duration window = Duration.ofSeconds(Figures.argument(arguments, 1, 4));
    int connections = Figures.argument(arguments, 2, 64);
    int guests = Figures.argument(arguments, 3, 50);
    int mostWarmUps = Figures.argument(arguments, 4, Integer.MAX_VALUE);
    System.out.printf(
        "%s; %d connections with %d guests each%n", Figures.machine(), connections, guests);
    try (DurablePostgres postgres = DurablePostgres.start();
        RealRedis redis = Leftovers.keep(RealRedis.start())) {
      Nodes one = start("one", 1, postgres, redis);
      Nodes two = start("two", 2, postgres, redis);
      int network = 0;
      for (Action action : List.of(Action.REFRESH, Action.MESSAGE, Action.HISTORY)) {
        Crowds crowds = new Crowds(action, connections, guests, network++);
        Callers ofOne = crowds.callers(one);
        Callers ofTwo = crowds.callers(two);
        new Turns(side(one, ofOne, postgres, redis), side(two, ofTwo, postgres, redis), mostWarmUps)
            .compare(action.inWords(), rounds, window);
        countCommands(one, ofOne, redis, window);
        countCommands(two, ofTwo, redis, window);
      }
    }
  }

  /**
   * Prints how many commands Redis runs for a call, with those that connect the guests at the
   * beginning of the window and the heartbeats of all nodes.
   */
  private static void countCommands(Nodes of, Callers callers, RealRedis redis, Duration window) {
    Map<String, Long> before = commands(redis);
    long calls = callers.call(window).answered().calls();
    Map<String, Long> after = commands(redis);
    StringBuilder counts = new StringBuilder();
    after.forEach((command, count) -> {
      long more = count - before.getOrDefault(command, 0L);
      if (more > 0 && !command.equals("info")) {
        counts.append(
            String.format(Locale.ROOT, " %s %.3f (%d)", command, (double) more / calls, more));
      }
    });
    System.out.printf("commands of Redis for a call, %s, %d calls:%s%n", of.name(), calls, counts);
  }

  /** How often Redis has run each command. */
  private static Map<String, Long> commands(RealRedis redis) {
    String stats = new String(
        (byte[]) redis.ask(Protocol.Command.INFO, "commandstats"), StandardCharsets.US_ASCII);
    Map<String, Long> commands = new TreeMap<>();
    Matcher line = COMMAND.matcher(stats);
    while (line.find()) {
      commands.put(line.group(1), Long.valueOf(line.group(2)));
    }
    return commands;
  }

  private static Nodes start(String name, int count, DurablePostgres postgres, RealRedis redis)
      throws Exception {
    postgres.create(name);
    Shop shop = Shop.open(_ -> postgres.databases(name));
    Map<String, String> settings = new HashMap<>(postgres.settings(name));
    settings.put("PARLOUR_REDIS_URL", redis.url());
    settings.put("PARLOUR_RATE_LIMITS", "on");
    settings.put("PARLOUR_TRUSTED_PROXIES", "127.0.0.1");
    settings.put("PARLOUR_INTERNAL_SECRET", INTERNAL_SECRET);
    List<Subject> nodes = new ArrayList<>();
    Path folder = shop.folder();
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        folder = Leftovers.folder();
        Files.copy(shop.folder().resolve("master.key"), folder.resolve("master.key"));
      }
      nodes.add(Subject.parlour(folder, Subject.freePort(), settings).awaitPort());
    }
    return new Nodes(name, nodes, shop.moreDeployments(postgres.databases(name), DEPLOYMENTS));
  }

  /**
   * Guests for both sides.
   *
   * @param network the second byte of the guests' addresses
   */
  private record Crowds(Action action, int connections, int guestsOfEach, int network) {
    Callers callers(Nodes of) {
      try (ExecutorService threads = Executors.newFixedThreadPool(Callers.AT_ONCE)) {
        List<List<Future<GuestCaller>>> starting = new ArrayList<>();
        int started = 0;
        for (int i = 0; i < connections; i++) {
          int port = of.nodes().get(i % of.nodes().size()).port();
          List<Future<GuestCaller>> members = new ArrayList<>();
          for (int j = 0; j < guestsOfEach; j++) {
            String address = "10.%d.%d.%d".formatted(network, started >> 8, started & 0xff);
            Sid.Deployment deployment = of.deployments().get(started++ % DEPLOYMENTS);
            members.add(threads.submit(() -> {
              var caller = new GuestCaller(Guest.from(address, port, deployment), action);
              caller.close();
              return caller;
            }));
          }
          starting.add(members);
        }
        return new Callers(starting.stream()
            .map(members -> new Crowd(members.stream().map(Callers::get).toList()))
            .toList());
      }
    }
  }

  private static Turns.Side side(
      Nodes of, Callers callers, DurablePostgres postgres, RealRedis redis) {
    return new Turns.Side(
        of.name(),
        () -> of.nodes().stream()
            .map(Subject::processorTime)
            .reduce(postgres.processorTime().plus(redis.processorTime()), Duration::plus),
        callers);
  }
}
