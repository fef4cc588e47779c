package parlour.http.websocket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.FutureCallback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.OutageLog;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.http.HttpFailure;
import parlour.trace.Trace;

/**
 * A WebSocket (RFC 6455) for its handler: one thread receives messages, and any thread can send
 * them. All of them are texts or all are binary, as the route says.
 *
 * <p>Only one message is read ahead, so a peer that sends faster than the handler receives must
 * wait. A close of the peer is noticed only while no message waits; so a handler must keep
 * receiving.
 */
public final class Socket {
  private static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(Socket.class), "a socket is closed");

  // The close codes that we send (§7.4.1 and its registry).
  public static final int NORMAL = 1000;
  public static final int GONE = 1001;
  public static final int WRONG_KIND = 1003;
  public static final int NO_UTF8 = 1007;
  public static final int REFUSED = 1008;
  public static final int TOO_LARGE = 1009;
  public static final int BUG = 1011;
  public static final int RESTARTING = 1012;
  public static final int TRY_LATER = 1013;

  /** The payload of the ping by which an edge that stops asks the service to close the socket. */
  public static final String RESTART = "restart";

  /** Never sent: the connection was lost without a close frame. */
  public static final int LOST = 1006;

  private final Sockets sockets;
  private final SocketHandler handler;
  private final SocketKind kind;
  private final SocketMemory memory;
  private final Trace trace;
  private final Frames frames;

  /** How many reservations the message holds that the handler received last. */
  private int received;

  private @Nullable CoreSession session;

  private volatile Runnable beforeRestart = () -> {};

  private volatile Predicate<byte[]> taker = _ -> false;

  /** When the last message was taken at once, by {@link System#nanoTime}. */
  private volatile long taken = System.nanoTime();

  @GuardedBy("this")
  private @Nullable Message arrived;

  @GuardedBy("this")
  private @Nullable Closed closed;

  @GuardedBy("this")
  private @Nullable Thread companion;

  /**
   * @param memory for long messages that are arriving
   */
  public Socket(
      Sockets sockets, SocketHandler handler, SocketKind kind, MessageMemory memory, Trace trace) {
    this.sockets = sockets;
    this.handler = handler;
    this.kind = kind;
    this.memory = new SocketMemory(memory);
    this.trace = trace;
    this.frames = new Frames();
  }

  /** A message that has arrived. */
  private sealed interface Message {}

  private record Text(String text) implements Message {}

  /**
   * @param reservations how many the message holds of the socket's memory
   */
  private record Binary(byte[] bytes, int reservations) implements Message {}

  /** The socket was closed, by either side. An expected outcome, so it has no stack trace. */
  public static final class Closed extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;

    Closed(int code) {
      super("closed by " + code, null, false, false);
      this.code = code;
    }

    /** The first close code of either side; {@link #LOST} if there was none. */
    public int code() {
      return code;
    }
  }

  /** No message arrived in time. An expected outcome, so it has no stack trace. */
  public static final class Silent extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Silent() {
      super("no message arrived in time", null, false, false);
    }
  }

  /**
   * Receives the next text. Only one thread at a time may receive.
   *
   * @throws Silent if no text arrives in time; the caller may try again
   * @throws Closed if the socket is closed and all earlier texts were received
   */
  public String receive(Duration timeout) {
    require(SocketKind.TEXT);
    return ((Text) next(timeout)).text();
  }

  /**
   * Receives the next binary message, as {@link #receive} receives a text. A long message holds
   * shared memory until the next call, so a handler should not keep it longer.
   */
  public byte[] receiveBytes(Duration timeout) {
    require(SocketKind.BINARY);
    memory.release(received);
    received = 0;
    var message = (Binary) next(timeout);
    received = message.reservations();
    return message.bytes();
  }

  private void require(SocketKind used) {
    if (used != kind) {
      throw new IllegalStateException("the messages of this socket are " + kind);
    }
  }

  /**
   * Lets a short binary message be taken on the thread that reads the network, which takes less than to
   * wake the thread that receives. Such a message is received by nobody, and counts as a sign of life.
   *
   * @param taker takes a message, or returns false; must neither block nor throw
   */
  public void takeAtOnce(Predicate<byte[]> taker) {
    require(SocketKind.BINARY);
    this.taker = taker;
  }

  private Message next(Duration timeout) {
    long alive = System.nanoTime();
    while (true) {
      Duration left = timeout.minusNanos(System.nanoTime() - alive);
      // A platform thread runs a second deadline, because other clients can keep all carriers busy.
      Scheduler.Task overdue = sockets.after(left.plus(sockets.limits().overdue()), this::abandon);
      try {
        Message message = await(alive + timeout.toNanos());
        session().demand();
        return message;
      } catch (Silent silent) {
        if (taken - alive <= 0) {
          throw silent;
        }
        alive = taken;
      } finally {
        overdue.cancel();
      }
    }
  }

  private void abandon() {
    if (end(new Closed(GONE))) {
      session().abort();
    }
  }

  private synchronized Message await(long giveUp) {
    while (arrived == null) {
      if (closed != null) {
        throw closed;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(giveUp - System.nanoTime());
      if (left <= 0) {
        throw new Silent();
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Closed(LOST);
      }
    }
    Message message = arrived;
    arrived = null;
    return message;
  }

  /**
   * Sends a text, and returns when the network has accepted it.
   *
   * @throws Closed also if the peer reads too slowly, which ends the socket
   */
  public void send(String text) {
    require(SocketKind.TEXT);
    send(new Frame(OpCode.TEXT, text), false);
  }

  /** Sends a binary message, as {@link #send(String)} sends a text. */
  public void send(byte[] bytes) {
    require(SocketKind.BINARY);
    send(new Frame(OpCode.BINARY, ByteBuffer.wrap(bytes)), false);
  }

  /**
   * Sends a binary message together with those that follow at once: a packet for each would cost the
   * network, the peer and us more than the messages. A short one waits for the next message that does
   * not wait, or for {@link #flush}.
   */
  public void sendHeld(byte[] bytes) {
    require(SocketKind.BINARY);
    send(new Frame(OpCode.BINARY, ByteBuffer.wrap(bytes)), true);
  }

  /** Sends the messages that wait for others, and returns when the network has accepted them. */
  public void flush() {
    throwIfClosed();
    var sent = new FutureCallback();
    session().flush(sent);
    await(sent);
  }

  private void send(Frame frame, boolean isHeld) {
    throwIfClosed();
    var sent = new FutureCallback();
    sockets.send(session(), frame, isHeld, sent);
    await(sent);
  }

  private void await(FutureCallback sent) {
    try {
      // Jetty's own deadline ends first and gives the reason; this one is for when it fails.
      sent.get(sockets.limits().send().toMillis() * 2, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      session().abort();
      end(new Closed(LOST));
      throwIfClosed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Closed(LOST);
    }
  }

  /**
   * Runs more of the handler's work on a second virtual thread, which is interrupted when the
   * socket is closed. Its exceptions close the socket like those of the handler; its return does
   * not.
   */
  public void alongside(Runnable work) {
    Thread thread = Thread.ofVirtual()
        .unstarted(() -> trace.during(() -> {
          try {
            work.run();
          } catch (Throwable failure) {
            closeAfter(failure);
          }
          return true;
        }));
    synchronized (this) {
      if (companion != null) {
        throw new IllegalStateException("this socket has a second thread already");
      }
      companion = thread;
      if (closed != null) {
        thread.interrupt();
      }
    }
    thread.start();
  }

  /**
   * Sets work that is done before the socket is closed because a process stops: this one, or the
   * edge, which passes {@link #RESTART} on. Runs on a thread of its own; must end soon.
   */
  public void beforeRestart(Runnable work) {
    beforeRestart = work;
  }

  /** Closes the socket. Drops a message that was not received; later calls do nothing. */
  public void close(int code, String reason) {
    if (end(new Closed(code))) {
      synchronized (this) {
        if (arrived != null) {
          arrived = null;
          session().demand();
        }
      }
      sockets.close(session(), new CloseStatus(code, reason));
    }
  }

  public FrameHandler frames() {
    return frames;
  }

  private void serve() {
    try {
      handler.run(this);
      close(NORMAL, "");
    } catch (Throwable failure) {
      closeAfter(failure);
    }
  }

  private void closeAfter(Throwable failure) {
    if (isClosed()) {
      return; // the failure is a consequence of the close
    }
    switch (failure) {
      case Closed lost -> close(lost.code() == LOST ? GONE : lost.code(), "");
      case Silent _ -> close(GONE, "silent");
      case HttpFailure refused ->
        close(refused.isTemporary() ? TRY_LATER : REFUSED, refused.closeReason());
      case TooManyRequests _ -> close(TRY_LATER, "too many requests");
      case Unavailable unavailable -> {
        outages.failed(unavailable, trace.id());
        close(TRY_LATER, "could not be answered just now");
      }
      default -> {
        outages.failed(failure, trace.id());
        close(BUG, "could not be answered just now");
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed != null;
  }

  private synchronized void throwIfClosed() {
    if (closed != null) {
      throw closed;
    }
  }

  /** Ends the socket; false if it was over before. */
  private synchronized boolean end(Closed how) {
    if (closed != null) {
      return false;
    }
    closed = how;
    if (companion != null) {
      companion.interrupt();
    }
    notifyAll();
    return true;
  }

  private CoreSession session() {
    if (session == null) {
      throw new IllegalStateException("not open yet");
    }
    return session;
  }

  /** Receives frames on Jetty's threads, one at a time, which must not block. */
  private final class Frames implements FrameHandler, Sockets.Finishing {
    private final FrameGuard guard = new FrameGuard(sockets.limits(), kind);
    private volatile @Nullable ArrivingMessage begun;

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
      session = opened;
      callback.succeeded();
      opened.demand();
      trace.becomesSocket();
      Thread.ofVirtual()
          .start(() -> trace.during(() -> {
            serve();
            return true;
          }));
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
      if (frame.getOpCode() == OpCode.CLOSE) {
        end(new Closed(CloseStatus.getCloseStatus(frame).getCode()));
        callback.succeeded();
        return;
      }
      CloseStatus refusal = guard.refusal(frame);
      if (refusal != null) {
        callback.succeeded();
        close(refusal.getCode(), refusal.getReason());
        return;
      }
      switch (frame.getOpCode()) {
        case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> onPart(frame, callback);
        case OpCode.PING -> {
          if (frame.getPayloadAsUTF8().equals(RESTART)) {
            finish();
            callback.succeeded();
            session().demand(); // no pong, which the edge would pass on to the browser
            return;
          }
          var pong = new Frame(OpCode.PONG, BufferUtil.copy(frame.getPayload()));
          callback.succeeded();
          sockets.send(session(), pong, Callback.from(session()::demand, _ -> {}));
        }
        default -> {
          callback.succeeded();
          session().demand();
        }
      }
    }

    @Override
    public void finish() {
      Thread.ofVirtual().start(() -> {
        try {
          beforeRestart.run();
        } catch (Closed | Silent over) {
          // The client was faster, or receives nothing.
        } finally {
          sockets.closeForRestart(session());
        }
      });
    }

    private void onPart(Frame frame, Callback callback) {
      if (isClosed()) {
        callback.succeeded();
        if (guard.readsOnAfterClose()) {
          session().demand(); // until the peer's answer to our close
        }
        return;
      }
      ArrivingMessage message = begun;
      if (message == null) {
        message = new ArrivingMessage(
            sockets, memory, () -> close(REFUSED, "the message arrives too slowly"));
        begun = message;
      }
      boolean added = message.add(frame);
      callback.succeeded();
      if (!added) {
        message.abandon();
        close(TRY_LATER, "no memory for the message just now");
      } else if (!frame.isFin()) {
        session().demand();
      } else {
        begun = null;
        arrive(message);
      }
    }

    private void arrive(ArrivingMessage whole) {
      Message message;
      try {
        message = message(whole);
      } catch (CharacterCodingException e) {
        close(NO_UTF8, "not UTF-8");
        return;
      }
      if (isTaken(message)) {
        taken = System.nanoTime();
        session().demand();
        return;
      }
      synchronized (Socket.this) {
        if (closed == null) {
          arrived = message;
          Socket.this.notifyAll();
          return;
        }
      }
      session().demand(); // the peer's answer to our close
    }

    /** Messages that hold shared memory are received, because that is where they give it back. */
    private boolean isTaken(Message message) {
      return message instanceof Binary(byte[] bytes, int reservations)
          && reservations == 0
          && taker.test(bytes);
    }

    private Message message(ArrivingMessage whole) throws CharacterCodingException {
      byte[] bytes = whole.complete();
      return switch (kind) {
        case TEXT ->
          new Text(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        case BINARY -> new Binary(bytes, whole.reservations());
      };
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
      callback.succeeded(); // onClosed follows
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
      end(new Closed(status.getCode()));
      memory.close();
      ArrivingMessage unfinished = begun;
      if (unfinished != null) {
        unfinished.abandon();
      }
      callback.succeeded();
    }
  }
}
