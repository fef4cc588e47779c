package parlour.samples;

import java.time.Instant;
import java.util.List;
import parlour.Limits;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.server.Routes;

/** Both ends of the samples over HTTP: the endpoints of the internal listener, and their client. */
public final class SamplesHttp implements SampleStore {
  private static final String ROOT = "/v1/Samples";

  private static final InternalCalls<SampleSink> WRITES = new InternalCalls<>(ROOT);
  private static final InternalCalls<SampleStore> READS = new InternalCalls<>(ROOT);

  record Store(List<Sample> samples) {
    Store {
      if (samples.size() > Limits.SAMPLES_WAITING) {
        throw new IllegalArgumentException("too many samples");
      }
    }
  }

  private static final InternalCalls<SampleSink>.Call<Store, Integer> STORE =
      WRITES.declare("/store", Store.class, "stored", Integer.class, (service, request) -> {
        service.store(request.samples());
        return request.samples().size();
      });

  record Read(Span span, Instant now) {}

  private static final InternalCalls<SampleStore>.Call<Read, History> READ = READS.declare(
      "/read",
      Read.class,
      "history",
      History.class,
      (service, request) -> service.read(request.span(), request.now()));

  private final InternalClient client;

  /**
   * @param client of ScopedAuthService, or of a role that passes the calls on
   */
  public SamplesHttp(InternalClient client) {
    this.client = client;
  }

  /** Serves the samples of this process, or passes the calls on. */
  public static void serve(SampleStore samples, Routes routes) {
    serveWrites(samples, routes);
    READS.serve(samples, routes);
  }

  /** Serves only the call that stores samples: for callers that browsers reach, such as the edge. */
  public static void serveWrites(SampleSink samples, Routes routes) {
    WRITES.serve(samples, routes);
  }

  @Override
  public void store(List<Sample> samples) {
    STORE.ask(client, new Store(samples));
  }

  @Override
  public History read(Span span, Instant now) {
    return READ.ask(client, new Read(span, now));
  }
}
