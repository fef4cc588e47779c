package parlour.orchestrator;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import parlour.Sid;
import parlour.conversations.GuestCredentials;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.federatedauth.Outcome;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerShare;
import parlour.scopedauth.GuestToken;

/**
 * Notes in the ledger the calls that the orchestrator itself refuses: of pages that are not listed, of
 * deployments that do not exist or have no address, of browsers without a fingerprint or a key, of
 * clients on a realtime socket that is off. ScopedAuthService notes refused tokens. A call that is
 * admitted costs nothing here.
 */
public final class NotedRefusals implements FlexWebchatOrchestrator {
  private final FlexWebchatOrchestrator orchestrator;
  private final Ledger ledger;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  public NotedRefusals(FlexWebchatOrchestrator orchestrator, Ledger ledger) {
    this.orchestrator = orchestrator;
    this.ledger = ledger;
  }

  @Override
  public Chat init(ChatRequest chat, BrowserRequest request) {
    return noting(Optional.of(chat.deployment()), request, () -> orchestrator.init(chat, request));
  }

  @Override
  public Availability availability(Sid.Deployment deployment, BrowserRequest request) {
    return noting(
        Optional.of(deployment), request, () -> orchestrator.availability(deployment, request));
  }

  @Override
  public Outcome refresh(Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    return noting(
        Optional.of(deployment), request, () -> orchestrator.refresh(deployment, token, request));
  }

  @Override
  public GuestCredentials credentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    return noting(
        Optional.of(deployment),
        request,
        () -> orchestrator.credentials(deployment, token, request));
  }

  @Override
  public GuestCredentials longCallCredentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    return noting(
        Optional.of(deployment),
        request,
        () -> orchestrator.longCallCredentials(deployment, token, request));
  }

  @Override
  public GuestCredentials socketCredentials(
      Sid.Deployment deployment, GuestToken token, BrowserRequest request) {
    return noting(
        Optional.of(deployment),
        request,
        () -> orchestrator.socketCredentials(deployment, token, request));
  }

  @Override
  public GuestCredentials realtimeCredentials(GuestToken token, BrowserRequest request) {
    return noting(
        Optional.empty(), request, () -> orchestrator.realtimeCredentials(token, request));
  }

  @Override
  public GuestCredentials realtimeUpdateCredentials(GuestToken token, BrowserRequest request) {
    return noting(
        Optional.empty(), request, () -> orchestrator.realtimeUpdateCredentials(token, request));
  }

  @Override
  public GuestCredentials realtimeCallCredentials(GuestToken token, BrowserRequest request) {
    return noting(
        Optional.empty(), request, () -> orchestrator.realtimeCallCredentials(token, request));
  }

  @Override
  public void readmit(Sid.Deployment deployment, BrowserRequest request) {
    var _ = noting(Optional.of(deployment), request, () -> {
      orchestrator.readmit(deployment, request);
      return deployment;
    });
  }

  @Override
  public void readmitRealtime(Sid.Deployment deployment, BrowserRequest request) {
    var _ = noting(Optional.of(deployment), request, () -> {
      orchestrator.readmitRealtime(deployment, request);
      return deployment;
    });
  }

  /**
   * Calls, and notes a refusal.
   *
   * @param called the deployment that the call names; a client of the realtime socket names none, and is
   *     noted under the deployment that refuses it, which is that of a token that Parlour sealed
   */
  private <T> T noting(Optional<Sid.Deployment> called, BrowserRequest request, Supplier<T> call) {
    try {
      return call.get();
    } catch (Problem problem) {
      Optional<Sid.Deployment> deployment = problem.deployment().or(() -> called);
      problem
          .why()
          .or(() -> cause(problem.code()))
          .ifPresent(cause -> note(cause, problem, deployment, request));
      throw problem;
    }
  }

  private void note(
      String cause, Problem problem, Optional<Sid.Deployment> deployment, BrowserRequest request) {
    counts.computeIfAbsent(cause, _ -> new LongAdder()).increment();
    ledger.add(
        LedgerNote.of(LedgerNote.PAGE_REFUSED, cause)
            .refusedBy(problem.code().code())
            .ofGuest(Optional.empty(), deployment)
            .from(request.page()),
        new LedgerShare(
            deployment.filter(_ -> problem.code() != ErrorCode.UNKNOWN_DEPLOYMENT_KEY),
            request.network()));
  }

  /** The calls that were refused since the start, by cause; causes are texts of the program. */
  public Map<String, Double> counts() {
    Map<String, Double> numbers = new TreeMap<>();
    counts.forEach((cause, count) -> numbers.put(cause, count.doubleValue()));
    return numbers;
  }

  /** Why a page was refused; empty if it was not, or if another part notes it. */
  private static Optional<String> cause(ErrorCode code) {
    return switch (code) {
      case ORIGIN_NOT_ALLOWED -> Optional.of("the page's origin is not on the list");
      case FINGERPRINT_IMPOSSIBLE -> Optional.of("no headers to make a fingerprint of");
      case UNKNOWN_DEPLOYMENT_KEY -> Optional.of("no such deployment key");
      case NO_ADDRESS -> Optional.of("the deployment has no address");
      default -> Optional.empty();
    };
  }
}
