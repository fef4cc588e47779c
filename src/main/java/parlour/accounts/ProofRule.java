package parlour.accounts;

import java.util.Locale;
import java.util.Optional;

/** Whether a deployment's new sessions are bound to a key that stays in the browser. */
public enum ProofRule {
  /** No session is bound: a key that a browser offers is ignored. */
  OFF,
  /** The session of a browser that offers a key is bound; another one is not. */
  PREFER,
  /** Every session is bound: a browser that offers no key cannot start a chat. */
  REQUIRE;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word in the store and on the command line. */
  public String word() {
    return word;
  }

  public static Optional<ProofRule> of(String word) {
    for (ProofRule rule : values()) {
      if (rule.word().equals(word)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }
}
