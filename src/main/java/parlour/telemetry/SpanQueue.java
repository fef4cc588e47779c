package parlour.telemetry;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;

/**
 * The spans that wait for their export, which one thread sends in batches. A request only adds its spans:
 * it never waits, and a span for which there is no room, or that the endpoint does not take, is dropped and
 * counted.
 */
final class SpanQueue implements SpanProcessor {
  private final BlockingQueue<ReadableSpan> waiting =
      new ArrayBlockingQueue<>(Limits.SPANS_WAITING);
  private final LongAdder exported = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(SpanQueue.class), "the export of traces");
  private final SpanExporter exporter;
  private final Thread thread = Thread.ofVirtual().name("telemetry").unstarted(this::run);

  private SpanQueue(SpanExporter exporter) {
    this.exporter = exporter;
  }

  static SpanQueue start(SpanExporter exporter) {
    SpanQueue queue = new SpanQueue(exporter);
    queue.thread.start();
    return queue;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (!waiting.offer(span)) {
      dropped.increment();
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  Map<String, Double> outcomes() {
    return Map.of("exported", exported.doubleValue(), "dropped", dropped.doubleValue());
  }

  private void run() {
    List<ReadableSpan> batch = new ArrayList<>();
    try {
      while (true) {
        fill(batch);
        export(batch);
        batch = new ArrayList<>();
      }
    } catch (InterruptedException e) {
      finish(batch);
    }
  }

  private void fill(List<ReadableSpan> batch) throws InterruptedException {
    batch.add(waiting.take());
    long end = System.nanoTime() + Limits.SPAN_DELAY.toNanos();
    while (batch.size() < Limits.SPANS_PER_EXPORT) {
      @Nullable ReadableSpan next = waiting.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next == null) {
        break;
      }
      batch.add(next);
    }
  }

  private void export(List<ReadableSpan> batch) {
    try {
      exportOrThrow(batch);
    } catch (Throwable e) { // also errors of the library: the thread must continue
      dropped.add(batch.size());
      outages.failed(e);
    }
  }

  private void exportOrThrow(List<ReadableSpan> batch) {
    List<SpanData> spans = batch.stream().map(ReadableSpan::toSpanData).toList();
    CompletableResultCode result = exporter.export(spans);
    result.join(2 * Limits.SPAN_EXPORT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    if (result.isSuccess()) {
      exported.add(batch.size());
      outages.worked();
    } else {
      dropped.add(batch.size());
      outages.failed("the endpoint does not take spans (otlp.endpoint)");
    }
  }

  /** Exports the rest at the end of the process, in one piece. */
  private void finish(List<ReadableSpan> batch) {
    waiting.drainTo(batch);
    if (!batch.isEmpty()) {
      export(batch);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      if (!thread.join(Limits.SPAN_FLUSH)) {
        thread.interrupt(); // ends the wait for an endpoint that hangs
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = exporter.shutdown();
  }
}
