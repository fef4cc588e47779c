package parlour.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import parlour.chaos.Edges.Reply;
import parlour.http.json.Json;
import parlour.spec.AtOnce;
import parlour.spec.Browser;
import parlour.spec.GuestSocket;
import parlour.spec.SdkSocket;

/**
 * A guest who reloads, opens second tabs, loses answers, writes and listens, through any edge that
 * answers. Keeps the acknowledged messages, and reports each violation of an honest guest's rights.
 */
final class HonestGuest {
  private static final Browser BROWSER = Browser.CHROME_ON_WINDOWS;

  /** Shorter than the server repeats a send, so that its result often stays unknown. */
  private static final Duration SOCKET_PATIENCE = Duration.ofSeconds(5);

  /** A superseded token, and when its successor was used. */
  record Superseded(String token, long usedNanos) {}

  private final String name;
  private final Edges edges;
  private final String deploymentKey;
  private final Random random;
  private final Queue<String> violations;
  private final List<String> acknowledged = new ArrayList<>();
  private final List<Superseded> superseded = new ArrayList<>();
  private final Map<Long, String> heard = new TreeMap<>();
  private String token = "";
  private String conversation = "";
  private final Map<String, String> files = new LinkedHashMap<>();
  private int sent;
  private int socketSends;
  private int reloads;
  private volatile boolean silent;
  private volatile boolean over;
  private volatile @Nullable SdkListener packageListener;

  HonestGuest(String name, Edges edges, String deploymentKey, long seed, Queue<String> violations) {
    this.name = name;
    this.edges = edges;
    this.deploymentKey = deploymentKey;
    this.random = new Random(seed);
    this.violations = violations;
  }

  // ---- called by the test

  void starts() {
    Reply begun = sure(
        "POST", "/v2/Webchat/Init", Edges.headers(BROWSER), """
        {"deploymentKey":"%s","customerFriendlyName":"%s"}""".formatted(deploymentKey, name));
    if (begun.status() != 201) {
      throw new IllegalStateException(name + " cannot start: " + begun);
    }
    token = begun.text("token");
    conversation = begun.text("conversation_sid");
  }

  /** Acts until it falls silent. All of its calls are legitimate. */
  void lives() {
    while (!silent) {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> says();
        case 4, 5 -> reloads();
        case 6 -> losesTheAnswer();
        case 7 -> hasTwoTabs();
        case 8 -> readsOrUploads();
        default -> looksBack();
      }
      rest(30 + random.nextInt(250));
    }
  }

  /**
   * Listens until the end, on one socket after the other. Each continues after the last revision.
   */
  void listens() throws InterruptedException {
    long revision = -1;
    while (!over) {
      try (GuestSocket socket = GuestSocket.open(edges.any(random), BROWSER, Edges.ORIGIN)) {
        socket.says(hello(revision));
        while (!over) {
          Optional<Map<String, @Nullable Object>> frame =
              socket.receivesWithin(Duration.ofSeconds(2));
          if (frame.isEmpty()) {
            if (socket.isOver()) {
              break;
            }
            continue;
          }
          if (frame.get().get("revision") instanceof Long reached
              && !"welcome".equals(frame.get().get("type"))) {
            if (reached < revision) {
              violations.add(name + " received revision " + reached + " after " + revision);
            }
            revision = reached;
          }
          if ("token_superseded".equals(frame.get().get("type"))) {
            socket.says(newestToken());
          }
          receives(frame.get());
        }
      } catch (CompletionException | IllegalStateException | AssertionError noConnection) {
        rest(100 + random.nextInt(300));
      }
    }
  }

  /** The same on the sockets of the published client. */
  void listensWithClientPackage() {
    SdkListener listener = new SdkListener(conversation, this::token, new SdkListener.Listening() {
      @Override
      public void receives(long index, String body) {
        notes(index, body);
      }

      @Override
      public void isViolated(String right) {
        violations.add(name + " " + right);
      }
    });
    packageListener = listener;
    while (!over) {
      try {
        listener.listens(edges.any(random));
      } catch (IOException | IllegalStateException noConnection) {
        rest(100 + random.nextInt(300));
      }
    }
  }

  /** Finishes its current action, and continues to listen. */
  void fallsSilent() {
    silent = true;
  }

  void stopsListening() {
    over = true;
    SdkListener listener = packageListener;
    if (listener != null) {
      listener.stops();
    }
  }

  /** The tokens that a thief could copy. */
  synchronized String token() {
    return token;
  }

  synchronized List<Superseded> superseded() {
    return List.copyOf(superseded);
  }

  String name() {
    return name;
  }

  String conversation() {
    return conversation;
  }

  String deploymentKey() {
    return deploymentKey;
  }

  synchronized List<String> acknowledged() {
    return List.copyOf(acknowledged);
  }

  /** Records another author's acknowledged message of this conversation. */
  synchronized void acknowledge(String body) {
    acknowledged.add(body);
  }

  /** The received messages, ordered by index. */
  synchronized Map<Long, String> received() {
    return new TreeMap<>(heard);
  }

  /** Whether this guest has received the log, or receives it within this time. */
  boolean receives(List<String> log, Duration within) {
    long giveUp = System.nanoTime() + within.toNanos();
    while (received().size() < log.size() && System.nanoTime() < giveUp) {
      rest(50);
    }
    return List.copyOf(received().values()).equals(log);
  }

  int reloaded() {
    return reloads;
  }

  /** Reads the whole log by pages. All parts are up, so each call must succeed. */
  List<Map<?, ?>> history() {
    List<Map<?, ?>> all = new ArrayList<>();
    long after = -1;
    boolean more = true;
    while (more) {
      Reply page = sure(
          "GET",
          "/v2/Webchat/Messages?limit=100&after=" + after,
          Edges.headers(BROWSER, deploymentKey, token()),
          null);
      if (page.status() != 200) {
        throw new IllegalStateException(name + " cannot read: " + page);
      }
      for (Object one : (List<?>) Objects.requireNonNull(page.json().get("messages"))) {
        all.add((Map<?, ?>) one);
        after = (Long) Objects.requireNonNull(((Map<?, ?>) one).get("index"));
      }
      more = Boolean.TRUE.equals(page.json().get("has_more"));
    }
    return all;
  }

  /** Whether this guest still has a valid session at the end. */
  boolean canReload() {
    return sure("POST", "/v2/Webchat/Token/Refresh", Edges.headers(BROWSER), refresh(token()))
            .status()
        == 200;
  }

  // ---- the guest's actions

  /** Sends a message with the same ID until it is acknowledged. */
  private void says() {
    String body = name + " says " + sent++;
    String message = """
        {"body":"%s","client_id":"%s"}""".formatted(body, body.replace(' ', '-'));
    boolean hasClientPackage = packageListener != null;
    while (!silent) {
      boolean isSent = (hasClientPackage && random.nextBoolean())
          ? sendsOnSocket(body)
          : isDone(authorized("POST", "/v2/Webchat/Messages", message));
      if (isSent) {
        acknowledge(body);
        return;
      }
      rest(50 + random.nextInt(200));
    }
  }

  private static boolean isDone(Optional<Reply> reply) {
    return reply.isPresent() && (reply.get().status() == 201 || reply.get().status() == 200);
  }

  /** Sends a message as the published client does, under the same ID as a call. */
  private boolean sendsOnSocket(String body) {
    try (BinarySocket wire = new BinarySocket(edges.any(random), BROWSER, Edges.ORIGIN);
        SdkSocket socket = new SdkSocket(wire)) {
      wire.isLostAfter(SOCKET_PATIENCE);
      long admitted = socket.init(token());
      long status =
          admitted == 200 ? socket.sends(conversation, body, body.replace(' ', '-')) : admitted;
      if (status >= 400 && status != 429 && status != 503) {
        violations.add(name + " was refused on the realtime socket: " + status);
      }
      if (status == 201) {
        socketSends++;
      }
      return status == 201;
    } catch (IOException noConnection) {
      return false;
    }
  }

  /** Sends a message with a file; the file is repeated with the same ID until it is acknowledged. */
  private void uploads() {
    String file = name + "-file-" + sent++;
    String content = (file + "\n").repeat(300_000 / (file.length() + 1)); // several chunks
    String path = "/v2/Webchat/Media?Filename=list.txt&ClientId=" + file;
    while (!silent) {
      Map<String, String> headers = Edges.headers(BROWSER, deploymentKey, token());
      headers.put("Content-Type", "text/plain");
      Optional<Reply> reply = edges.call(edges.any(random), "POST", path, headers, content);
      if (isDone(reply)) {
        sendsFile(reply.get().text("sid"), file, content);
        return;
      }
      if (reply.isPresent() && reply.get().status() == 409) {
        return; // too many uploads whose answers were lost
      }
      if (reply.isPresent() && reply.get().status() != 408) { // the edge was paused
        var _ = noted("POST", path, reply);
      }
      rest(50 + random.nextInt(200));
    }
  }

  private void sendsFile(String sid, String body, String content) {
    String message = """
        {"body":"%s","client_id":"%s","media_sids":["%s"]}""".formatted(body, body, sid);
    while (!silent) {
      if (isDone(authorized("POST", "/v2/Webchat/Messages", message))) {
        acknowledge(body);
        synchronized (this) {
          files.put(sid, content);
        }
        return;
      }
      rest(50 + random.nextInt(200));
    }
  }

  /** Opens the files of acknowledged messages; returns their number. All parts are up. */
  int opensFiles() {
    Map<String, String> sentFiles;
    synchronized (this) {
      sentFiles = Map.copyOf(files);
    }
    sentFiles.forEach((sid, content) -> {
      Reply file = sure(
          "GET", "/v2/Webchat/Media/" + sid, Edges.headers(BROWSER, deploymentKey, token()), null);
      Map<?, ?> links = (Map<?, ?>) Objects.requireNonNull(file.json().get("links"));
      String link = String.valueOf(links.get("content_direct_temporary"));
      if (!sure("GET", link, Map.of(), null).body().equals(content)) {
        violations.add(name + " opens another file than " + sid);
      }
    });
    return sentFiles.size();
  }

  int socketSends() {
    return socketSends;
  }

  private void reloads() {
    String before = token();
    refreshed(before).ifPresent(next -> adopt(before, next));
  }

  /** The server renews the token, and the browser never gets the answer. */
  private void losesTheAnswer() {
    var _ = refreshed(token());
  }

  /** Two tabs refresh the same token; the browser continues with the answer that it stored last. */
  private void hasTwoTabs() {
    String before = token();
    List<Optional<String>> answers = AtOnce.run(2, tab -> refreshed(before));
    answers
        .get(random.nextInt(2))
        .or(() -> answers.get(0))
        .or(() -> answers.get(1))
        .ifPresent(next -> adopt(before, next));
  }

  private void readsOrUploads() {
    if (random.nextBoolean()) {
      reads();
    } else {
      uploads();
    }
  }

  private void reads() {
    var _ = authorized("POST", "/v2/Webchat/Read", "{\"index\":" + random.nextInt(50) + "}");
  }

  private void looksBack() {
    var _ = authorized("GET", "/v2/Webchat/Messages?limit=20", null);
  }

  private void adopt(String before, String next) {
    synchronized (this) {
      token = next;
    }
    // This use supersedes the token before it.
    Optional<Reply> used = authorized("GET", "/v2/Webchat/Messages?limit=1", null);
    if (used.isPresent() && used.get().status() == 200) {
      synchronized (this) {
        superseded.add(new Superseded(before, System.nanoTime()));
      }
    }
    reloads++;
  }

  private Optional<String> refreshed(String with) {
    Optional<Reply> reply = noted(
        "POST",
        "/v2/Webchat/Token/Refresh",
        edges.call(
            edges.any(random),
            "POST",
            "/v2/Webchat/Token/Refresh",
            Edges.headers(BROWSER),
            refresh(with)));
    return reply.filter(known -> known.status() == 200).map(known -> known.text("token"));
  }

  private Optional<Reply> authorized(String method, String path, @Nullable String body) {
    Map<String, String> headers = Edges.headers(BROWSER, deploymentKey, token());
    return noted(method, path, edges.call(edges.any(random), method, path, headers, body));
  }

  /** Each answer but success and a request to retry is a violation. */
  private Optional<Reply> noted(String method, String path, Optional<Reply> reply) {
    if (reply.isPresent() && reply.get().status() >= 400 && !reply.get().isPassing()) {
      violations.add("%s: %s %s: %d %s"
          .formatted(name, method, path, reply.get().status(), reply.get().body()));
    }
    return reply;
  }

  private synchronized void receives(Map<String, @Nullable Object> frame) {
    if ("refused".equals(frame.get("type")) && !"retry".equals(frame.get("action"))) {
      violations.add(name + " was refused on the socket: " + frame);
    }
    if (frame.get("message") instanceof Map<?, ?> message) {
      notes(
          (Long) Objects.requireNonNull(message.get("index")), String.valueOf(message.get("body")));
    }
  }

  private synchronized void notes(long index, String body) {
    if (heard.put(index, body) != null) {
      violations.add(name + " received twice: " + body);
    }
  }

  /** The first frame of a page on a socket. */
  String hello(long after) {
    Map<String, Object> signals = new LinkedHashMap<>(BROWSER.headers());
    signals.keySet().removeIf(header -> !header.startsWith("x-"));
    Map<String, Object> hello = new LinkedHashMap<>();
    hello.put("type", "hello");
    hello.put("deploymentKey", deploymentKey);
    hello.put("token", token());
    hello.put("signals", signals);
    hello.put("after", after);
    return new String(Json.write(hello), StandardCharsets.UTF_8);
  }

  /** The answer to a request for a token: the one that the browser stored last. */
  private String newestToken() {
    return new String(
        Json.write(Map.of("type", "token", "token", token())), StandardCharsets.UTF_8);
  }

  private String refresh(String with) {
    return Edges.refresh(deploymentKey, with);
  }

  /** Repeats a call until there is an answer. */
  private Reply sure(
      String method, String path, Map<String, String> headers, @Nullable String body) {
    long giveUp = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      Optional<Reply> reply = edges.call(edges.any(random), method, path, headers, body);
      if (reply.isPresent() && !reply.get().isPassing()) {
        return reply.get();
      }
      if (System.nanoTime() > giveUp) {
        throw new IllegalStateException(name + " gets no answer: " + path + " " + reply);
      }
      rest(100);
    }
  }

  private static void rest(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
