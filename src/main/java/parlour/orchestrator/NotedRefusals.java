package parlour.orchestrator;

import java.util.Optional;
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
 * deployments that do not exist, of browsers without a fingerprint. ScopedAuthService notes refused
 * tokens. A call that is admitted costs nothing here.
 */
public final class NotedRefusals implements FlexWebchatOrchestrator {
  private final FlexWebchatOrchestrator orchestrator;
  private final Ledger ledger;

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
      cause(problem.code())
          .ifPresent(cause -> ledger.add(
              LedgerNote.of(LedgerNote.PAGE_REFUSED, cause)
                  .refusedBy(problem.code().code())
                  .ofGuest(Optional.empty(), deployment)
                  .from(request.page()),
              new LedgerShare(
                  deployment.filter(_ -> problem.code() != ErrorCode.UNKNOWN_DEPLOYMENT_KEY),
                  request.network())));
      throw problem;
    }
  }

  /** Why a page was refused; empty if it was not, or if another part notes it. */
  private static Optional<String> cause(ErrorCode code) {
    return switch (code) {
      case ORIGIN_NOT_ALLOWED -> Optional.of("the page's origin is not on the list");
      case FINGERPRINT_IMPOSSIBLE -> Optional.of("no headers to make a fingerprint of");
      case UNKNOWN_DEPLOYMENT_KEY -> Optional.of("no such deployment key");
      default -> Optional.empty();
    };
  }
}
