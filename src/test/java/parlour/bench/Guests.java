package parlour.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Guests who reload without pause, each on a connection of its own and always with the newest token,
 * so that every refresh is the first use of a generation. Plain sockets: the generator shares the
 * server's cores and must cost little.
 */
final class Guests implements AutoCloseable {

  /** What a window of time brought. */
  record Window(long calls, Duration time, long[] sortedNanos) {
    double perSecond() {
      return calls * 1e9 / time.toNanos();
    }

    double millisAt(double quantile) {
      return sortedNanos[(int) Math.min(sortedNanos.length - 1, sortedNanos.length * quantile)]
          / 1e6;
    }
  }

  private final List<Guest> guests = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Guests(int port, String deploymentKey, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      guests.add(new Guest(port, deploymentKey));
    }
  }

  /** Reloads for this long; any answer but a 200 ends the measurement with an error. */
  Window reload(Duration time) {
    long start = System.nanoTime();
    long end = start + time.toNanos();
    List<Future<List<Long>>> running = new ArrayList<>();
    for (Guest guest : guests) {
      Callable<List<Long>> reloading = () -> guest.reloadUntil(end);
      running.add(threads.submit(reloading));
    }
    long[] nanos = running.stream()
        .flatMap(guest -> get(guest).stream())
        .mapToLong(n -> n)
        .sorted()
        .toArray();
    return new Window(nanos.length, Duration.ofNanos(System.nanoTime() - start), nanos);
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    guests.forEach(Guest::close);
  }

  private static final class Guest {
    private static final String HEADERS = """
        Host: 127.0.0.1
        Origin: https://shop.example.com
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36
        Accept-Language: en-GB,en;q=0.9
        x-twilio-sec-usersettings: {"language":"en-GB","cookieEnabled":true,"userTimezone":-60}
        x-twilio-sec-webchatinfo: {"loginTimestamp":1763800000000}
        x-twilio-sec-decoders: {"audio":["audio/mp4"],"video":["video/webm"]}
        Content-Type: application/json
        """.replace("\n", "\r\n");

    private final Socket socket;
    private final BufferedInputStream in;
    private final String deploymentKey;
    private String token;

    Guest(int port, String deploymentKey) throws IOException {
      this.deploymentKey = deploymentKey;
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream(), 8 * 1024);
      token = call("/v2/Webchat/Init", "{\"deploymentKey\":\"" + deploymentKey + "\"}", "201");
    }

    List<Long> reloadUntil(long end) throws IOException {
      List<Long> nanos = new ArrayList<>();
      long before = System.nanoTime();
      while (before < end) {
        token = call(
            "/v2/Webchat/Token/Refresh",
            "{\"deploymentKey\":\"" + deploymentKey + "\",\"token\":\"" + token + "\"}",
            "200");
        long after = System.nanoTime();
        nanos.add(after - before);
        before = after;
      }
      return nanos;
    }

    /** Returns the token in the answer. */
    private String call(String path, String body, String status) throws IOException {
      String request = "POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s"
          .formatted(path, HEADERS, body.length(), body);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String first = line();
      int length = 0;
      for (String header = line(); !header.isEmpty(); header = line()) {
        if (header.startsWith("Content-Length: ")) {
          length = Integer.parseInt(header.substring("Content-Length: ".length()));
        }
      }
      String answer = new String(in.readNBytes(length), StandardCharsets.US_ASCII);
      if (!first.startsWith("HTTP/1.1 " + status)) {
        throw new IllegalStateException(first + ": " + answer);
      }
      int from = answer.indexOf("\"token\":\"") + "\"token\":\"".length();
      return answer.substring(from, answer.indexOf('"', from));
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      int c;
      while ((c = in.read()) >= 0 && c != '\n') {
        if (c != '\r') {
          line.append((char) c);
        }
      }
      if (c < 0) {
        throw new IOException("the server hung up");
      }
      return line.toString();
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
