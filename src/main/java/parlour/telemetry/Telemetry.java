package parlour.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import parlour.Limits;
import parlour.trace.Lifeline;
import parlour.trace.Spans;

/** Exports the spans of this process to an OTLP endpoint over HTTP, each role as a service. */
public final class Telemetry implements AutoCloseable {
  private static final Map<Lifeline, String> SERVICES = new EnumMap<>(Map.of(
      Lifeline.S, "starship",
      Lifeline.FWO, "orchestrator",
      Lifeline.FAS, "federated-auth",
      Lifeline.SAS, "scoped-auth",
      Lifeline.CNV, "conversations"));

  /** Silenced, because {@link SpanQueue} logs failures in the form of all other lines. */
  private static final Logger SDK = Logger.getLogger("io.opentelemetry");

  static {
    SDK.setLevel(Level.OFF);
  }

  private final SpanQueue queue;
  private final Map<Lifeline, Tracer> tracers = new EnumMap<>(Lifeline.class);

  private Telemetry(SpanQueue queue) {
    this.queue = queue;
    SERVICES.forEach((lifeline, service) -> tracers.put(
        lifeline,
        SdkTracerProvider.builder()
            .setResource(Resource.getDefault()
                .merge(Resource.create(Attributes.of(
                    AttributeKey.stringKey("service.name"),
                    service,
                    AttributeKey.stringKey("service.namespace"),
                    "parlour"))))
            .setSampler(Sampler.alwaysOn())
            .addSpanProcessor(queue)
            .build()
            .get("parlour")));
  }

  /** @param endpoint of all signals; those of traces are sent to {@code /v1/traces} below it */
  public static Telemetry start(URI endpoint) {
    String base = endpoint.toString();
    return new Telemetry(SpanQueue.start(OtlpHttpSpanExporter.builder()
        .setEndpoint((base.endsWith("/") ? base : base + "/") + "v1/traces")
        .setConnectTimeout(Limits.SPAN_EXPORT_TIMEOUT)
        .setTimeout(Limits.SPAN_EXPORT_TIMEOUT)
        .build()));
  }

  public Spans spans() {
    return new Spans(called -> Objects.requireNonNull(tracers.get(called)));
  }

  /** How many spans were exported, and how many dropped. */
  public Map<String, Double> outcomes() {
    return queue.outcomes();
  }

  /** Exports the spans that wait, if the endpoint takes them in time. */
  @Override
  public void close() {
    queue.close();
  }
}
