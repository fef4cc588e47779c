package parlour.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import parlour.http.server.WireSocket;
import parlour.spec.Browser;
import parlour.spec.SdkSocket;

/**
 * Strangers at one address, who attack in 14 ways at once. Each attack starts again when it is cut
 * off, and is a closed loop: it runs as fast as the server allows.
 */
final class Flood implements AutoCloseable {
  private static final String FROM = "127.0.0.2";
  /** Part of a body of 256 KiB. */
  private static final byte[] NEARLY_ALL = "x".repeat(262_143).getBytes(StandardCharsets.US_ASCII);

  private static final int FILE_BYTES = 16 << 20;
  private static final String CONFIGURATION = "/Client/v2/Configuration";

  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private final InetSocketAddress target;
  private final String deploymentKey;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, AtomicLong> starts = new ConcurrentHashMap<>();
  private final Map<Socket, Boolean> open = new ConcurrentHashMap<>();
  private volatile boolean over;

  /** One round of an attack; if it fails, the attack starts again. */
  @FunctionalInterface
  private interface Attack {
    void on(Socket socket) throws Exception;
  }

  Flood(URI edge, String deploymentKey) {
    this.target = new InetSocketAddress(edge.getHost(), edge.getPort());
    this.deploymentKey = deploymentKey;
  }

  /**
   * @param tokens of two sessions of the attacker's, one of which has sent as much as it may
   * @param conversation of that session
   */
  void begin(List<String> tokens, String conversation) {
    String longest = tokens.getFirst();
    many("pings", CORES, 100, socket -> frames(socket, "", "\u0089\u0080\0\0\0\0"));
    many(
        "fragments",
        CORES,
        100,
        socket -> frames(socket, "\u0001\u0081\0\0\0\0x", "\0\u0080\0\0\0\0"));
    many("slow readers", 64, 100, socket -> readSlowly(socket, longest));
    many("silent sockets", 48, 100, socket -> neverRead(socket, longest));
    many("slow bodies", 264, 4_000, socket -> stall(socket, longest)); // 17 MB a second
    many("half headers", 300, 100, this::neverEnd);
    many("connects", 2, 2, socket -> {});
    many("new chats", 2, 20, this::create);
    many("messages", 2, 20, socket -> say(socket, tokens.getLast()));
    many("fast readers", 4, 5, socket -> read(socket, tokens.getLast()));
    many("slow uploads", 48, 100, socket -> uploadSlowly(socket, longest));
    many("uploads", 2, 20, socket -> upload(socket, tokens.getLast()));
    many("published client: frames", CORES, 100, socket -> repeat(socket, longest, CONFIGURATION));
    String pages = "/v3/Lists/" + conversation + ".messages/Items";
    many("published client: pages", 16, 100, socket -> repeat(socket, longest, pages));
  }

  private void many(String name, int times, int pauseMillis, Attack attack) {
    AtomicLong count = starts.computeIfAbsent(name, _ -> new AtomicLong());
    for (int i = 0; i < times; i++) {
      threads.add(Thread.ofVirtual().name(name).start(() -> {
        while (!over) {
          try (Socket socket = connect()) {
            open.put(socket, true);
            attack.on(socket);
            open.remove(socket);
          } catch (Exception cutOff) {
            // as it should be
          }
          count.incrementAndGet();
          pause(pauseMillis);
        }
      }));
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4 * 1024);
    socket.bind(new InetSocketAddress(InetAddress.ofLiteral(FROM), 0));
    socket.connect(target, 5_000);
    socket.setSoTimeout(60_000);
    return socket;
  }

  // ---- the attacks

  /** A socket without a hello, and then the same frame for as long as the server accepts it. */
  private void frames(Socket socket, String first, String frame) throws Exception {
    upgrade(socket);
    send(socket, first);
    byte[] many = frame.repeat(2_000).getBytes(StandardCharsets.ISO_8859_1);
    OutputStream out = socket.getOutputStream();
    while (!over) {
      out.write(many);
      InputStream in = socket.getInputStream();
      in.skipNBytes(in.available());
    }
  }

  private void upgrade(Socket socket) throws IOException {
    upgrade(socket, "/v2/Webchat/Stream");
  }

  private void upgrade(Socket socket, String path) throws IOException {
    send(
        socket,
        "GET " + path + " HTTP/1.1\r\nHost: x\r\nOrigin: " + Edges.ORIGIN + "\r\n" + signals()
            + WireSocket.HANDSHAKE + "\r\n");
    readHead(socket);
  }

  private void readSlowly(Socket socket, String token) throws Exception {
    send(socket, history(token));
    InputStream in = socket.getInputStream();
    while (!over && in.read() >= 0) {
      pause(5);
    }
  }

  private void neverRead(Socket socket, String token) throws Exception {
    upgrade(socket);
    String hello = """
        {"type":"hello","deploymentKey":"%s","token":"%s","signals":%s,"after":-1}""".formatted(deploymentKey, token, jsonSignals());
    send(
        socket,
        (char) 0x81 + "" + (char) (0x80 | 126) + (char) (hello.length() >> 8)
            + (char) (hello.length() & 0xff) + "\0\0\0\0" + hello);
    while (!over) {
      pause(200);
      send(socket, ""); // fails when it was cut off
    }
  }

  private void stall(Socket socket, String token) throws Exception {
    send(
        socket,
        "POST /v2/Webchat/Messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + authorization(token) + signals() + "Content-Length: 262144\r\n\r\n");
    socket.getOutputStream().write(NEARLY_ALL);
    readHead(socket);
  }

  /** A file of the greatest length that comes as slowly as the server allows. */
  private void uploadSlowly(Socket socket, String token) throws Exception {
    send(socket, uploadHead(token, FILE_BYTES));
    while (!over) {
      socket.getOutputStream().write(NEARLY_ALL, 0, 64 * 1024);
      pause(3_000);
    }
  }

  private void upload(Socket socket, String token) throws Exception {
    send(socket, uploadHead(token, NEARLY_ALL.length));
    socket.getOutputStream().write(NEARLY_ALL);
    readHead(socket);
  }

  private String uploadHead(String token, int length) {
    return "POST /v2/Webchat/Media?Filename=a.txt HTTP/1.1\r\nHost: x\r\n"
        + "Content-Type: text/plain\r\n" + authorization(token) + signals() + "Content-Length: "
        + length + "\r\n\r\n";
  }

  /** A socket of the published client that makes the same request, and reads no answer. */
  private void repeat(Socket socket, String token, String path) throws Exception {
    upgrade(socket, "/v3/wsconnect");
    OutputStream out = socket.getOutputStream();
    out.write(binary(Map.of("method", "init", "id", "TM0", "token", token)));
    byte[] request = binary(Map.of(
        "method",
        "message",
        "id",
        "TM1",
        "http_request",
        Map.of("path", path, "method", "GET", "params", Map.of("PageSize", "100"))));
    while (!over) {
      out.write(request);
    }
  }

  /** A binary message with a mask of zeros. */
  private static byte[] binary(Map<String, Object> header) {
    byte[] frame = SdkSocket.Frame.bytes(header, new byte[0]);
    return ByteBuffer.allocate(8 + frame.length)
        .put((byte) 0x82)
        .put((byte) (0x80 | 126))
        .putShort((short) frame.length)
        .putInt(0)
        .put(frame)
        .array();
  }

  private void neverEnd(Socket socket) throws Exception {
    send(socket, "GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(14_000));
    while (!over) {
      pause(1_000);
      send(socket, "x");
    }
  }

  private void create(Socket socket) throws Exception {
    exchange(socket, "POST /v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"Mallory"}""".formatted(deploymentKey), "");
  }

  private void say(Socket socket, String token) throws Exception {
    exchange(
        socket,
        "POST /v2/Webchat/Messages",
        """
        {"body":"%s","client_id":"%s"}""".formatted("x".repeat(8_000), System.nanoTime()),
        token);
  }

  private void read(Socket socket, String token) throws Exception {
    send(socket, history(token));
    socket.getInputStream().readAllBytes();
  }

  // ---- the wire

  private void exchange(Socket socket, String call, String body, String token) throws IOException {
    send(
        socket,
        call + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: " + Edges.ORIGIN
            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n"
            + (token.isEmpty() ? "" : authorization(token)) + signals() + "\r\n" + body);
    socket.getInputStream().readAllBytes();
  }

  private String history(String token) {
    return "GET /v2/Webchat/Messages?limit=100 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: "
        + Edges.ORIGIN + "\r\n" + authorization(token) + signals() + "\r\n";
  }

  private String authorization(String token) {
    return "Authorization: Bearer " + token + "\r\nWebchat-Deployment-Key: " + deploymentKey
        + "\r\n";
  }

  private static String signals() {
    var headers = new StringBuilder();
    Browser.CHROME_ON_WINDOWS
        .headers()
        .forEach((name, value) -> headers.append(name + ": " + value + "\r\n"));
    return headers.toString();
  }

  private static String jsonSignals() {
    var json = new StringBuilder("{");
    Browser.CHROME_ON_WINDOWS.headers().forEach((name, value) -> {
      if (name.startsWith("x-")) {
        json.append(json.length() > 1 ? "," : "")
            .append("\"%s\":\"%s\"".formatted(name, value.replace("\"", "\\\"")));
      }
    });
    return json.append("}").toString();
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void readHead(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    int matched = 0;
    while (matched < 4) {
      int next = in.read();
      if (next < 0) {
        throw new SocketException("closed");
      }
      matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
    }
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Counts how often each attack started and ended. */
  Map<String, Long> starts() {
    Map<String, Long> all = new TreeMap<>();
    starts.forEach((name, count) -> all.put(name, count.get()));
    return all;
  }

  @Override
  public void close() {
    over = true;
    for (Thread thread : threads) {
      thread.interrupt();
    }
    for (Socket socket : open.keySet()) {
      try {
        socket.close();
      } catch (IOException closed) {
        // it is closed
      }
    }
    try {
      for (Thread thread : threads) {
        thread.join(10_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
