package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Sid;
import parlour.http.json.Json;
import parlour.spec.Guest.Reply;
import parlour.spec.TestClients.Rejected;
import parlour.spec.TestClients.SdkClient;

/**
 * A conversation in which a guest with a published client, an agent and the account's
 * server do random things, while the guest's connection is cut. The seed decides all of it.
 */
final class RealtimeHistory {
  private static final int STEPS = 30;
  private static final Executor THREADS = Thread::startVirtualThread;

  /** The events of all histories. */
  static final class Tally {
    final AtomicLong histories = new AtomicLong();
    final AtomicLong told = new AtomicLong();
    final AtomicLong removed = new AtomicLong();
    final AtomicLong interruptions = new AtomicLong();
    final AtomicLong files = new AtomicLong();
    final AtomicLong ends = new AtomicLong();

    @Override
    public String toString() {
      return "%d histories, %d interruptions, %d ends; the programs were notified of %d messages, %d files and %d removals"
          .formatted(
              histories.get(),
              interruptions.get(),
              ends.get(),
              told.get(),
              files.get(),
              removed.get());
    }
  }

  /** A message as both the log and the package show it. */
  private record Shown(
      String sid,
      long index,
      String author,
      String body,
      @Nullable Object attributes,
      List<String> files) {

    /** By the package, which has parsed the attributes. */
    static Shown of(Map<?, ?> message) {
      return of(message, message.get("attributes"), files(message, "files", "contentType"));
    }

    static Shown ofLog(Map<?, ?> message) {
      return of(
          message,
          json(String.valueOf(message.get("attributes"))),
          files(message, "media", "content_type"));
    }

    private static List<String> files(Map<?, ?> message, String member, String type) {
      return message.get(member) instanceof List<?> files
          ? maps(files).stream()
              .map(one -> Stream.of("sid", "filename", type, "size")
                  .map(name -> String.valueOf(one.get(name)))
                  .collect(Collectors.joining(" ")))
              .toList()
          : List.of();
    }

    private static Shown of(Map<?, ?> message, @Nullable Object attributes, List<String> files) {
      return new Shown(
          String.valueOf(message.get("sid")),
          indexOf(message),
          String.valueOf(message.get("author")),
          Objects.toString(message.get("body"), ""), // a file needs no words
          attributes,
          files);
    }
  }

  /** The value of a JSON text of any kind. */
  private static @Nullable Object json(String text) {
    return Json.object("{\"value\":" + text + "}").orElseThrow().get("value");
  }

  /** A JSON value of any kind, another one each time. */
  private Object anyJson() {
    int number = sent++;
    return switch (random.nextInt(5)) {
      case 0 -> "text " + number;
      case 1 -> number;
      case 2 -> List.of(number, "two", Map.of());
      case 3 -> number % 2 == 0;
      default -> Map.of("n", number);
    };
  }

  /** A call of the program that a loss of the connection may have ended. */
  private record Call(String operation, CompletableFuture<@Nullable Object> answer) {}

  private final Installation installation;
  private final AgentBrowser agent;
  private final Tally tally;
  private final Random random;
  private final String name;
  private final Guest guest;
  private final SdkClient client;
  private final TestClients.CuttableLine line;
  private final List<String> steps = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<String> sids = new ArrayList<>();
  private final List<Runnable> actions = List.of(
      this::theGuestSends,
      this::theGuestSends,
      this::theGuestSends,
      this::theGuestSendsAFile,
      this::theGuestChangesTheirNewestMessage,
      this::theGuestReads,
      this::theGuestIsRenamed,
      this::theGuestTypes,
      this::theProgramReadsTheNewest,
      this::theProgramReadsTheNewest,
      this::theProgramReadsTheNewest,
      this::theProgramIsBusy,
      this::theServerSends,
      this::theServerSends,
      this::theServerSends,
      this::theServerSendsAFile,
      this::theServerEdits,
      this::theServerEdits,
      this::theServerRemoves,
      this::theServerRemovesManyMessages,
      this::theServerChangesTheAttributes,
      this::theServerClosesForAWhile,
      this::aParticipantComesOrGoes,
      this::theAgentSends,
      this::theAgentReads,
      this::theAgentTypes,
      this::theConnectionIsCut,
      this::theConnectionIsInterrupted,
      this::theClientCatchesUp,
      this::nothingHappens);
  private final List<Runnable> actionsOfTheGuest = List.of(
      this::theGuestSends,
      this::theGuestSendsAFile,
      this::theGuestChangesTheirNewestMessage,
      this::theGuestReads,
      this::theGuestIsRenamed,
      this::theGuestTypes,
      this::theProgramReadsTheNewest,
      this::theConnectionIsCut,
      this::theConnectionIsInterrupted,
      this::nothingHappens);
  private String state = "active";
  private boolean wasClosed;
  private long firstNew;
  private int sent;
  private int interruptions;

  RealtimeHistory(
      Installation installation,
      Sid.Deployment deployment,
      TestClients clients,
      AgentBrowser agent,
      long seed,
      Tally tally) {
    this.installation = installation;
    this.agent = agent;
    this.tally = tally;
    random = new Random(seed);
    List<String> versions = TestClients.VERSIONS;
    String version = versions.get(Math.floorMod(seed, versions.size()));
    name = "seed " + seed + ", version " + version;
    guest = installation.guest().of(deployment).starts();
    client = clients.client(version);
    line = clients.line(installation.edge().getPort());
  }

  /** Does a part of it; a failure names the seed and the steps. */
  void does(Consumer<RealtimeHistory> part) {
    try {
      part.accept(this);
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError(name + ": " + failure + "\n" + steps, failure);
    }
  }

  // ---- Parts

  void begins() {
    // The oldest version gets the only message of a conversation twice when it reads upwards.
    for (int i = 2 + random.nextInt(13); i > 0; i--) {
      theServerSends();
    }
    sids.subList(0, 2).clear(); // which stay as they are
    if (random.nextBoolean()) {
      theAgentSends(); // joins
    }
    client.connect(guest.token(), line.port());
    client.lists("newest", here("size", 1));
    firstNew = log().size();
  }

  void continues() {
    for (int i = 0; i < STEPS / 2; i++) {
      actions.get(random.nextInt(actions.size())).run();
    }
    cut();
  }

  private void cut() {
    isInterrupted();
    line.cut();
  }

  /** The connection is cut, which can end the calls under way. */
  void isInterrupted() {
    interruptions++;
    tally.interruptions.incrementAndGet();
  }

  // ---- Steps

  private void step(String what) {
    steps.add(what);
  }

  private void theGuestSends() {
    String body = "guest " + sent++;
    step(body);
    later("send", "body", body, "attributes", anyJson());
  }

  private void theGuestSendsAFile() {
    String text = "guest " + sent++;
    step(text + " as a file");
    later(
        "sendFile",
        "file",
        Map.of("contentType", "text/plain", "filename", "guest.txt", "text", text));
  }

  private void theGuestChangesTheirNewestMessage() {
    boolean edits = random.nextBoolean();
    step(edits ? "guest edits" : "guest removes");
    later(edits ? "editNewest" : "removeNewest", "body", "edited by the guest " + sent++);
  }

  private void theGuestReads() {
    step("guest reads");
    later("readAll");
  }

  private void theGuestIsRenamed() {
    step("guest is renamed");
    later("rename", "name", "Ada " + sent++, "attributes", Map.of());
  }

  private void theGuestTypes() {
    step("guest types");
    later("typing");
  }

  private void theProgramReadsTheNewest() {
    step("program reads");
    later("newest", "size", 1 + random.nextInt(30));
  }

  private void theProgramIsBusy() {
    int millis = random.nextInt(150);
    step("program is busy for " + millis + " ms");
    later("busy", "millis", millis);
  }

  private void theServerSends() {
    String body = "bot " + sent++;
    step(body);
    sids.add(server("POST", "/Messages", "Author=bot&Body=" + body).text("sid"));
  }

  private void theServerSendsAFile() {
    String body = "bot " + sent++;
    step(body + " with a file");
    String file = installation.serverUploads("bot.txt", body).text("sid");
    sids.add(server("POST", "/Messages", "Author=bot&Body=" + body + "&MediaSid=" + file)
        .text("sid"));
  }

  private void theServerEdits() {
    if (!sids.isEmpty()) {
      int which = sids.size() - 1 - random.nextInt(Math.min(8, sids.size()));
      step("bot edits the message " + which);
      server("POST", "/Messages/" + sids.get(which), "Body=edited+" + sent++);
    }
  }

  private void theServerRemoves() {
    if (!sids.isEmpty()) {
      int which = random.nextInt(sids.size());
      step("bot removes the message " + which);
      server("DELETE", "/Messages/" + sids.remove(which), "");
    }
  }

  private void theServerRemovesManyMessages() {
    step("bot sends and removes many");
    List<String> many = Stream.generate(() -> "Author=bot&Body=many+" + sent++)
        .limit(12)
        .map(form -> server("POST", "/Messages", form).text("sid"))
        .toList();
    many.forEach(sid -> server("DELETE", "/Messages/" + sid, ""));
  }

  private void theServerChangesTheAttributes() {
    step("attributes");
    String json = new String(Json.write(anyJson()), StandardCharsets.UTF_8);
    server("POST", "", "Attributes=" + URLEncoder.encode(json, StandardCharsets.UTF_8));
  }

  private void theServerClosesForAWhile() {
    becomes("closed");
    for (int i = random.nextInt(4); i > 0; i--) {
      actionsOfTheGuest.get(random.nextInt(actionsOfTheGuest.size())).run();
    }
    becomes("active");
  }

  private void becomes(String next) {
    step(next);
    assertThat(server("POST", "", "State=" + next).text("state")).isEqualTo(next);
    state = next;
    if (next.equals("closed")) {
      wasClosed = true;
      tally.ends.incrementAndGet();
    }
  }

  private void aParticipantComesOrGoes() {
    String identity = "helper" + random.nextInt(2);
    boolean comes =
        server("POST", "/Participants", "Identity=" + identity + "&FriendlyName=H" + sent++)
                .status()
            == 201;
    step(identity + (comes ? " comes" : " goes"));
    if (!comes) {
      server("DELETE", "/Participants/" + identity, "");
    }
  }

  private void theAgentSends() {
    String body = "agent " + sent++;
    step(body);
    agent.says(guest.conversation(), body, "a-" + sent);
  }

  private void theAgentReads() {
    step("agent reads");
    agent.posts(guest.conversation(), "read", "{\"index\":%d}".formatted(random.nextInt(20)));
  }

  private void theAgentTypes() {
    step("agent types");
    agent.posts(guest.conversation(), "typing", "{}");
  }

  private void theConnectionIsCut() {
    step("cut");
    cut();
  }

  private void theConnectionIsInterrupted() {
    step("interrupted");
    isInterrupted();
    line.interrupt();
  }

  private void theClientCatchesUp() {
    step("catches up");
    cut();
    catchUp();
  }

  private void catchUp() {
    theServerSends();
    String last = sids.getLast();
    client.sees("messageAdded", one -> last.equals(one.get("sid")));
  }

  private void nothingHappens() {
    Installation.pause(Duration.ofMillis(random.nextInt(300)));
  }

  /** Calls an operation of the package, and does not wait for its answer. */
  private void later(String operation, Object... arguments) {
    calls.add(new Call(
        operation,
        CompletableFuture.supplyAsync(() -> client.does(operation, here(arguments)), THREADS)));
  }

  private Object[] here(Object... arguments) {
    return Stream.concat(Stream.of("sid", guest.conversation()), Stream.of(arguments))
        .toArray();
  }

  private Reply server(String method, String path, String form) {
    return installation.server(
        method, "/v1/Conversations/" + guest.conversation() + path, form.replace(' ', '+'));
  }

  // ---- At rest

  void comesToRest() {
    catchUp();
    List<Long> acknowledged = new ArrayList<>();
    for (Call call : calls) {
      answer(call).ifPresent(acknowledged::add);
    }
    catchUp();
    if (random.nextInt(3) == 0) {
      becomes("closed");
      client.sees("conversationUpdated", one -> "closed".equals(one.get("state")));
    }
    List<Map<?, ?>> log = log();
    Set<Long> sentIndexes = log.stream().map(RealtimeHistory::indexOf).collect(Collectors.toSet());
    assertThat(acknowledged).doesNotHaveDuplicates().isSubsetOf(sentIndexes);
    comparePages(log);
    compareConversation(log);
    compareEvents(log);
    compareConnections();
    client.does("shutdown");
    tally.histories.incrementAndGet();
  }

  /** Waits for an answer; returns the index of a message that was sent. */
  private Optional<Long> answer(Call call) {
    try {
      return call.answer().join() instanceof Long index && call.operation().startsWith("send")
          ? Optional.of(index)
          : Optional.empty();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof Rejected rejected && isExpected(call, rejected)) {
        return Optional.empty();
      }
      throw failed;
    }
  }

  /**
   * A guest changes only their own messages, and none of a closed conversation; and a lost connection
   * ends calls without an answer.
   */
  private boolean isExpected(Call call, Rejected rejected) {
    return rejected.status() == 0
        || (rejected.status() == 403 && (wasClosed || call.operation().endsWith("Newest")))
        || (rejected.status() == 409 && wasClosed && call.operation().equals("sendFile"));
  }

  /** The log as the guest's own page reads it, with the removed messages. */
  private List<Map<?, ?>> log() {
    List<Map<?, ?>> log = new ArrayList<>();
    boolean more = true;
    while (more) {
      Map<String, @Nullable Object> page =
          guest.get("/v2/Webchat/Messages?limit=100&after=" + (log.size() - 1)).json();
      log.addAll(maps(page.get("messages")));
      more = Boolean.TRUE.equals(page.get("has_more"));
    }
    return log;
  }

  private void comparePages(List<Map<?, ?>> log) {
    List<Shown> expected =
        log.stream().filter(one -> !isRemoved(one)).map(Shown::ofLog).toList();
    int size = 10 + random.nextInt(20);
    for (String direction : List.of("historyDown", "history")) {
      // A page leaves out for a second what the client was notified of.
      client.listsAtLast(
          shown -> shown.stream().map(Shown::of).toList().equals(expected),
          direction,
          here("size", size));
    }
  }

  private void compareConversation(List<Map<?, ?>> log) {
    Map<String, @Nullable Object> server = server("GET", "", "").json();
    List<Map<?, ?>> participants =
        maps(guest.get("/v2/Webchat/Messages?limit=1").json().get("participants")).stream()
            .filter(one -> Boolean.TRUE.equals(one.get("joined")))
            .toList();
    Set<?> authors = log.stream().map(one -> one.get("author")).collect(Collectors.toSet());
    Map<String, List<@Nullable Object>> expected = participants.stream()
        .collect(Collectors.toMap(
            one -> String.valueOf(one.get("sid")),
            one -> List.of(
                String.valueOf(one.get("identity")),
                String.valueOf(one.get("name")),
                String.valueOf(one.get("read_index")))));
    client.listsAtLast(
        shown -> shown.stream()
            .filter(one -> expected.containsKey(String.valueOf(one.get("sid")))
                || !authors.contains(one.get("identity")))
            .collect(Collectors.toMap(
                one -> String.valueOf(one.get("sid")),
                one -> List.of(
                    String.valueOf(one.get("identity")),
                    String.valueOf(one.get("name")),
                    String.valueOf(Objects.requireNonNullElse(one.get("read"), -1L)))))
            .equals(expected),
        "participants",
        here());
    long messages = log.stream().filter(one -> !isRemoved(one)).count();
    boolean peopleSpoke = log.stream().anyMatch(one -> !"bot".equals(one.get("author")));
    String read = participants.stream()
        .filter(one -> "guest".equals(one.get("kind")))
        .map(one -> String.valueOf(one.get("read_index")))
        .findFirst()
        .orElseThrow();
    long readUpTo = Long.parseLong(read);
    Long unread = readUpTo < 0
        ? null
        : (Long) log.stream()
            .filter(one ->
                !isRemoved(one) && (Long) Objects.requireNonNull(one.get("index")) > readUpTo)
            .count();
    client.getsAtLast(
        shown -> Objects.equals(shown.get("state"), state)
            && Objects.equals(shown.get("unread"), unread)
            && Objects.equals(
                shown.get("attributes"), json(String.valueOf(server.get("attributes"))))
            && Objects.equals(shown.get("messages"), peopleSpoke ? messages : 0)
            && Objects.equals(shown.get("last"), (long) log.size() - 1)
            && String.valueOf(Objects.requireNonNullElse(shown.get("read"), -1L))
                .equals(read),
        "conversation",
        here());
  }

  private void compareEvents(List<Map<?, ?>> log) {
    List<Map<String, @Nullable Object>> added = client.seen("messageAdded");
    List<Long> told = added.stream().map(RealtimeHistory::indexOf).toList();
    tally.told.addAndGet(told.size());
    tally.files.addAndGet(
        added.stream().mapToLong(one -> Shown.of(one).files().size()).sum());
    assertThat(told).as("new messages, in their order").doesNotHaveDuplicates().isSorted();
    assertThat(told).as("new messages").allMatch(index -> index >= firstNew);
    for (Map<?, ?> message : log.subList((int) firstNew, log.size())) {
      boolean isTold = told.contains(indexOf(message));
      if (!isRemoved(message)) {
        assertThat(isTold).as("the program was notified of %s", message).isTrue();
        assertThat(last(message)).as("last news of %s", message).isEqualTo(Shown.ofLog(message));
      } else if (isTold) {
        assertThat(client.seen("messageRemoved"))
            .as("removals of %s", message)
            .filteredOn(one -> Objects.equals(one.get("sid"), message.get("sid")))
            .hasSize(1);
        tally.removed.incrementAndGet();
      }
    }
  }

  /**
   * The client lost its connection only when the test interrupted it, so no call ended otherwise.
   */
  private void compareConnections() {
    assertThat(client.seen("connectionStateChanged"))
        .as("connections of a client that was interrupted %d times", interruptions)
        .filteredOn(one -> "connected".equals(one.get("state")))
        .hasSizeLessThanOrEqualTo(1 + interruptions);
  }

  /** As the program saw a message last. */
  private Shown last(Map<?, ?> message) {
    return Stream.concat(
            client.seen("messageAdded").stream(), client.seen("messageUpdated").stream())
        .filter(one -> Objects.equals(one.get("sid"), message.get("sid")))
        .map(Shown::of)
        .reduce((_, later) -> later)
        .orElseThrow();
  }

  private static boolean isRemoved(Map<?, ?> message) {
    return Boolean.TRUE.equals(message.get("removed"));
  }

  private static long indexOf(Map<?, ?> message) {
    return (Long) Objects.requireNonNull(message.get("index"));
  }

  private static List<Map<?, ?>> maps(@Nullable Object list) {
    return ((List<?>) Objects.requireNonNull(list))
        .stream().<Map<?, ?>>map(one -> (Map<?, ?>) Objects.requireNonNull(one)).toList();
  }
}
