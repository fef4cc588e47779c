package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import parlour.LongForm;
import parlour.config.Role;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/**
 * Guests, agents and servers write, send again, edit, remove, read and come and go, all at once,
 * while sockets drop and processes restart: what a follower received, replayed and live, is the
 * log, without a gap, a repeat or a wrong order, and every message that was acknowledged is in it
 * once.
 *
 * <p>To repeat a run's choices: {@code ./dev -Dtest=MessagesPropertyTest -Dparlour.seed=…}.
 */
class MessagesPropertyTest {
  private static final int GUESTS = 3;
  private static final int SENDS = 16;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final long SEED = Long.getLong("parlour.seed", new Random().nextLong());

  @ParameterizedTest
  @InBothShapes
  @LongForm(instead = "the test in which the process is killed")
  void replay_and_live_are_the_log_while_processes_restart(Shape shape) throws Exception {
    try (Installation installation = Installation.start(shape)) {
      installation.edgeIs(installation.edge()); // it stays there, and is not looked up meanwhile
      Role[] roles = Role.values();
      new World(installation, "seed " + SEED + ", " + shape)
          .lives(random -> installation.restart(roles[random.nextInt(roles.length)]), 3);
    }
  }

  @Test
  @LongForm(instead = "KilledTest, SqliteFileTest and WakeUpsTest")
  void replay_and_live_are_the_log_while_the_process_is_killed() throws Exception {
    try (Installation installation = Installation.start(Shape.ONE_PROCESS)) {
      installation.stop(Role.STARSHIP); // all of it: it has made the folder that we go on with
      int port = Ports.free();
      installation.edgeIs(URI.create("http://127.0.0.1:" + port));
      Process[] process = {KilledTest.started(installation, port, Duration.ZERO)};
      try {
        new World(installation, "seed " + SEED + ", killed")
            .lives(
                random -> {
                  KilledTest.kill(process[0]);
                  process[0] = KilledTest.started(installation, port, Duration.ZERO);
                },
                2);
      } finally {
        KilledTest.kill(process[0]);
      }
    }
  }

  /** Something that happens to processes. */
  private interface Mishap {
    void happen(Random random) throws Exception;
  }

  /** All who take part, and what they know. */
  private static final class World {
    private final Installation installation;
    private final String name;
    private final List<Chat> chats = new ArrayList<>();
    private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();

    World(Installation installation, String name) {
      this.installation = installation;
      this.name = name;
    }

    void lives(Mishap mishap, int mishaps) throws Exception {
      System.out.println("MessagesPropertyTest: " + name);
      Random random = new Random(SEED);
      Agent agent = new Agent(installation);
      for (int i = 0; i < GUESTS; i++) {
        chats.add(new Chat(installation, agent, random.nextLong()));
      }
      CountDownLatch writing = new CountDownLatch(3 * GUESTS);
      List<Follower> followers = new ArrayList<>();
      for (Chat chat : chats) {
        starts(writing, random.nextLong(), chat::guestLives);
        starts(writing, random.nextLong(), chat::serverLives);
        starts(writing, random.nextLong(), chat::agentLives);
        for (boolean fromHistory : new boolean[] {false, false, true}) {
          Follower follower = new Follower(chat, fromHistory, random.nextLong());
          followers.add(follower);
          follower.start(wrong);
        }
      }
      for (int i = 0; i < mishaps; i++) {
        Thread.sleep(Duration.ofMillis(200 + random.nextInt(500)));
        mishap.happen(random);
      }
      boolean done = writing.await(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
      assertThat(wrong).as(name).isEmpty();
      assertThat(done).as("%s: all writers came to their end", name).isTrue();
      for (Chat chat : chats) {
        chat.ends();
      }
      for (Follower follower : followers) {
        follower.finish();
      }
      assertThat(wrong).as(name).isEmpty();
      for (Chat chat : chats) {
        chat.compareAll(name);
      }
      for (Follower follower : followers) {
        follower.compare(name);
      }
      // A loop in which nothing is ever lost would prove little.
      assertThat(followers.stream().mapToInt(follower -> follower.sockets).sum())
          .as("%s: sockets opened", name)
          .isGreaterThan(3 * followers.size());
    }

    private void starts(
        CountDownLatch writing, long seed, java.util.function.Consumer<Random> life) {
      Thread.ofVirtual().start(() -> {
        try {
          life.accept(new Random(seed));
        } catch (Throwable failure) {
          wrong.add(failure);
        } finally {
          writing.countDown();
        }
      });
    }
  }

  /** A message as its sender knows it once it is acknowledged. */
  private record Sent(String by, String clientId, String sid, long index, String body) {}

  /** A conversation with its guest, the account's server and an agent, and the answers they got. */
  private static final class Chat {
    private final Installation installation;
    private final Agent agent;
    private final String prefix;
    final Guest guest;
    private final Queue<Sent> acknowledged = new ConcurrentLinkedQueue<>();

    /** The texts that the one server gave to messages, by their sids; empty: removed. */
    private final Map<String, Optional<String>> changed = new TreeMap<>();

    Chat(Installation installation, Agent agent, long number) {
      this.installation = installation;
      this.agent = agent;
      this.prefix = Long.toHexString(number);
      this.guest = installation.guest().starts();
    }

    // ---- what they do

    void guestLives(Random random) {
      for (int i = 0; i < SENDS; i++) {
        String clientId = "g" + i;
        String body = prefix + " guest " + i;
        sends("guest", clientId, body, random, () -> guest.says(body, clientId));
        switch (random.nextInt(6)) {
          case 0 -> again(random);
          case 1 ->
            done(
                200,
                () -> guest.posts(
                    "/v2/Webchat/Read", "{\"index\":%d}".formatted(random.nextInt(SENDS))));
          case 2 -> done(204, () -> guest.posts("/v2/Webchat/Typing", "{}"));
          case 3 -> done(200, guest::reloads);
          default -> pause(random);
        }
      }
    }

    /** A message of the guest's that was acknowledged before: it is answered by what was kept. */
    private void again(Random random) {
      List<Sent> mine =
          acknowledged.stream().filter(sent -> sent.by().equals("guest")).toList();
      Sent sent = mine.get(random.nextInt(mine.size()));
      Reply reply = done(200, () -> guest.says("louder", sent.clientId()));
      assertThat(reply.text("sid")).isEqualTo(sent.sid());
    }

    void serverLives(Random random) {
      for (int i = 0; i < SENDS; i++) {
        String clientId = "s" + i;
        String body = prefix + " server " + i;
        sends(
            "server",
            clientId,
            body,
            random,
            () -> server(
                "POST", "/Messages", form("Author", "bot", "Body", body, "ClientId", clientId)));
        switch (random.nextInt(5)) {
          case 0 -> edits(random, i);
          case 1 -> removes(random);
          case 2 -> {
            // 409 and 404 where an answer was lost.
            until(
                () -> server("POST", "/Participants", form("Identity", "helper")),
                answer -> answer.status() == 201 || answer.status() == 409);
            until(
                () -> server("DELETE", "/Participants/helper", ""),
                answer -> answer.status() == 204 || answer.status() == 404);
          }
          case 3 -> server(200, "POST", "", form("Attributes", "{\"step\":" + i + "}"));
          default -> pause(random);
        }
      }
    }

    private void edits(Random random, int number) {
      Sent some = some(random);
      if (changed.getOrDefault(some.sid(), Optional.of("")).isEmpty()) {
        server(404, "POST", "/Messages/" + some.sid(), form("Body", "too late"));
        return;
      }
      String body = prefix + " edited " + number;
      server(200, "POST", "/Messages/" + some.sid(), form("Body", body));
      changed.put(some.sid(), Optional.of(body));
    }

    private void removes(Random random) {
      Sent some = some(random);
      Reply reply = until(
          () -> server("DELETE", "/Messages/" + some.sid(), ""),
          answer -> answer.status() == 204 || answer.status() == 404);
      assertThat(reply.status()).isIn(204, 404);
      changed.put(some.sid(), Optional.empty());
    }

    private Sent some(Random random) {
      List<Sent> all = List.copyOf(acknowledged);
      return all.get(random.nextInt(all.size()));
    }

    void agentLives(Random random) {
      for (int i = 0; i < SENDS; i++) {
        String clientId = "a" + i;
        String body = prefix + " agent " + i;
        sends(
            "agent",
            clientId,
            body,
            random,
            () -> agent.posts(
                guest.conversation() + "/messages",
                "{\"body\":\"%s\",\"client_id\":\"%s\"}".formatted(body, clientId)));
        switch (random.nextInt(4)) {
          case 0 ->
            done(
                204,
                () -> agent.posts(
                    guest.conversation() + "/read",
                    "{\"index\":%d}".formatted(random.nextInt(2 * SENDS))));
          case 1 -> done(204, () -> agent.posts(guest.conversation() + "/typing", "{}"));
          default -> pause(random);
        }
      }
    }

    /**
     * Until it is acknowledged, now and then by several at once; they all must mean one message.
     */
    private void sends(
        String by, String clientId, String body, Random random, Supplier<Reply> sending) {
      int atOnce = random.nextInt(4) == 0 ? 3 : 1;
      List<Reply> replies = AtOnce.run(
          atOnce, i -> until(sending, answer -> answer.status() == 201 || answer.status() == 200));
      Set<String> sids = new HashSet<>();
      for (Reply reply : replies) {
        sids.add(reply.text("sid"));
      }
      assertThat(sids).as("%s %s", by, clientId).hasSize(1);
      Reply reply = replies.getFirst();
      acknowledged.add(new Sent(
          by,
          clientId,
          reply.text("sid"),
          (Long) Objects.requireNonNull(reply.json().get("index")),
          body));
    }

    /** One more message, and the end; what was acknowledged can still be sent again. */
    void ends() {
      sends("guest", "last", "last", new Random(0), () -> guest.says("last", "last"));
      server(200, "POST", "", form("State", "closed"));
      done(200, () -> guest.says("last", "last"));
      assertThat(guest.says("later", "later").code()).isEqualTo(45781);
    }

    // ---- what there is

    /** The log as guests read it; pages of some size, backwards. */
    SortedMap<Long, Map<?, ?>> log() {
      SortedMap<Long, Map<?, ?>> log = new TreeMap<>();
      String before = "";
      boolean more = true;
      while (more) {
        Map<String, @Nullable Object> page =
            guest.get("/v2/Webchat/Messages?limit=7" + before).json();
        for (Map<?, ?> message : maps(page.get("messages"))) {
          assertThat(log.put(index(message), message)).as("a repeat").isNull();
        }
        more = Boolean.TRUE.equals(page.get("has_more"));
        before = "&before=" + log.firstKey();
      }
      return log;
    }

    void compareAll(String name) {
      SortedMap<Long, Map<?, ?>> log = log();
      assertThat(log.keySet())
          .as("%s: indices", name)
          .containsExactlyElementsOf(LongStream.range(0, log.size()).boxed().toList());
      assertThat(log.values().stream().map(one -> one.get("added_revision")).toList())
          .as("%s: revisions of adding, in the order of indices", name)
          .isSortedAccordingTo((one, other) -> Long.compare((Long) one, (Long) other))
          .doesNotHaveDuplicates();
      assertThat(log.values().stream().map(one -> one.get("revision")))
          .as("%s: revisions", name)
          .doesNotHaveDuplicates();
      assertThat(log).as("%s: as many as were acknowledged", name).hasSize(acknowledged.size());
      for (Sent sent : acknowledged) {
        Map<?, ?> kept = Objects.requireNonNull(log.get(sent.index()));
        Optional<String> body = changed.getOrDefault(sent.sid(), Optional.of(sent.body()));
        assertThat(kept.get("sid")).as("%s: %s", name, sent).isEqualTo(sent.sid());
        assertThat(kept.get("client_id")).as("%s: %s", name, sent).isEqualTo(sent.clientId());
        assertThat(kept.get("removed")).as("%s: %s", name, sent).isEqualTo(body.isEmpty());
        assertThat(kept.get("body")).as("%s: %s", name, sent).isEqualTo(body.orElse(""));
      }
      assertThat(forwards()).as("%s: read forwards", name).isEqualTo(List.copyOf(log.values()));
      assertThat(agent.reads(guest.conversation()))
          .as("%s: read by the agent", name)
          .isEqualTo(List.copyOf(log.values()));
      assertThat(readByServer())
          .as("%s: read by the server", name)
          .isEqualTo(log.values().stream()
              .filter(one -> Boolean.FALSE.equals(one.get("removed")))
              .map(one -> List.of(
                  Objects.requireNonNull(one.get("sid")),
                  Objects.requireNonNull(one.get("index")),
                  Objects.requireNonNull(one.get("author")),
                  Objects.requireNonNull(one.get("body"))))
              .toList());
    }

    private List<Map<?, ?>> forwards() {
      List<Map<?, ?>> all = new ArrayList<>();
      boolean more = true;
      while (more) {
        long after = all.isEmpty() ? -1 : index(all.getLast());
        Map<String, @Nullable Object> page =
            guest.get("/v2/Webchat/Messages?limit=5&after=" + after).json();
        all.addAll(maps(page.get("messages")));
        more = Boolean.TRUE.equals(page.get("has_more"));
      }
      return all;
    }

    private List<List<Object>> readByServer() {
      List<List<Object>> all = new ArrayList<>();
      String next = installation.edge() + "/v1/Conversations/" + guest.conversation()
          + "/Messages?PageSize=6";
      while (!next.equals("null")) {
        Map<String, @Nullable Object> page = called("GET", next, "").json();
        for (Map<?, ?> one : maps(page.get("messages"))) {
          all.add(List.of(
              Objects.requireNonNull(one.get("sid")),
              Objects.requireNonNull(one.get("index")),
              Objects.requireNonNull(one.get("author")),
              Objects.requireNonNull(one.get("body"))));
        }
        next = String.valueOf(
            ((Map<?, ?>) Objects.requireNonNull(page.get("meta"))).get("next_page_url"));
      }
      return all;
    }

    // ---- the account's server

    private void server(int expected, String method, String path, String form) {
      done(expected, () -> server(method, path, form));
    }

    private Reply server(String method, String path, String form) {
      return called(
          method, installation.edge() + "/v1/Conversations/" + guest.conversation() + path, form);
    }

    private Reply called(String method, String url, String form) {
      String pair = installation.account.text() + ":" + installation.authToken();
      HttpRequest.Builder request = Http.request(URI.create(url))
          .header(
              "Authorization",
              "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
      if (method.equals("POST")) {
        request.header("Content-Type", "application/x-www-form-urlencoded");
      }
      HttpResponse<String> response = Http.send(request
          .method(
              method,
              method.equals("POST")
                  ? HttpRequest.BodyPublishers.ofString(form)
                  : HttpRequest.BodyPublishers.noBody())
          .build());
      return new Reply(response.statusCode(), response);
    }
  }

  /** Somebody at the inbox. */
  private static final class Agent {
    private final Installation installation;
    private final String cookie;

    Agent(Installation installation) {
      this.installation = installation;
      Installation.NewAgent agent = installation.agent();
      HttpResponse<String> in = Http.send(call("/sign-in")
          .POST(HttpRequest.BodyPublishers.ofString(
              "{\"name\":\"%s\",\"password\":\"%s\"}".formatted(agent.name(), agent.password())))
          .build());
      String set = in.headers().firstValue("Set-Cookie").orElseThrow();
      cookie = set.substring(0, set.indexOf(';'));
    }

    private HttpRequest.Builder call(String path) {
      return Http.request(installation.edge().resolve("/inbox/api" + path))
          .header("Sec-Fetch-Site", "same-origin")
          .header("Content-Type", "application/json");
    }

    Reply posts(String path, String json) {
      HttpResponse<String> response = Http.send(call("/conversations/" + path)
          .header("Cookie", cookie)
          .POST(HttpRequest.BodyPublishers.ofString(json))
          .build());
      return new Reply(response.statusCode(), response);
    }

    List<Map<?, ?>> reads(String conversation) {
      HttpResponse<String> response =
          Http.send(call("/conversations/" + conversation + "/messages?limit=100&after=-1")
              .header("Cookie", cookie)
              .GET()
              .build());
      return maps(new Reply(response.statusCode(), response).json().get("messages"));
    }
  }

  /** A tab of the guest's that drops its socket all the time, and comes back where it was. */
  private static final class Follower {
    private final Chat chat;
    private final boolean fromHistory;
    private final Random random;
    private final SortedMap<Long, Map<?, ?>> messages = new TreeMap<>();
    private final Map<String, Map<?, ?>> participants = new TreeMap<>();
    private final AtomicBoolean finishing = new AtomicBoolean();
    private String state = "active";
    private long known = -1;
    private long knownAtHello = -1;
    private long newest = -1;
    private Thread thread = new Thread();
    int sockets;

    /**
     * @param fromHistory whether it begins with what it reads by pages, as a page does that is
     *     opened; otherwise it receives everything by its sockets
     */
    Follower(Chat chat, boolean fromHistory, long seed) {
      this.chat = chat;
      this.fromHistory = fromHistory;
      this.random = new Random(seed);
    }

    void start(Queue<Throwable> wrong) {
      thread = Thread.ofVirtual().start(() -> {
        try {
          if (fromHistory) {
            Thread.sleep(random.nextInt(600));
            begins();
          }
          while (!state.equals("closed")) {
            follows();
          }
        } catch (Throwable failure) {
          wrong.add(failure);
        }
      });
    }

    /** Follows without dropping its socket, until the conversation's end arrives. */
    void finish() throws InterruptedException {
      finishing.set(true);
      assertThat(thread.join(PATIENCE)).as("a follower received the end").isTrue();
    }

    private void begins() {
      Reply reply = until(
          () -> chat.guest.get("/v2/Webchat/Messages?limit=100"), answer -> answer.status() == 200);
      known = (Long) Objects.requireNonNull(reply.json().get("revision"));
      maps(reply.json().get("messages")).forEach(one -> messages.put(index(one), one));
      maps(reply.json().get("participants"))
          .forEach(one -> participants.put(String.valueOf(one.get("sid")), one));
    }

    private void follows() throws InterruptedException {
      long drops =
          System.nanoTime() + Duration.ofMillis(20 + random.nextInt(700)).toNanos();
      knownAtHello = known;
      try (GuestSocket socket = chat.guest.opensSocket().says(chat.guest.hello(known))) {
        sockets++;
        while (!socket.isOver() && (finishing.get() || System.nanoTime() < drops)) {
          Optional<Map<String, @Nullable Object>> frame =
              socket.receivesWithin(Duration.ofMillis(20));
          if (frame.isPresent()) {
            hears(frame.get());
          }
          if (state.equals("closed")) {
            return;
          }
        }
      } catch (java.util.concurrent.CompletionException lost) {
        Thread.sleep(20); // nobody answers: again a little later
      }
    }

    private void hears(Map<String, @Nullable Object> frame) {
      String type = String.valueOf(frame.get("type"));
      if (type.equals("refused")) {
        assertThat(frame).containsEntry("action", "retry");
      }
      if (!(frame.get("revision") instanceof Long revision) || type.equals("welcome")) {
        return;
      }
      // The first change of a conversation has two frames: its guest and its state.
      boolean beginning = revision == 1 && known <= 1;
      assertThat(revision > known || beginning)
          .as("once and in order: %s", frame)
          .isTrue();
      switch (type) {
        case "message" -> hears(frame, (Map<?, ?>) Objects.requireNonNull(frame.get("message")));
        case "participant", "read" -> {
          Map<?, ?> one = (Map<?, ?>) Objects.requireNonNull(frame.get("participant"));
          participants.put(String.valueOf(one.get("sid")), one);
        }
        case "state" -> state = String.valueOf(frame.get("state"));
        default -> throw new AssertionError("an unknown frame: " + frame);
      }
      known = revision;
    }

    private void hears(Map<String, @Nullable Object> frame, Map<?, ?> message) {
      Map<?, ?> before = messages.put(index(message), message);
      boolean added = "added".equals(frame.get("change"));
      if (!fromHistory) {
        // A message that was read by pages may arrive once more by a socket, but not twice by
        // sockets.
        assertThat(before == null || !added).as("no repeat: %s", frame).isTrue();
      }
      // An earlier socket may have ended before a message that was added and changed after others.
      boolean cutOff = (Long) Objects.requireNonNull(message.get("added_revision")) <= knownAtHello;
      assertThat(before != null || cutOff || !"changed".equals(frame.get("change")))
          .as("no gap: %s", frame)
          .isTrue();
      if (Objects.equals(message.get("added_revision"), message.get("revision"))) {
        assertThat(index(message)).as("no reorder: %s", frame).isGreaterThan(newest);
        newest = index(message);
      }
    }

    void compare(String name) {
      assertThat(messages).as("%s: replay and live", name).isEqualTo(chat.log());
      Map<String, Map<?, ?>> there = new TreeMap<>();
      maps(chat.guest.get("/v2/Webchat/Messages").json().get("participants"))
          .forEach(one -> there.put(String.valueOf(one.get("sid")), one));
      assertThat(participants).as("%s: who is in it", name).isEqualTo(there);
    }
  }

  // ---- trying until it is acknowledged

  private static Reply done(int expected, Supplier<Reply> call) {
    return until(call, answer -> answer.status() == expected);
  }

  /** Calls again after a lost connection or a 503; each other answer counts. */
  private static Reply until(Supplier<Reply> call, java.util.function.Predicate<Reply> expected) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < giveUp) {
      try {
        Reply reply = call.get();
        if (reply.status() != 503) {
          assertThat(expected.test(reply))
              .as("%d %s", reply.status(), reply.response().body())
              .isTrue();
          return reply;
        }
      } catch (IllegalStateException lost) {
        // no connection, or one that was cut
      }
      Installation.pause(Duration.ofMillis(20));
    }
    throw new AssertionError("no answer");
  }

  private static void pause(Random random) {
    Installation.pause(Duration.ofMillis(random.nextInt(120)));
  }

  private static long index(Map<?, ?> message) {
    return (Long) Objects.requireNonNull(message.get("index"));
  }

  private static List<Map<?, ?>> maps(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list))
        .stream().<Map<?, ?>>map(one -> (Map<?, ?>) Objects.requireNonNull(one)).toList();
  }

  private static String form(String... namesAndValues) {
    StringBuilder form = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      form.append(i == 0 ? "" : "&")
          .append(namesAndValues[i])
          .append('=')
          .append(URLEncoder.encode(namesAndValues[i + 1], StandardCharsets.UTF_8));
    }
    return form.toString();
  }
}
