/** FederatedAuthService alone: its codes and its wire. */
@NullMarked
package parlour.federatedauth;

import org.jspecify.annotations.NullMarked;
