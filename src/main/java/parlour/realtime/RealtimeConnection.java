package parlour.realtime;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.api.FollowLoop;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.Entered;
import parlour.conversations.GuestCredentials;
import parlour.conversations.GuestOutcome;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.BytePool;
import parlour.http.server.Outflow;
import parlour.http.websocket.Socket;
import parlour.orchestrator.AdmittedSockets;
import parlour.orchestrator.BrowserRequest;
import parlour.rates.Rate;
import parlour.rates.SocketTextLimit;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.Verdict;
import parlour.trace.Trace;

/**
 * One client's socket. One thread receives frames here, a few answer requests, one validates a new
 * token, and one sends the conversation's changes, as a {@link RealtimeFollower}.
 */
final class RealtimeConnection implements AdmittedSockets.Admitted, GuestCalls.Tokens {
  private final RealtimeSockets.Handshake handshake;
  private final Socket socket;
  private final RealtimeSockets.Parts parts;
  private final InstantSource clock;
  private final Outbox outbox;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Semaphore newToken = new Semaphore(0);
  private final SocketTextLimit updates = new SocketTextLimit();

  /** Held while a new token is validated. */
  private final Semaphore updating = new Semaphore(1);

  /** Counted down when the last token that the client presented is validated. */
  private volatile CountDownLatch updated = new CountDownLatch(0);

  private final UnhandledMessages unhandled = new UnhandledMessages(System::nanoTime);

  /** Written by the thread that receives or by the one that has {@link #updating}. */
  private volatile @Nullable Admission admission;

  RealtimeConnection(
      RealtimeSockets.Handshake handshake, Socket socket, RealtimeSockets.Parts parts) {
    this.handshake = handshake;
    this.socket = socket;
    this.parts = parts;
    this.clock = parts.clock();
    this.outbox = new Outbox(socket, parts.random());
  }

  Admission admission() {
    return Objects.requireNonNull(admission);
  }

  Outbox outbox() {
    return outbox;
  }

  /** A client that was not admitted: the status says how it goes on. */
  private static final class NotAdmitted extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Outbox.Status status;

    NotAdmitted(int code, String word, String description, int errorCode) {
      super(word, null, false, false);
      status = new Outbox.Status(code, word, Optional.of(description), errorCode);
    }
  }

  /** Serves the socket until it is closed. */
  void run() {
    try {
      TwilsockFrame first = receive(Limits.SOCKET_HELLO);
      if (!(first.method().equals("init") && first.member("token") instanceof String token)) {
        throw new TwilsockFrame.Malformed("the first frame must be init, with a token");
      }
      long giveUp = System.nanoTime() + Limits.REALTIME_PATIENCE.toNanos();
      Entered entered = admit(first.id(), token);
      parts.sockets().within(entered.session().session(), () -> stay(first.id(), entered, giveUp));
    } catch (NotAdmitted _) {
      socket.close(Socket.REFUSED, "");
    } catch (TwilsockFrame.Malformed malformed) {
      throw new Problem(ErrorCode.MALFORMED, String.valueOf(malformed.getMessage()));
    } finally {
      closed.countDown();
    }
  }

  private TwilsockFrame receive(Duration timeout) {
    return TwilsockFrame.parse(socket.receiveBytes(timeout));
  }

  /**
   * Validates a token. During an outage the answer is held back, because the web app gives up when
   * its first connection is refused, and waits half a minute for an answer.
   *
   * @param id of the frame that is answered if the token is refused
   */
  private Entered admit(String id, String token) {
    try {
      GuestToken presented = new GuestToken(token);
      return GuestCalls.patiently(() -> enter(presented), Limits.REALTIME_PATIENCE, closed);
    } catch (NotAdmitted refused) {
      throw notAdmitted(id, refused);
    } catch (Unavailable outage) {
      RealtimeSockets.outages.failed(outage, Trace.current().id());
      throw unavailable(id, "The token cannot be checked just now.");
    }
  }

  /** Answers a frame whose sender is not refused, but cannot be served just now. */
  private NotAdmitted unavailable(String id, String why) {
    return notAdmitted(id, new NotAdmitted(503, "SERVICE_UNAVAILABLE", why, 0));
  }

  private Entered enter(GuestToken token) {
    GuestCredentials credentials;
    try {
      credentials = credentials(token);
    } catch (Problem problem) {
      if (problem.isTemporary()) {
        throw new Unavailable("the configuration", problem.closeReason(), problem);
      }
      if (problem.code() == ErrorCode.TOKEN_REFUSED) {
        throw refused(Verdict.Failure.TOKEN_VALIDATION_FAILED);
      }
      throw new NotAdmitted(
          403, "FORBIDDEN", problem.closeReason(), problem.code().code());
    }
    return switch (parts.conversations().enter(credentials)) {
      case GuestOutcome.Refused<Optional<Entered>>(Verdict.Refused refusal) ->
        throw refused(refusal.failure());
      case GuestOutcome.Done<Optional<Entered>>(Optional<Entered> found) -> {
        Entered entered = found.orElseThrow(RealtimeConnection::erased);
        @Nullable Admission before = admission;
        if (before != null
            && !before.session().session().equals(entered.session().session())) {
          throw new NotAdmitted(403, "FORBIDDEN", "This token is of another session.", 20101);
        }
        admission = Admission.of(credentials, entered.session(), clock.instant());
        yield entered;
      }
    };
  }

  /**
   * The first token is counted as a socket of its deployment. The later ones are counted as sockets
   * of the address, so that one client cannot use up the sockets of all others.
   */
  private GuestCredentials credentials(GuestToken token) {
    BrowserRequest request = handshake.browserRequest();
    if (admission == null) {
      return parts.orchestrator().realtimeCredentials(token, request);
    }
    if (!handshake.client().isEmpty()) {
      parts.addresses().tryAcquire(Rate.STREAMS, handshake.client(), 1).ifPresent(wait -> {
        throw new TooManyRequests("the tokens of one address", wait);
      });
    }
    return parts.orchestrator().realtimeUpdateCredentials(token, request);
  }

  private static NotAdmitted refused(Verdict.Failure failure) {
    return switch (failure) {
      case TOKEN_EXPIRED -> new NotAdmitted(401, "UNAUTHORIZED", "This token has expired.", 20104);
      case TOKEN_VALIDATION_FAILED ->
        new NotAdmitted(401, "UNAUTHORIZED", ErrorCode.CLIENT_TOKEN_REFUSED.message(), 20101);
      case FINGERPRINT_VALIDATION_FAILED ->
        new NotAdmitted(403, "FORBIDDEN", ErrorCode.FINGERPRINT_REFUSED.closeReason(), 20101);
    };
  }

  private static NotAdmitted erased() {
    return new NotAdmitted(401, "UNAUTHORIZED", "This conversation was erased.", 20101);
  }

  /**
   * @param giveUp by {@link System#nanoTime}, when the client's {@code init} is answered at the latest
   */
  private void stay(String initId, Entered entered, long giveUp) {
    GuestCalls calls = new GuestCalls(
        parts.conversations(),
        this,
        parts.addresses(),
        parts.limiter(),
        handshake.client(),
        closed);
    Delivery delivery = new Delivery(
        new ConversationView(entered, speakers(initId, calls, giveUp)), outbox, unhandled, clock);
    ClientRequests requests = new ClientRequests(
        entered.session().account(),
        entered.session().conversation(),
        entered.session().identity(),
        handshake.mediaHost(),
        delivery,
        calls,
        new SyncRequests(delivery, unhandled, calls::history));
    Trace trace = Trace.current();
    RequestQueue queue = new RequestQueue(
        frame -> trace.during(() -> {
          carryOut(() -> answer(frame, requests, delivery, calls));
          return true;
        }),
        bytes -> parts.requests().hold(handshake.client(), bytes, Limits.REALTIME_PATIENCE));
    // The client repeats no request whose answer is lost.
    socket.beforeRestart(() -> {
      queue.awaitAnswers(Limits.REALTIME_FINISH);
      outbox.awaitArrival(Limits.REALTIME_ARRIVAL);
    });
    outbox.reply(initId, Outbox.Status.OK);
    RealtimeFollower follower = new RealtimeFollower(
        this,
        parts.conversations(),
        delivery,
        calls.log(() -> admission().session()),
        clock,
        new Cursor(entered.conversation().revision(), entered.typing()));
    FollowLoop loop = new FollowLoop(
        socket,
        new FollowLoop.Reservation(
            handshake.client(), Limits.FOLLOW_MEMORY, Limits.RESPONSE_MEMORY_TIMEOUT),
        RealtimeSockets.outages);
    socket.takeAtOnce(this::takes);
    socket.alongside(() -> loop.run(follower));
    try {
      while (true) {
        TwilsockFrame frame = receive(Limits.SOCKET_SILENCE);
        parts.frames().awaitTurn(handshake.client(), frame.bytes());
        receive(frame, queue);
      }
    } finally {
      delivery.stall(); // no answer waits for an event any more
      queue.close();
    }
  }

  /**
   * Reads the authors of the messages; if that fails, answers the frame as it answers a token. The time
   * that the token took is part of the client's wait.
   */
  private List<GuestConversations.Speaker> speakers(String initId, GuestCalls calls, long giveUp) {
    Duration left = Duration.ofNanos(giveUp - System.nanoTime());
    if (!left.isPositive()) {
      throw unavailable(initId, "The conversation cannot be read in time.");
    }
    try {
      return calls.speakers(left);
    } catch (GuestCalls.Refused refused) {
      throw notAdmitted(initId, refused(refused.refusal().failure()));
    } catch (GuestCalls.Erased _) {
      throw notAdmitted(initId, erased());
    } catch (Unavailable outage) {
      RealtimeSockets.outages.failed(outage, Trace.current().id());
      throw unavailable(initId, "The conversation cannot be read just now.");
    }
  }

  private NotAdmitted notAdmitted(String id, NotAdmitted refused) {
    outbox.reply(id, refused.status);
    return refused;
  }

  private Optional<BytePool.Held> holdPage() {
    return Outflow.hold(
        handshake.client(), Limits.PAGE_MEMORY, Limits.REALTIME_PAGE_MEMORY_TIMEOUT);
  }

  /** Takes an acknowledgement that the client owes; it is not counted, and waits for nothing. */
  private boolean takes(byte[] message) {
    Optional<String> id = outbox.acknowledgedBy(message);
    id.ifPresent(this::acknowledged);
    return id.isPresent();
  }

  private void acknowledged(String id) {
    unhandled.acknowledged(id);
    outbox.acknowledged(id);
  }

  private void receive(TwilsockFrame frame, RequestQueue queue) {
    switch (frame.method()) {
      case "reply" -> acknowledged(frame.id());
      case "message" -> {
        if (FrameRequest.isSubscription(frame)) {
          queue.addAwaited(frame); // pages wait for it
        } else {
          queue.add(frame);
        }
      }
      case "update" -> update(frame);
      case "put_notification_ctx", "delete_notification_ctx" ->
        outbox.reply(frame.id(), Outbox.Status.OK);
      case "close", "telemetry.v1" -> {} // the client closes the socket itself
      default -> throw new TwilsockFrame.Malformed("there is no such method");
    }
  }

  /**
   * The client presents a new token of its session. During an outage it is validated for long, so
   * that happens on a thread of its own, while acknowledgements and requests are read. Only the token
   * after it waits here.
   */
  private void update(TwilsockFrame frame) {
    if (!(frame.member("token") instanceof String token)) {
      throw new TwilsockFrame.Malformed("update needs a token");
    }
    updates.tryAcquire().ifPresent(wait -> {
      throw new TooManyRequests("tokens on one socket", wait);
    });
    awaitEndOfUpdate();
    updated = new CountDownLatch(1);
    Trace trace = Trace.current();
    Thread.ofVirtual()
        .start(() -> trace.during(() -> {
          carryOut(() -> update(frame.id(), token));
          return true;
        }));
  }

  private void awaitEndOfUpdate() {
    Duration timeout = Limits.REALTIME_PATIENCE.plus(Limits.SOCKET_SEND);
    try {
      if (!updating.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Socket.Silent();
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      throw new Socket.Silent();
    }
  }

  private void update(String id, String token) {
    try {
      var _ = admit(id, token);
      newToken.release();
    } finally {
      updated.countDown(); // first, because the next update replaces it
      updating.release();
    }
    outbox.reply(id, Outbox.Status.OK);
  }

  @Override
  public GuestCredentials newest() {
    return admission().credentials();
  }

  @Override
  public boolean areNewest(GuestCredentials credentials) {
    return updating.availablePermits() > 0 && newest().equals(credentials); // in this order
  }

  /** Waits until the client presents another token, at most until the time is over. */
  void awaitToken(Duration timeout) {
    try {
      var _ = newToken.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS);
      newToken.drainPermits();
    } catch (InterruptedException meanwhile) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A request that follows a new token is answered with it, unless an outage delays it: the token
   * before it may be superseded, and counts as a replay then.
   */
  private void awaitUpdate() {
    try {
      var _ = updated.await(Limits.REALTIME_NEW_TOKEN.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(
      TwilsockFrame frame, ClientRequests requests, Delivery delivery, GuestCalls calls) {
    awaitUpdate();
    Optional<FrameRequest> request = FrameRequest.of(frame);
    Optional<SubscriptionRequest> subscription = request
        .filter(one -> one.is("POST", "v4", "Subscriptions"))
        .map(one -> SubscriptionRequest.of(one)
            .orElseThrow(() -> new TwilsockFrame.Malformed("this is not a subscription")));
    if (request.isPresent()) {
      answer(frame.id(), request.get(), requests);
    } else {
      outbox.reply(frame.id(), FrameResponse.notFound());
    }
    subscription.ifPresent(one -> follow(one, delivery, calls));
  }

  /** Carries out the frame of a client; closes the socket if that is impossible. */
  private void carryOut(Runnable work) {
    try {
      work.run();
    } catch (NotAdmitted refused) { // which was answered
      socket.close(Socket.REFUSED, "");
    } catch (TwilsockFrame.Malformed malformed) {
      socket.close(Socket.REFUSED, String.valueOf(malformed.getMessage()));
    } catch (Unavailable outage) {
      // The client asks again for a subscription that was not established.
      RealtimeSockets.outages.failed(outage, Trace.current().id());
    } catch (Socket.Closed | Socket.Silent gone) {
      socket.close(Socket.GONE, "silent");
    } catch (RuntimeException bug) {
      RealtimeSockets.outages.failed(bug, Trace.current().id());
      socket.close(Socket.BUG, "could not be answered just now");
    }
  }

  /**
   * Answers a request. A page is made and sent only when there is memory for it, as over HTTP. In an
   * outage it is refused after some seconds: the client asks again by itself, and meanwhile other
   * requests of the socket are answered.
   */
  private void answer(String id, FrameRequest request, ClientRequests requests) {
    if (!request.is("GET", "v3", "*", "*", "Items")) {
      outbox.reply(id, requests.answer(request));
      return;
    }
    if (request.path().get(1).equals(SyncObject.Kind.LIST.segment()) && !unhandled.awaitKnown()) {
      outbox.reply(id, FrameResponse.unavailable()); // the client asks again
      return;
    }
    try {
      var _ = GuestCalls.patiently(
          () -> answerPage(id, request, requests), Limits.REALTIME_PAGE_PATIENCE, closed);
    } catch (Unavailable failure) {
      outbox.reply(id, ClientRequests.failed(failure));
    }
  }

  /** Holds the memory only while the page is made and sent, not until it is tried again. */
  private boolean answerPage(String id, FrameRequest request, ClientRequests requests) {
    Optional<BytePool.Held> memory = holdPage();
    try {
      outbox.reply(
          id,
          memory.isPresent() ? requests.answerIfPossible(request) : FrameResponse.unavailable());
    } finally {
      memory.ifPresent(BytePool.Held::close);
    }
    return true;
  }

  private void follow(SubscriptionRequest wanted, Delivery delivery, GuestCalls calls) {
    for (SubscriptionRequest.Wanted one : wanted.objects()) {
      if (wanted.isCancel()) {
        delivery.cancel(one.sid(), wanted.correlation());
        continue;
      }
      Optional<SyncObject> object = delivery.find(one.sid());
      if (object.isEmpty()) {
        delivery.fail(one.sid(), wanted.correlation());
        continue;
      }
      Optional<BytePool.Held> memory =
          Outflow.hold(handshake.client(), Limits.FOLLOW_MEMORY, Limits.RESPONSE_MEMORY_TIMEOUT);
      try {
        if (memory.isEmpty()) {
          throw new Unavailable("a replay", "there is no memory for it now", null);
        }
        delivery.subscribe(
            object.get(),
            one.lastEvent(),
            wanted.correlation(),
            calls.log(() -> admission().session()));
      } finally {
        memory.ifPresent(BytePool.Held::close);
      }
    }
  }

  @Override
  public void readmit() {
    @Nullable Admission now = admission;
    if (now != null) {
      parts
          .orchestrator()
          .readmitRealtime(now.credentials().audience().deployment(), handshake.browserRequest());
    }
  }

  @Override
  public void refuse(Problem problem) {
    try {
      outbox.close(new Outbox.Status(401, "UNAUTHORIZED"));
    } catch (Socket.Closed meanwhile) {
      // The client was faster.
    }
  }
}
