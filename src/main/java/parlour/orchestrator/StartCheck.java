package parlour.orchestrator;

import java.util.Optional;
import parlour.Sid;
import parlour.accounts.Configuration;
import parlour.accounts.Directory;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;

/**
 * Decides whether the guest of a page could start a chat, by the same code as {@link
 * FlexWebchatOrchestratorService#init}. It starts none, counts no call, and writes no log.
 */
public final class StartCheck {
  private final Directory directory;

  public StartCheck(Directory directory) {
    this.directory = directory;
  }

  /**
   * The refusal of the guest; empty if the chat would start.
   *
   * @param origin of the page, as a browser sends it
   * @param hasKey whether the guest's browser offers a key for the session
   */
  public Optional<Problem> refusal(
      Sid.Account account, Sid.Deployment deployment, String origin, boolean hasKey) {
    Optional<Configuration> configuration = directory.configurationOf(account, deployment);
    if (configuration.isEmpty()) {
      return Optional.of(new Problem(ErrorCode.UNKNOWN_DEPLOYMENT_KEY));
    }
    BrowserRequest request = new BrowserRequest(
        header -> header.equalsIgnoreCase("Origin") ? origin : null,
        (_, _) -> {},
        Optional.empty(),
        Optional.empty());
    if (!request.mayUse(configuration.get().allowedOrigins())) {
      return Optional.of(UnlistedOrigins.refusal(deployment, request.origin()));
    }
    return StartRules.refusal(configuration.get(), hasKey);
  }
}
