package parlour.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of 127.0.0.1 that stay free until a test listens there, and while the test starts a server
 * again. They are below those that a system gives to outgoing connections (32768 on Linux), because
 * other test processes run meanwhile. Each process that Maven starts has a range of
 * its own.
 */
public final class Ports {
  private static final int PROCESSES = 10;
  private static final int COUNT = 2_000;

  /** Maven numbers its test processes from 1. */
  private static final int FIRST =
      12_000 + COUNT * (Integer.getInteger("tests.process", 0) % PROCESSES);

  private static final AtomicInteger next =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private Ports() {}

  public static int free() {
    while (true) {
      int port = FIRST + Math.floorMod(next.getAndIncrement(), COUNT);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (BindException taken) {
        // try the next one
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
