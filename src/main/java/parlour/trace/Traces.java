package parlour.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/** Keeps the last traces in memory, where {@code parlour trace} finds one by its id. */
public final class Traces {

  /** A finished request. */
  public record Entry(Trace trace, Instant at, int status) {

    /** The arrows as a sequence diagram in Mermaid's syntax. */
    public String toMermaid() {
      return Diagram.of(trace.arrows())
          .toMermaid("trace %s, %s, answered %d"
              .formatted(trace.shortId(), at.truncatedTo(ChronoUnit.SECONDS), status));
    }
  }

  // One ring for each outcome, so that neither a flood of successes nor one of calls to unknown
  // paths, which have no rate limit, pushes out the refusals that people ask about.
  private final Ring succeeded = new Ring(Limits.GOOD_TRACES_KEPT);
  private final Ring refused = new Ring(Limits.TRACES_KEPT);
  private final Ring failed = new Ring(Limits.TRACES_KEPT);
  private final @Nullable Spans spans;

  public Traces() {
    this(Optional.empty());
  }

  /** @param spans exports each trace, too */
  public Traces(Optional<Spans> spans) {
    this.spans = spans.orElse(null);
  }

  /** Begins the trace of a call from outside, which is exported once the edge passes the call on. */
  public Trace begin(Lifeline by, String call) {
    return spans == null ? Trace.begin() : Trace.begin(by, call, spans);
  }

  /** Continues the trace of a call from another process. */
  public Trace continued(@Nullable String traceparent) {
    return spans == null ? Trace.continued(traceparent) : Trace.continued(traceparent, spans);
  }

  /** Keeps the trace of a request that is answered by this status. */
  public void keep(Trace trace, Instant at, int status) {
    Trace kept = trace.answered(status);
    if (kept.arrowCount() == 0) {
      return; // no participant of the diagram took part
    }
    Ring ring = status < 400 ? succeeded : status == 401 || status == 403 ? refused : failed;
    ring.add(new Entry(kept, at, status));
  }

  /** The newest trace whose id begins with these hex digits (8 or more). */
  public Optional<Entry> find(String id) {
    if (id.length() < 8) {
      return Optional.empty();
    }
    return Stream.of(refused, failed, succeeded)
        .flatMap(Ring::newestFirst)
        .filter(entry -> entry.trace().id().startsWith(id))
        .findFirst();
  }

  /** The last requests with one kind of outcome. */
  private static final class Ring {
    private final int max;

    @GuardedBy("this")
    private final Deque<Entry> kept = new ArrayDeque<>();

    Ring(int max) {
      this.max = max;
    }

    synchronized void add(Entry next) {
      if (kept.size() == max) {
        kept.removeFirst();
      }
      kept.addLast(next);
    }

    synchronized Stream<Entry> newestFirst() {
      return new ArrayDeque<>(kept).reversed().stream();
    }
  }
}
