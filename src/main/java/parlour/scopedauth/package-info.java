/** ScopedAuthService (SAS): keys, sessions, token cryptography, fingerprint comparison. */
@NullMarked
package parlour.scopedauth;

import org.jspecify.annotations.NullMarked;
