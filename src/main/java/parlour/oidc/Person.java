package parlour.oidc;

import java.util.Optional;
import java.util.Set;

/**
 * A person whom the provider has authenticated.
 *
 * @param subject names the person at the issuer, and never another one
 * @param username under which the person is known there; can change, and proves nothing
 */
public record Person(
    String issuer,
    String subject,
    Optional<String> username,
    Optional<String> displayName,
    Set<String> groups) {}
