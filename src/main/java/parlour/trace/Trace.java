package parlour.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
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
  private static final int SHORT_ID_LENGTH = 12;

  /** The text of the arrow back from a call that failed; its detail says why. */
  public static final String NO_ANSWER = "no answer";

  private final SpanContext span;

  @GuardedBy("arrows")
  private final List<Arrow> arrows = new ArrayList<>();

  @GuardedBy("arrows")
  private int max = Limits.ARROWS_PER_TRACE;

  private Trace(SpanContext span) {
    this.span = span;
  }

  /** Begins a trace under a new random id, never under one that a stranger sent. */
  public static Trace begin() {
    return new Trace(newSpan(TraceId.fromLongs(random(), random())));
  }

  /**
   * Continues the caller's trace if {@code traceparent} is valid (W3C Trace Context §3.2);
   * otherwise begins a new one.
   */
  public static Trace continued(@Nullable String traceparent) {
    SpanContext caller = Span.fromContext(W3CTraceContextPropagator.getInstance()
            .extract(
                Context.root(),
                traceparent,
                (header, name) -> name.equals("traceparent") ? header : null))
        .getSpanContext();
    return caller.isValid() ? new Trace(newSpan(caller.getTraceId())) : begin();
  }

  /** The trace of the request that this thread serves; on another thread a new one. */
  public static Trace current() {
    return CURRENT.isBound() ? CURRENT.get() : begin();
  }

  /** The id of the request that this thread serves; empty if it serves none. */
  public static String currentId() {
    return CURRENT.isBound() ? CURRENT.get().id() : "";
  }

  public <T> T during(Supplier<T> work) {
    return ScopedValue.where(CURRENT, this).call(work::get);
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
    return "00-%s-%s-%s".formatted(id(), span.getSpanId(), span.getTraceFlags().asHex());
  }

  /** Records a message between two participants, or an action of one ({@code from == to}). */
  public void arrow(Lifeline from, Lifeline to, String text, String detail) {
    synchronized (arrows) {
      if (arrows.size() < max) {
        arrows.add(new Arrow(from, to, text, detail));
      }
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
    T answer;
    try {
      answer = call.get();
    } catch (RuntimeException e) {
      arrow(to, from, NO_ANSWER, String.valueOf(e.getMessage()));
      throw e;
    }
    arrow(to, from, describe.apply(answer), "");
    return answer;
  }

  /** Keeps only a few more arrows: the request became a socket, which may be open for hours. */
  public void becomesSocket() {
    synchronized (arrows) {
      max = Math.min(max, arrows.size() + Limits.ARROWS_PER_SOCKET);
    }
  }

  public List<Arrow> arrows() {
    synchronized (arrows) {
      return List.copyOf(arrows);
    }
  }

  /** The arrows as one header value (base64url of lines), at most {@link Limits#TRACE_HEADER}. */
  public String encoded() {
    var lines = new ByteArrayOutputStream();
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
