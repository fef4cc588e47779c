package parlour.guests;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.Durations;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.conversations.Amount;
import parlour.conversations.Changes;
import parlour.conversations.DeliveredChanges;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Frames;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.Entered;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.GuestCredentials;
import parlour.conversations.MessageAnswers;
import parlour.conversations.Revision;
import parlour.conversations.Typing;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.json.Json;
import parlour.http.server.ApiRequest;
import parlour.http.server.BytePool;
import parlour.http.server.Outflow;
import parlour.http.server.Routes;
import parlour.http.server.SocketEndpoint;
import parlour.http.websocket.OpenSockets;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketHandler;
import parlour.orchestrator.BrowserRequest;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.rates.SocketTexts;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Verdict;
import parlour.trace.Trace;

/**
 * A guest's socket ({@code GET /v2/Webchat/Stream}): what happens in their conversation, as it
 * happens.
 *
 * <p>The first message that comes must be a hello with the token, which is never part of an
 * address; whoever does not say it soon is cut off. From then on one thread reads the log and sends.
 */
public final class GuestStream implements SocketEndpoint {
  private static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(GuestStream.class), "the sockets of guests wait");
  /** What a hello may say of its browser; the rest is in the handshake. */
  private static final Pattern SIGNAL =
      Pattern.compile("(x-twilio|x|i-twilio)-sec-(usersettings|webchatinfo|decoders)");

  private final FlexWebchatOrchestrator orchestrator;
  private final GuestConversations conversations;
  private final InstantSource clock;
  private final OpenSockets<Sid.Session> sockets = new OpenSockets<>();
  private final Set<Guest> admitted = ConcurrentHashMap.newKeySet();
  private long directoryVersion;

  public GuestStream(
      FlexWebchatOrchestrator orchestrator, GuestConversations conversations, InstantSource clock) {
    this.orchestrator = orchestrator;
    this.conversations = conversations;
    this.clock = clock;
  }

  public void serve(Routes routes) {
    routes.socket("/v2/Webchat/Stream", this, Errors.PLAIN);
  }

  /**
   * Ends the sockets of pages that may no longer have them: pages of a deleted deployment, or of an
   * origin that was removed from its list.
   *
   * @param version of the directory; nothing is done if it is the version of the last call
   */
  public synchronized void directoryIs(long version) {
    if (version == directoryVersion) {
      return;
    }
    for (Guest guest : admitted) {
      if (!guest.readmit()) {
        return; // an outage, which the others would wait for, too; the next call tries again
      }
    }
    directoryVersion = version;
  }

  @Override
  public SocketHandler accept(ApiRequest request) {
    // Of the call itself nothing is left once it is upgraded.
    Map<String, String> handshake = new HashMap<>();
    for (String name : new String[] {"Origin", "User-Agent", "Accept-Language"}) {
      String value = request.header(name);
      if (value != null) {
        handshake.put(name.toLowerCase(Locale.ROOT), value);
      }
    }
    return new Guest(handshake, request.client());
  }

  /** A message of the guest's that makes no sense. */
  private static Problem malformed(String remedy) {
    return new Problem(ErrorCode.MALFORMED, remedy);
  }

  /** A session that was let in, and when its browser is to be told that the token ends. */
  private record Admission(GuestSession session, Instant warnAt) {}

  /** One socket: this thread receives, a second one sends. */
  private final class Guest implements SocketHandler {
    private final Map<String, String> handshake;
    private final String client;
    private final String traceId = Trace.current().shortId();
    private final SocketTexts texts = new SocketTexts();
    private volatile @Nullable Admission admission;
    private volatile @Nullable Runnable readmission;
    private final Semaphore shown = new Semaphore(0);
    private @Nullable Admission superseded;
    private Instant supersededUntil = Instant.MAX;

    Guest(Map<String, String> handshake, String client) {
      this.handshake = handshake;
      this.client = client;
    }

    @Override
    public void run(Socket socket) {
      try {
        receive(socket);
      } catch (Problem problem) {
        end(problem, null, socket);
      } catch (TooManyRequests later) {
        end(new Problem(ErrorCode.TOO_MANY_REQUESTS), later.retryAfter(), socket);
      } catch (Unavailable unavailable) {
        outages.failed(unavailable, traceId);
        end(new Problem(ErrorCode.UNEXPECTED), Limits.RETRY_AFTER, socket);
      } finally {
        admitted.remove(this);
      }
    }

    private void receive(Socket socket) {
      Hello hello = Hello.of(message(socket.receive(Limits.SOCKET_HELLO)));
      readmission = () -> readmitOrEnd(hello, socket);
      admitted.add(this); // before the configuration is read: no change of it is missed
      Entered entered = enter(hello, hello.token());
      admission = admission(entered.session());
      sockets.within(entered.session().session(), () -> stay(hello, entered, socket));
    }

    private void stay(Hello hello, Entered entered, Socket socket) {
      socket.send(Frames.text(welcome(entered)));
      socket.alongside(() -> follow(new Cursor(hello.after(), entered.typing()), socket));
      while (true) {
        Map<String, @Nullable Object> message = message(socket.receive(Limits.SOCKET_SILENCE));
        texts.tryAcquire().ifPresent(wait -> {
          throw new TooManyRequests("texts on one socket", wait);
        });
        switch (String.valueOf(message.get("type"))) {
          case "token" -> token(hello, message, socket);
          case "pong" -> {} // that it came is what it says
          default -> throw malformed("Send a token or a pong.");
        }
      }
    }

    private void token(Hello hello, Map<String, @Nullable Object> message, Socket socket) {
      if (!(message.get("token") instanceof String token)) {
        throw malformed("Send the token as a string.");
      }
      GuestSession next = enter(hello, new GuestToken(token)).session();
      Admission before = Objects.requireNonNull(admission);
      if (!before.session().session().equals(next.session())) {
        throw malformed("This token is of another session; open a socket of its own for it.");
      }
      admission = admission(next);
      socket.send(
          Frames.text(new Frames.OfToken("token_accepted", next.expires().toString())));
      shown.release();
    }

    private BrowserRequest browserRequest(Hello hello) {
      return new BrowserRequest(
          name -> {
            String key = name.toLowerCase(Locale.ROOT);
            return SIGNAL.matcher(key).matches() ? hello.signals().get(key) : handshake.get(key);
          },
          (name, value) -> {}); // there is no answer any more that could have headers
    }

    /** False if that could not be decided. */
    private boolean readmit() {
      try {
        Objects.requireNonNull(readmission).run();
        return true;
      } catch (Unavailable outage) {
        return false;
      }
    }

    private void readmitOrEnd(Hello hello, Socket socket) {
      try {
        orchestrator.readmit(hello.deployment(), browserRequest(hello));
      } catch (Problem problem) {
        if (problem.code() == ErrorCode.CONFIGURATION_UNAVAILABLE) {
          throw new Unavailable("the directory", String.valueOf(problem.getMessage()), problem);
        }
        // On its own thread: a slow browser must not hold up the check of all others.
        Thread.startVirtualThread(() -> {
          try {
            end(problem, null, socket);
          } catch (Socket.Closed meanwhile) {
            // Then it has ended.
          }
        });
      }
    }

    private Entered enter(Hello hello, GuestToken token) {
      GuestCredentials credentials =
          orchestrator.socketCredentials(hello.deployment(), token, browserRequest(hello));
      return GuestHttp.asked("enter", () -> conversations.enter(credentials))
          .orElseThrow(MessageAnswers::gone);
    }

    private Admission admission(GuestSession session) {
      Duration tenth = Duration.between(clock.instant(), session.expires()).dividedBy(10);
      Duration ahead = Durations.min(tenth, Limits.TOKEN_REFRESH_AHEAD);
      return new Admission(session, session.expires().minus(ahead));
    }

    private static Frames.Welcome welcome(Entered entered) {
      return new Frames.Welcome(
          "welcome",
          entered.conversation().sid().text(),
          entered.session().identity(),
          entered.conversation().state().word(),
          entered.conversation().revision(),
          entered.session().expires().toString(),
          ParticipantForm.of(entered.participants()));
    }

    // ---- the thread that sends

    private void follow(Cursor from, Socket socket) {
      Cursor cursor = from;
      DeliveredChanges delivered = new DeliveredChanges(from.revision());
      boolean more = false;
      @Nullable Admission warned = null;
      long asked = System.nanoTime();
      while (!Thread.currentThread().isInterrupted()) { // as it is when the socket is closed
        Admission following = Objects.requireNonNull(admission);
        Duration timeout =
            following.equals(warned) ? Limits.FOLLOW_TIMEOUT : timeout(following.warnAt());
        PollResult result = more
            ? deliverMore(following.session(), cursor, delivered, socket)
            : deliver(following.session(), cursor, timeout, Amount.SMALL, delivered, socket);
        switch (result) {
          case PollResult.News news -> {
            cursor = news.cursor();
            more = news.more();
            delivered.reach(cursor.revision(), more);
          }
          case PollResult.Superseded(boolean replayed) -> {
            if (following.equals(admission) && !mayShowNewer(following, replayed, socket)) {
              end(GuestHttp.refused(Verdict.Failure.TOKEN_VALIDATION_FAILED), null, socket);
              return;
            }
          }
          case PollResult.Over(Verdict.Failure failure) -> {
            if (following.equals(admission)) { // otherwise a newer token came meanwhile
              end(GuestHttp.refused(failure), null, socket);
              return;
            }
          }
          case PollResult.Gone() -> {
            socket.send(Frames.text(new Frames.Plain("erased")));
            socket.close(Socket.REFUSED, "erased");
            return;
          }
        }
        if (!following.equals(warned) && !clock.instant().isBefore(following.warnAt())) {
          warned = following; // until there is another token
          socket.send(Frames.text(
              new Frames.OfToken("token_expiring", following.session().expires().toString())));
        }
        // Also of who is told all the time: what we send is no sign of life of theirs.
        if (System.nanoTime() - asked >= Limits.SOCKET_PING.toNanos()) {
          socket.send(Frames.text(new Frames.Plain("ping")));
          asked = System.nanoTime();
        }
      }
    }

    /**
     * Sends more than a few ordinary messages as soon as there is memory for them: sockets that do
     * not read hold their messages, each until its deadline.
     */
    private PollResult deliverMore(
        GuestSession following, Cursor cursor, DeliveredChanges delivered, Socket socket) {
      Optional<BytePool.Held> room =
          Outflow.hold(client, Limits.FOLLOW_MEMORY, Limits.RESPONSE_MEMORY_TIMEOUT);
      if (room.isEmpty()) { // still checks whether the session is over
        PollResult result = poll(following, cursor, Duration.ZERO, Amount.SMALL);
        return result instanceof PollResult.News ? PollResult.News.later(cursor) : result;
      }
      try (BytePool.Held _ = room.get()) {
        return deliver(
            following, cursor, Limits.MAX_REVOCATION_AGE, Amount.LARGE, delivered, socket);
      }
    }

    private PollResult deliver(
        GuestSession following,
        Cursor cursor,
        Duration timeout,
        Amount amount,
        DeliveredChanges delivered,
        Socket socket) {
      PollResult result = poll(following, cursor, timeout, amount);
      if (result instanceof PollResult.News news) {
        for (Changes.Change change : news.changes()) {
          socket.send(Frames.text(Frames.of(change, delivered)));
        }
        for (Typing one : news.typing()) {
          socket.send(
              Frames.text(new Frames.OfTyping("typing", ParticipantForm.of(one.participant()))));
        }
      }
      return result;
    }

    /**
     * Requests a newer token, once, and waits a moment for it: a tab that was asleep has it, a
     * thief does not. False when this time is over, or at once if there was a replay.
     */
    private boolean mayShowNewer(Admission following, boolean replayed, Socket socket) {
      if (replayed) {
        return false;
      }
      if (!following.equals(superseded)) {
        superseded = following;
        supersededUntil = clock.instant().plus(Limits.SUPERSEDED_TIMEOUT);
        socket.send(Frames.text(new Frames.Plain("token_superseded")));
      }
      if (!clock.instant().isBefore(supersededUntil)) {
        return false;
      }
      try {
        var _ = shown.tryAcquire(Limits.SUPERSEDED_CHECK.toNanos(), TimeUnit.NANOSECONDS);
        shown.drainPermits();
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
      return true;
    }

    /** Nobody is sent away for an outage: the log is still there when it is over. */
    private PollResult poll(
        GuestSession following, Cursor cursor, Duration timeout, Amount amount) {
      try {
        PollResult result = conversations.follow(following, cursor, timeout, amount);
        outages.worked();
        return result;
      } catch (Unavailable unavailable) {
        if (!Thread.currentThread().isInterrupted()) {
          outages.failed(unavailable, traceId);
        }
        LockSupport.parkNanos(Limits.RETRY_AFTER.toNanos());
        return PollResult.News.nothing(cursor);
      }
    }

    private Duration timeout(Instant warnAt) {
      Duration toWarning = Duration.between(clock.instant(), warnAt);
      if (toWarning.isNegative()) {
        return Duration.ZERO;
      }
      return Durations.min(toWarning, Limits.FOLLOW_TIMEOUT);
    }

    /**
     * Says why, and closes.
     *
     * @param retryAfter where it may be different later; null: it will not
     */
    private void end(Problem problem, @Nullable Duration retryAfter, Socket socket) {
      ErrorCode code = problem.code();
      socket.send(Frames.text(new Frames.Refused(
          "refused",
          code.code(),
          code.action(),
          String.valueOf(problem.getMessage()),
          traceId,
          retryAfter == null ? null : Math.max(1, retryAfter.toSeconds()))));
      socket.close(retryAfter == null ? Socket.REFUSED : Socket.TRY_LATER, "");
    }
  }

  private static Map<String, @Nullable Object> message(String text) {
    return Json.object(text).orElseThrow(() -> malformed("Send JSON objects."));
  }

  /**
   * How a guest comes in.
   *
   * @param after everything up to this revision is known to them
   */
  private record Hello(
      Sid.Deployment deployment, GuestToken token, Map<String, String> signals, Revision after) {

    static Hello of(Map<String, @Nullable Object> message) {
      if (!"hello".equals(message.get("type"))) {
        throw malformed("Say hello first.");
      }
      if (!(message.get("deploymentKey") instanceof String key)) {
        throw malformed("The hello needs a deploymentKey.");
      }
      if (!(message.get("token") instanceof String token)) {
        throw malformed("The hello needs a token.");
      }
      if (!(message.get("after") instanceof Long after)) {
        throw malformed("The hello needs after: the last revision that you know, or -1.");
      }
      Map<String, String> signals = new HashMap<>();
      if (message.get("signals") instanceof Map<?, ?> given) {
        given.forEach((name, value) -> {
          if (value instanceof String text) {
            signals.put(String.valueOf(name).toLowerCase(Locale.ROOT), text);
          }
        });
      }
      try {
        return new Hello(
            new Sid.Deployment(key), new GuestToken(token), signals, Revision.orNone(after));
      } catch (IllegalArgumentException e) {
        throw malformed("The hello's deploymentKey is no deployment key.");
      }
    }
  }
}
