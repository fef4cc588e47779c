package parlour.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Handles SIGTERM and SIGINT: the first one requests a clean stop, a second one stops at once.
 *
 * <p>A shutdown hook cannot do this: during a hook a second signal has no effect, and after a clean
 * stop the exit code would be 143, which service managers show as a failure.
 */
final class StopSignals implements AutoCloseable {
  private final CountDownLatch requested = new CountDownLatch(1);
  private final Map<Object, Object> before = new LinkedHashMap<>();

  private StopSignals() {}

  static StopSignals listen() {
    StopSignals signals = new StopSignals();
    for (String name : List.of("TERM", "INT")) {
      Object signal = Jdk.signal(name);
      signals.before.put(signal, Jdk.handle(signal, Jdk.handler(signals::received)));
    }
    return signals;
  }

  /** Returns when a stop is requested, by a signal or by an interrupt. */
  void await() {
    try {
      requested.await();
    } catch (InterruptedException e) {
      // Not restored: an interrupted thread could not stop cleanly.
    }
  }

  private void received(int number) {
    if (requested.getCount() == 0) {
      Runtime.getRuntime().halt(128 + number);
    }
    requested.countDown();
  }

  @Override
  public void close() {
    before.forEach(Jdk::handle);
  }

  /**
   * sun.misc.Signal, which the module jdk.unsupported exports. It is called by reflection, because
   * javac warns of each use of its name, and no option suppresses that.
   */
  private static final class Jdk {

    interface Receiver {
      void received(int number);
    }

    static Object signal(String name) {
      return call(() -> type("Signal").getConstructor(String.class).newInstance(name));
    }

    /** Returns the handler that was there before. */
    static Object handle(Object signal, Object handler) {
      Method handle =
          call(() -> type("Signal").getMethod("handle", type("Signal"), type("SignalHandler")));
      return call(() -> handle.invoke(null, signal, handler));
    }

    static Object handler(Receiver receiver) {
      return call(() -> Proxy.newProxyInstance(
          Jdk.class.getClassLoader(),
          new Class<?>[] {type("SignalHandler")},
          (proxy, method, arguments) -> {
            if (!method.getName().equals("handle")) {
              return method.invoke(receiver, arguments); // those of Object
            }
            receiver.received((int) type("Signal").getMethod("getNumber").invoke(arguments[0]));
            return null;
          }));
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
      return Class.forName("sun.misc." + name);
    }

    private interface Reflection<T> {
      T value() throws ReflectiveOperationException;
    }

    private static <T> T call(Reflection<T> reflection) {
      try {
        return reflection.value();
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this JDK has no sun.misc.Signal", e);
      }
    }
  }
}
