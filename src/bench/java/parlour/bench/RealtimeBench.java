package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import parlour.Sid;

/**
 * The cost of a socket of the published client beside our own stream. First messages: guests of both
 * kinds send to the same process in turns, and each waits until its own socket has received the
 * message. Sending is the same call for both. A window begins with the connections of its side, which
 * take the package nine requests more. Then the bytes that one message brings to each kind of socket,
 * and then idle sockets of each kind, each kind in a process of its own.
 *
 * <p>{@code ./dev bench realtime [rounds] [seconds per window] [connections] [idle sockets] [idle
 * seconds]}
 */
public final class RealtimeBench {
  private static final int COUNTED_MESSAGES = 200;

  private RealtimeBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Figures.argument(arguments, 0, 15);
    Duration window = Duration.ofSeconds(Figures.argument(arguments, 1, 6));
    int connections = Figures.argument(arguments, 2, 64);
    int idle = Figures.argument(arguments, 3, 10_000);
    int idleSeconds = Figures.argument(arguments, 4, 60);
    System.out.printf("%s; %d connections%n", Figures.machine(), connections);
    try (Shop shop = Shop.open();
        Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()) {
      Callers own = Callers.guests(
          parlour.port(), shop.deployment(), Action.MESSAGE, connections, Guest.Proofs.NONE);
      Callers sdk = sdk(parlour.port(), shop.deployment(), connections);
      new Turns(
              new Turns.Side("own", parlour::processorTime, own),
              new Turns.Side("sdk", parlour::processorTime, sdk))
          .compare(Action.MESSAGE.inWords(), rounds, window);
      countBytes(parlour.port(), shop.deployment());
    }
    SocketsBench.measure("our own stream", IdleSocket::ofStream, idle, idleSeconds);
    SocketsBench.measure("the published client", IdleSocket::ofSdk, idle, idleSeconds);
  }

  private static Callers sdk(int port, Sid.Deployment deployment, int count) throws IOException {
    List<SdkCaller> callers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SdkCaller caller = new SdkCaller(new Guest(port, deployment));
      caller.close();
      callers.add(caller);
    }
    return new Callers(callers);
  }

  /** Counts what both sockets of one guest receive of the same messages. */
  private static void countBytes(int port, Sid.Deployment deployment) throws IOException {
    try (Guest guest = new Guest(port, deployment);
        Line own = guest.stream();
        SdkLine sdk = guest.sdkStream()) {
      long ownBefore = own.bytesOfMessages();
      long sdkBefore = sdk.line().bytesOfMessages();
      for (int i = 0; i < COUNTED_MESSAGES; i++) {
        long index = GuestCaller.index(guest.say("Is it open on Sundays?", "c" + i));
        sdk.hears(index);
        String frame = "";
        while (!frame.contains("\"index\":" + index + ",")) {
          frame = own.hear();
        }
      }
      System.out.printf(
          "%nbytes on the socket for a message of 22 bytes: own %d, sdk %d%n%n",
          (own.bytesOfMessages() - ownBefore) / COUNTED_MESSAGES,
          (sdk.line().bytesOfMessages() - sdkBefore) / COUNTED_MESSAGES);
    }
  }
}
