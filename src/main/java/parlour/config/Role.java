package parlour.config;

import java.util.Locale;
import java.util.Optional;

/** A service that can run in a process of its own: one participant of the diagram. */
public enum Role {
  STARSHIP,
  ORCHESTRATOR,
  FEDERATED_AUTH,
  SCOPED_AUTH,
  CONVERSATIONS;

  /** The word in {@code --roles}, in settings and in file names: {@code scoped-auth}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<Role> of(String word) {
    for (Role role : values()) {
      if (role.word().equals(word)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}
