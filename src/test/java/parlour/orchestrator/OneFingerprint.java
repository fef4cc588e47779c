package parlour.orchestrator;

import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.accounts.Configuration;
import parlour.scopedauth.Fingerprint;

/** Makes the fingerprint that the orchestrator makes of these headers. */
public final class OneFingerprint {
  private OneFingerprint() {}

  public static Fingerprint of(
      Function<String, @Nullable String> header, Configuration configuration) {
    BrowserRequest request =
        new BrowserRequest(header, (name, value) -> {}, Optional.empty(), Optional.empty());
    return new FingerprintMaker(new UserAgents()).make(request, configuration);
  }
}
