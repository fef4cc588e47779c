package parlour.orchestrator;

import java.util.Optional;
import parlour.Sid;
import parlour.accounts.Configuration;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;

/** The demands of a deployment on a guest who starts a chat, beside the origin of the page. */
final class StartRules {
  private StartRules() {}

  /** The address of the new conversation. */
  static Sid.Address address(Configuration configuration) {
    return configuration.address().orElseThrow(() -> new Problem(ErrorCode.NO_ADDRESS));
  }

  /** The key to which the new session is bound, of the one that the browser may offer. */
  static Optional<String> key(Optional<String> offered, Configuration configuration) {
    return switch (configuration.proof()) {
      case OFF -> Optional.empty();
      case PREFER -> offered;
      case REQUIRE ->
        Optional.of(offered.orElseThrow(() -> new Problem(
                ErrorCode.MALFORMED,
                "The field \"proofKey\" is missing, and this deployment requires sessions that are"
                    + " bound to a key (--proof require): load Parlour's own client in a secure"
                    + " context (https, or localhost) where IndexedDB is not blocked; another"
                    + " client must make a key pair and sign its calls.")
            .because("the deployment requires a session with a key")));
    };
  }

  /** The refusal of a guest whose browser offers a key, or none; empty if the chat would start. */
  static Optional<Problem> refusal(Configuration configuration, boolean hasKey) {
    try {
      var _ = address(configuration);
      var _ = key(hasKey ? Optional.of("offered") : Optional.empty(), configuration);
      return Optional.empty();
    } catch (Problem refused) {
      return Optional.of(refused);
    }
  }
}
