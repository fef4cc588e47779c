package parlour.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * The trace of one request: its arrows, in the order in which they were observed.
 *
 * <p>The edge begins a trace. A service in another process continues it under the same id (W3C
 * Trace Context, {@code traceparent}) and sends its arrows back with its answer, so that the edge
 * has all arrows, whether the roles run in one process or in several.
 */
public final class Trace {
  private static final ScopedValue<Trace> CURRENT = ScopedValue.newInstance();
  /** The digits of an id that a person reads out. */
  public static final int SHORT_ID_LENGTH = 12;

  /** The text of the arrow back from a call that failed; its detail says why. */
  public static final String NO_ANSWER = "no answer";

  /** Begins the line of the public error code in {@link #encoded}. */
  private static final String OUTAGE = "outage";

  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> ANSWER = AttributeKey.stringKey("parlour.answer");

  private final SpanContext span;
  private final Recording recording;
  private final @Nullable Spans spans;
  private final @Nullable Served served;

  /** The arrows, which all parts of a trace share. */
  private static final class Recording {
    /** Room for those of a refresh, so that the list does not grow on the way. */
    @GuardedBy("this")
    private final List<Arrow> arrows = new ArrayList<>(20);

    @GuardedBy("this")
    private int max = Limits.ARROWS_PER_TRACE;

    /** The call that the edge passed on, which ends with the edge's own. */
    private volatile @Nullable Trace forwarded;

    /** The public error code of a call that could not be decided; 0 if none failed so. */
    private volatile int outageCode;

    synchronized void add(Arrow arrow) {
      if (arrows.size() < max) {
        arrows.add(arrow);
      }
    }

    synchronized boolean hasRoom() {
      return arrows.size() < max;
    }

    synchronized void becomesSocket() {
      max = Math.min(max, arrows.size() + Limits.ARROWS_PER_SOCKET);
    }

    synchronized int count() {
      return arrows.size();
    }

    synchronized List<Arrow> arrows() {
      return List.copyOf(arrows);
    }
  }

  /** The span of a participant while it serves a call, which is exported when it ends. */
  private record Served(Lifeline by, Span span) {}

  private Trace(SpanContext span) {
    this(span, new Recording(), null, null);
  }

  private Trace(
      SpanContext span, Recording recording, @Nullable Spans spans, @Nullable Served served) {
    this.span = span;
    this.recording = recording;
    this.spans = spans;
    this.served = served;
  }

  /** Begins a trace under a new random id, never under one that a stranger sent. */
  public static Trace begin() {
    return new Trace(newSpan(TraceId.fromLongs(random(), random())));
  }

  /** Begins a trace whose spans are exported. */
  static Trace begin(Lifeline by, String call, Spans spans) {
    Span first = spans.begin(by, call, SpanContext.getInvalid());
    return new Trace(first.getSpanContext(), new Recording(), spans, new Served(by, first));
  }

  /**
   * Continues the caller's trace if {@code traceparent} is valid (W3C Trace Context §3.2);
   * otherwise begins a new one.
   */
  public static Trace continued(@Nullable String traceparent) {
    SpanContext caller = caller(traceparent);
    return caller.isValid() ? new Trace(newSpan(caller.getTraceId())) : begin();
  }

  /** Goes on with a caller's trace, whose spans are exported. The caller has the span of this call. */
  static Trace continued(@Nullable String traceparent, Spans spans) {
    SpanContext caller = caller(traceparent);
    return caller.isValid() ? new Trace(caller, new Recording(), spans, null) : begin();
  }

  private static SpanContext caller(@Nullable String traceparent) {
    return Span.fromContext(W3CTraceContextPropagator.getInstance()
            .extract(
                Context.root(),
                traceparent,
                (header, name) -> name.equals("traceparent") ? header : null))
        .getSpanContext();
  }

  /** The trace of the request that this thread serves; on another thread a new one. */
  public static Trace current() {
    return CURRENT.isBound() ? CURRENT.get() : begin();
  }

  /** The id of the request that this thread serves; empty if it serves none. */
  public static String currentId() {
    return CURRENT.isBound() ? CURRENT.get().id() : "";
  }

  public <T, X extends Throwable> T during(ScopedValue.CallableOp<? extends T, X> work) throws X {
    return CURRENT.isBound() && CURRENT.get() == this
        ? work.call()
        : ScopedValue.where(CURRENT, this).call(work);
  }

  /**
   * The same for a call that the edge passes on to another participant. It ends with the edge's own
   * call, because its answer can come on another thread.
   */
  public <T, X extends Throwable> T forwarding(
      Lifeline to, String call, ScopedValue.CallableOp<? extends T, X> work) throws X {
    Trace called = called(to, call);
    if (called != this) {
      recording.forwarded = called;
    }
    return called.during(work);
  }

  /** This trace, as a participant that is called continues it. The same object if nothing is exported. */
  private Trace called(Lifeline to, String call) {
    if (spans == null || !recording.hasRoom()) {
      return this;
    }
    Span begun = spans.begin(to, call, span);
    return new Trace(begun.getSpanContext(), recording, spans, new Served(to, begun));
  }

  /**
   * The request was answered by this status. Returns the trace without its spans, which have ended. The
   * span of a request that the edge refused itself, which took no rate, never ends: otherwise a
   * stranger could fill the queue of the export with such requests.
   */
  Trace answered(int status) {
    if (spans == null) {
      return this;
    }
    Trace forwarded = recording.forwarded;
    if (forwarded != null) {
      forwarded.end(status);
      end(status);
      recording.forwarded = null;
    }
    return new Trace(span, recording, null, null);
  }

  private void end(int status) {
    if (served != null) {
      served.span().setAttribute(STATUS, (long) status);
      end(status < 500 ? StatusCode.UNSET : StatusCode.ERROR);
    }
  }

  private void end(StatusCode code) {
    if (served != null) {
      served.span().setStatus(code).end();
    }
  }

  /** 32 hex digits: the trace-id of W3C Trace Context. */
  public String id() {
    return span.getTraceId();
  }

  /** The first 12 digits of the id, which a person can read out to an operator. */
  public String shortId() {
    return id().substring(0, SHORT_ID_LENGTH);
  }

  public String traceparent() {
    return "00-" + id() + "-" + span.getSpanId() + "-" + span.getTraceFlags().asHex();
  }

  /** Records a message between two participants, or an action of one ({@code from == to}). */
  public void arrow(Lifeline from, Lifeline to, String text, String detail) {
    recording.add(new Arrow(from, to, text, detail));
    if (served != null && from == to && from == served.by()) {
      served.span().addEvent(text); // without the detail, whose text libraries can have made
    }
  }

  /** Records an action of one participant. */
  public void action(Lifeline who, String text, String detail) {
    arrow(who, who, text, detail);
  }

  /**
   * Makes a call, and records it and its answer as two arrows. If the call throws, records "no
   * answer", and throws the same exception.
   *
   * @param describe describes the answer in the words of docs/diagrams
   */
  public <T> T exchange(
      Lifeline from, Lifeline to, String request, Supplier<T> call, Function<T, String> describe) {
    arrow(from, to, request, "");
    Trace called = called(to, request);
    T answer;
    try {
      answer = called == this ? call.get() : called.during(call::get);
    } catch (RuntimeException e) {
      if (called != this) {
        called.end(StatusCode.ERROR);
      }
      arrow(to, from, NO_ANSWER, String.valueOf(e.getMessage()));
      throw e;
    }
    String described = describe.apply(answer);
    if (called != this && called.served != null) {
      called.served.span().setAttribute(ANSWER, described);
      called.end(StatusCode.UNSET);
    }
    arrow(to, from, described, "");
    return answer;
  }

  /** Keeps only a few more arrows: the request became a socket, which may be open for hours. */
  public void becomesSocket() {
    recording.becomesSocket();
  }

  /** The call is answered by an error of this public code, because it could not be decided. */
  public void outage(int code) {
    recording.outageCode = code;
  }

  /** The public error code of the call if it could not be decided; otherwise empty. */
  public OptionalInt outageCode() {
    int code = recording.outageCode;
    return code == 0 ? OptionalInt.empty() : OptionalInt.of(code);
  }

  /** The participant that gave no answer first, which is the last one on the way of the call. */
  public Optional<Lifeline> firstWithoutAnswer() {
    return arrows().stream()
        .filter(arrow -> arrow.text().equals(NO_ANSWER))
        .map(Arrow::from)
        .findFirst();
  }

  /** How many arrows were recorded. */
  public int arrowCount() {
    return recording.count();
  }

  public List<Arrow> arrows() {
    return recording.arrows();
  }

  /** The arrows as one header value (base64url of lines), at most {@link Limits#TRACE_HEADER}. */
  public String encoded() {
    var lines = new ByteArrayOutputStream();
    outageCode()
        .ifPresent(code ->
            lines.writeBytes((OUTAGE + "\t" + code + "\n").getBytes(StandardCharsets.UTF_8)));
    for (Arrow arrow : arrows()) {
      String line = String.join(
          "\t",
          arrow.from().name(),
          arrow.to().name(),
          oneLine(arrow.text()),
          oneLine(arrow.detail()) + "\n");
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      if (lines.size() + bytes.length > Limits.TRACE_HEADER * 3 / 4) {
        break;
      }
      lines.writeBytes(bytes);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(lines.toByteArray());
  }

  /** Appends the arrows from the header of a service's answer; notes it if they are unreadable. */
  public void appendEncoded(@Nullable String encoded) {
    if (encoded == null || encoded.length() > Limits.TRACE_HEADER) {
      return;
    }
    try {
      String lines = new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
      lines
          .lines()
          .map(line -> line.split("\t", -1))
          .filter(part -> part.length == 2 && part[0].equals(OUTAGE))
          .forEach(part -> outage(Integer.parseInt(part[1])));
      lines
          .lines()
          .map(line -> line.split("\t", -1))
          .filter(part -> part.length == 4)
          .forEach(part ->
              arrow(Lifeline.valueOf(part[0]), Lifeline.valueOf(part[1]), part[2], part[3]));
    } catch (IllegalArgumentException e) {
      // The request goes on without these arrows: a trace never decides anything.
      arrow(Lifeline.S, Lifeline.S, "could not read a part of the trace", "");
    }
  }

  private static String oneLine(String text) {
    return text.replace('\t', ' ').replace('\n', ' ').replace('\r', ' ');
  }

  private static SpanContext newSpan(String traceId) {
    return SpanContext.create(
        traceId, SpanId.fromLong(random()), TraceFlags.getSampled(), TraceState.getDefault());
  }

  /** Never 0: an id of zeros is the standard's "no id". Ids are not secret. */
  private static long random() {
    long id;
    do {
      id = ThreadLocalRandom.current().nextLong();
    } while (id == 0);
    return id;
  }
}
