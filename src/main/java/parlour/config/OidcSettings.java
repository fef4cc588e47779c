package parlour.config;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Sid;

/**
 * The identity provider at which agents sign in (OpenID Connect).
 *
 * @param issuer as the provider's ID tokens name it
 * @param clientSecret empty for a client without one
 * @param name of the provider, on the button of the sign-in page
 * @param scopes that are requested, separated by spaces
 * @param groupsClaim the claim of the ID token that lists the groups of a person
 * @param roles the word of a role for each group
 * @param account whose agents the persons are; empty: the oldest account
 */
public record OidcSettings(
    URI issuer,
    String clientId,
    Optional<String> clientSecret,
    String name,
    String scopes,
    String groupsClaim,
    Map<String, String> roles,
    Optional<Sid.Account> account) {
  private static final List<String> ROLES = List.of("admin", "agent", "auditor");

  /**
   * Reads the address of a provider; empty if there is none.
   *
   * @throws IllegalArgumentException if it is neither https nor of this machine
   */
  static Optional<URI> issuer(String text) {
    Optional<URI> url = SettingValues.url(text);
    boolean isBare = url.filter(one -> one.getRawUserInfo() == null
            && one.getRawQuery() == null
            && one.getRawFragment() == null)
        .isPresent();
    if (url.isPresent() && (!isBare || !isConfidential(url.get()))) {
      throw new IllegalArgumentException(
          "must be the issuer as the provider's discovery document names it, with https, such as"
              + " https://id.example.com/realms/team; http is accepted only for this machine");
    }
    return url;
  }

  /** Whether nobody can read or change what is sent to an address: https, or this machine. */
  public static boolean isConfidential(URI url) {
    return "https".equals(url.getScheme())
        ? url.getHost() != null
        : SettingValues.isPlainOfThisMachine(url);
  }

  /**
   * Reads which group gives which role.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  static Map<String, String> roles(String text) {
    Map<String, String> roles = new LinkedHashMap<>();
    for (String pair : SettingValues.list(text)) {
      int at = pair.lastIndexOf('=');
      String group = at < 0 ? "" : pair.substring(0, at).strip();
      String role = pair.substring(at + 1).strip();
      if (group.isEmpty() || !ROLES.contains(role)) {
        throw new IllegalArgumentException(
            "must be groups with a role, such as chat-admins=admin, chat=agent; the roles are "
                + String.join(", ", ROLES));
      }
      if (roles.putIfAbsent(group, role) != null) {
        throw new IllegalArgumentException("names the group \"%s\" twice".formatted(group));
      }
    }
    return Map.copyOf(roles);
  }

  static String scopes(String text) {
    if (!List.of(text.split(" ")).contains("openid") || !text.matches("[\\x21-\\x7e ]+")) {
      throw new IllegalArgumentException(
          "must be scopes that are separated by spaces, openid among them");
    }
    return text;
  }

  static Optional<Sid.Account> account(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(new Sid.Account(text));
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "OidcSettings[" + issuer + "]";
  }
}
