package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.spec.Installation.Shape;

/** Sockets whose other side is gone are closed, and only those. Takes as long as a ping does. */
class SignOfLifeTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  @Test
  void a_client_that_is_continuously_receiving_is_pinged() throws Exception {
    Guest guest = installations.in(Shape.ONE_PROCESS).guest().starts();
    List<@Nullable Object> heard = new ArrayList<>();
    long end =
        System.nanoTime() + Limits.SOCKET_PING.plus(Limits.FOLLOW_TIMEOUT).toNanos();
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(1))) {
      for (int said = 0; !heard.contains("ping") && System.nanoTime() < end; said++) {
        guest.says("still here", "n" + said);
        socket.receivesWithin(Limits.FOLLOW_TIMEOUT).ifPresent(one -> heard.add(one.get("type")));
        Thread.sleep(500);
      }
    }
    assertThat(heard).contains("message", "ping");
  }

  /** The published client sends nothing by itself; it acknowledges each frame, also of this kind. */
  @Test
  void a_client_of_the_published_package_is_pinged() throws Exception {
    Installation installation = installations.in(Shape.ONE_PROCESS);
    try (SdkSocket socket =
        PageSocket.open(installation).enters(installation.guest().starts())) {
      assertThat(socket.next().method()).isEqualTo("ping");
    }
  }
}
