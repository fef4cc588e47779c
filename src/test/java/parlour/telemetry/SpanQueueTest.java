package parlour.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.CapturedLog;
import parlour.Limits;

@Timeout(60)
class SpanQueueTest {
  private final List<String> received = Collections.synchronizedList(new ArrayList<>());

  /** An endpoint that answers each export with this result. */
  private SpanQueue queue(CompletableResultCode result) {
    return queue(() -> result);
  }

  private SpanQueue queue(Supplier<CompletableResultCode> results) {
    return SpanQueue.start(new SpanExporter() {
      @Override
      public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = results.get();
        spans.forEach(span -> received.add(span.getName()));
        return result;
      }

      @Override
      public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
      }

      @Override
      public CompletableResultCode shutdown() {
        return CompletableResultCode.ofSuccess();
      }
    });
  }

  private static Tracer tracer(SpanQueue queue) {
    return SdkTracerProvider.builder().addSpanProcessor(queue).build().get("test");
  }

  @Test
  void a_span_is_exported_and_counted() {
    try (SpanQueue queue = queue(CompletableResultCode.ofSuccess())) {
      tracer(queue).spanBuilder("a").startSpan().end();
      until(() -> queue.outcomes().equals(Map.of("exported", 1.0, "dropped", 0.0)));
      assertThat(received).containsExactly("a");
    }
  }

  @Test
  void the_spans_that_wait_are_exported_at_the_end() {
    SpanQueue queue = queue(CompletableResultCode.ofSuccess());
    Tracer tracer = tracer(queue);
    for (int i = 0; i < 10; i++) {
      tracer.spanBuilder("a").startSpan().end();
    }
    queue.close();
    assertThat(received.size()).isEqualTo(10);
    assertThat(queue.outcomes()).containsEntry("exported", 10.0);
  }

  @Test
  void spans_that_the_endpoint_refuses_are_dropped_and_counted() {
    try (SpanQueue queue = queue(CompletableResultCode.ofFailure())) {
      tracer(queue).spanBuilder("a").startSpan().end();
      until(() -> queue.outcomes().equals(Map.of("exported", 0.0, "dropped", 1.0)));
    }
  }

  @Test
  void an_exporter_that_throws_costs_only_the_spans_of_that_export_and_is_logged() {
    AtomicBoolean isBroken = new AtomicBoolean(true);
    try (CapturedLog log = new CapturedLog(SpanQueue.class);
        SpanQueue queue = queue(() -> {
          if (isBroken.get()) {
            throw new LinkageError("a broken exporter");
          }
          return CompletableResultCode.ofSuccess();
        })) {
      tracer(queue).spanBuilder("lost").startSpan().end();
      until(() -> queue.outcomes().equals(Map.of("exported", 0.0, "dropped", 1.0)));
      isBroken.set(false);
      tracer(queue).spanBuilder("next").startSpan().end();
      until(() -> queue.outcomes().equals(Map.of("exported", 1.0, "dropped", 1.0)));
      assertThat(received).containsExactly("next");
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("the export of traces", "java.lang.LinkageError");
    }
  }

  /** More spans than wait and are in the one export that hangs. */
  @Test
  void an_endpoint_that_hangs_costs_the_spans_without_room_and_nobody_waits() {
    CompletableResultCode never = new CompletableResultCode();
    SpanQueue queue = queue(never);
    Tracer tracer = tracer(queue);
    int ended = Limits.SPANS_WAITING + 2 * Limits.SPANS_PER_EXPORT;
    for (int i = 0; i < ended; i++) {
      tracer.spanBuilder("a").startSpan().end();
    }
    assertThat(queue.outcomes().get("dropped"))
        .isBetween((double) Limits.SPANS_PER_EXPORT, 2.0 * Limits.SPANS_PER_EXPORT);
    assertThat(queue.outcomes()).containsEntry("exported", 0.0);
    never.fail();
    queue.close();
    assertThat(queue.outcomes()).containsEntry("dropped", (double) ended);
  }
}
