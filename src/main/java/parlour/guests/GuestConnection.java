package parlour.guests;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.accounts.Reopening;
import parlour.api.FollowLoop;
import parlour.api.Frames;
import parlour.api.GuestPolls;
import parlour.api.MessageAnswers;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.Entered;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestCredentials;
import parlour.errors.Problem;
import parlour.http.websocket.Socket;
import parlour.orchestrator.AdmittedSockets;
import parlour.orchestrator.FlexWebchatOrchestrator;
import parlour.proof.SocketChallenge;
import parlour.rates.SocketTextLimit;

/**
 * A guest's socket after its hello. One thread receives tokens and pongs here; a second one sends,
 * as a {@link GuestFollower}.
 */
final class GuestConnection implements AdmittedSockets.Admitted {
  private final Hello hello;
  private final SocketChallenge challenge;
  private final Map<String, String> handshake;
  private final String client;
  private final Socket socket;
  private final String traceId;
  private final FlexWebchatOrchestrator orchestrator;
  private final GuestConversations conversations;
  private final Reopening reopening;
  private final InstantSource clock;
  private final SocketTextLimit texts = new SocketTextLimit();
  private final Semaphore newToken = new Semaphore(0);

  /** Written by the thread that receives, read by the one that sends. */
  private volatile @Nullable Admission admission;

  GuestConnection(
      Hello hello,
      SocketChallenge challenge,
      Map<String, String> handshake,
      String client,
      Socket socket,
      String traceId,
      FlexWebchatOrchestrator orchestrator,
      GuestConversations conversations,
      Reopening reopening,
      InstantSource clock) {
    this.hello = hello;
    this.challenge = challenge;
    this.handshake = handshake;
    this.client = client;
    this.socket = socket;
    this.traceId = traceId;
    this.orchestrator = orchestrator;
    this.conversations = conversations;
    this.reopening = reopening;
    this.clock = clock;
  }

  /**
   * The session of the newest token that the client has presented.
   *
   * @param warnAt when the client is warned that this token expires
   */
  record Admission(GuestSession session, Instant warnAt) implements GuestPolls.Admission {}

  Admission admission() {
    return Objects.requireNonNull(admission);
  }

  /** Validates the token of the hello. */
  Entered enter() {
    Entered entered = enter(hello.token());
    admission = admissionTo(entered.session());
    return entered;
  }

  private Entered enter(SocketToken presented) {
    GuestCredentials credentials = orchestrator.socketCredentials(
        hello.deployment(),
        presented.token(),
        hello.browserRequest(handshake, client, presented.proof()));
    return GuestHttp.ask("enter", () -> conversations.enter(credentials))
        .orElseThrow(MessageAnswers::gone);
  }

  private Admission admissionTo(GuestSession session) {
    Duration tenth = Durations.part(Duration.between(clock.instant(), session.expires()), 10);
    Duration ahead = Durations.min(tenth, Limits.TOKEN_REFRESH_AHEAD);
    return new Admission(session, session.expires().minus(ahead));
  }

  /** Serves the socket until it is closed. */
  void stay(Entered entered) {
    socket.send(Frames.text(welcome(entered)));
    GuestFollower follower = new GuestFollower(
        this,
        socket,
        conversations,
        ended -> reopening.secondsLeft(
            entered.conversation(), ended, admission().session().sessionExpires(), clock.instant()),
        clock,
        new Cursor(hello.after(), entered.typing()));
    FollowLoop loop = new FollowLoop(
        socket,
        new FollowLoop.Reservation(client, Limits.FOLLOW_MEMORY, Limits.RESPONSE_MEMORY_TIMEOUT),
        GuestStream.outages);
    socket.alongside(() -> loop.run(follower));
    while (true) {
      receive(GuestStream.message(socket.receive(Limits.SOCKET_SILENCE)));
    }
  }

  private void receive(Map<String, @Nullable Object> message) {
    texts.tryAcquire().ifPresent(wait -> {
      throw new TooManyRequests("texts on one socket", wait);
    });
    switch (String.valueOf(message.get("type"))) {
      case "token" -> presentToken(message);
      case "pong" -> {} // only proves that the client is alive
      default -> throw GuestStream.malformed("Send a token or a pong.");
    }
  }

  private void presentToken(Map<String, @Nullable Object> message) {
    GuestSession next =
        enter(SocketToken.of(message, hello.deployment(), challenge)).session();
    if (!admission().session().session().equals(next.session())) {
      throw GuestStream.malformed(
          "This token is of another session; open a socket of its own for it.");
    }
    admission = admissionTo(next);
    socket.send(Frames.text(new Frames.OfToken("token_accepted", next.expires().toString())));
    newToken.release();
  }

  /** Waits until the client presents another token, at most until the time is over. */
  void awaitToken(Duration timeout) {
    try {
      var _ = newToken.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS);
      newToken.drainPermits();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void readmit() {
    orchestrator.readmit(
        hello.deployment(), hello.browserRequest(handshake, client, Optional.empty()));
  }

  @Override
  public void refuse(Problem problem) {
    try {
      GuestStream.refuse(problem, null, traceId, socket);
    } catch (Socket.Closed meanwhile) {
      // The client was faster.
    }
  }

  private Frames.Welcome welcome(Entered entered) {
    return new Frames.Welcome(
        "welcome",
        entered.conversation().sid().text(),
        entered.session().identity(),
        entered.conversation().state().word(),
        entered.conversation().revision(),
        entered.session().expires().toString(),
        GuestHttp.reopenableFor(
            reopening,
            entered.conversation(),
            entered.session().identity(),
            entered.session().sessionExpires(),
            entered.participants(),
            clock.instant()),
        entered.conversation().status().since().at(),
        ParticipantForm.of(entered.participants()));
  }
}
