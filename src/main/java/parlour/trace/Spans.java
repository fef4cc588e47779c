package parlour.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.function.Function;

/**
 * Makes the spans of the participants, for the export of traces: one for each call of the diagram, of the
 * participant that is called. The caller records it, so the spans of one request are the same whether the
 * roles run in one process or in several.
 */
public final class Spans {
  private final Function<Lifeline, Tracer> tracers;

  /** @param tracers of each participant, which is a service of its own */
  public Spans(Function<Lifeline, Tracer> tracers) {
    this.tracers = tracers;
  }

  /** @param parent of another process, or of this one; invalid for the first span of a trace */
  Span begin(Lifeline called, String name, SpanContext parent) {
    return tracers
        .apply(called)
        .spanBuilder(name)
        .setParent(Context.root().with(Span.wrap(parent)))
        .setSpanKind(SpanKind.SERVER)
        .startSpan();
  }
}
