/** FederatedAuthService alone: its codes, and its calls over HTTP. */
@NullMarked
package parlour.federatedauth;

import org.jspecify.annotations.NullMarked;
