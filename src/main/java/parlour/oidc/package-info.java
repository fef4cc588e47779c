/** Signing in at an identity provider: OpenID Connect Core 1.0, with the code flow and PKCE. */
@NullMarked
package parlour.oidc;

import org.jspecify.annotations.NullMarked;
