package parlour.bench;

import java.time.Duration;
import java.util.List;

/**
 * The cost of a session that is bound to a key: guests with and without keys call the same process in
 * turns. The guests without keys sign, too, but send nothing of it: the load generator shares the
 * server's processors, and must cost the same for both. Pages of messages are not among the calls.
 *
 * <p>Before them, the same guests refresh at the {@link Floor}, which reads no proof: the difference
 * there is what longer headers and tokens cost a bare server, and what no code of Parlour can save.
 *
 * <p>{@code ./dev bench bound [rounds] [seconds per window] [connections]}
 */
public final class BoundBench {
  private BoundBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Figures.argument(arguments, 0, 15);
    Duration window = Duration.ofSeconds(Figures.argument(arguments, 1, 3));
    int connections = Figures.argument(arguments, 2, 64);
    try (Shop shop = Shop.open();
        Subject floor = Subject.floor(shop.folder(), Subject.freePort()).awaitPort();
        Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()) {
      System.out.printf("%s; %d connections%n", Figures.machine(), connections);
      turns(floor, shop, Action.REFRESH, connections)
          .compare("the same bytes at the floor", rounds, window);
      floor.stop();
      for (Action action : List.of(Action.REFRESH, Action.MESSAGE, Action.INIT)) {
        turns(parlour, shop, action, connections).compare(action.inWords(), rounds, window);
      }
    }
  }

  private static Turns turns(Subject subject, Shop shop, Action action, int connections) {
    List<Callers> groups = Callers.guests(
        subject.port(),
        shop.deployment(),
        action,
        connections,
        List.of(Guest.Proofs.NOT_SENT, Guest.Proofs.SENT));
    return new Turns(
        new Turns.Side("unbound", subject::processorTime, groups.getFirst()),
        new Turns.Side("bound", subject::processorTime, groups.getLast()));
  }
}
