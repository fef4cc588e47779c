/** FederatedAuthService (FAS): an account's guest tokens: create, refresh, validate. */
@NullMarked
package parlour.federatedauth;

import org.jspecify.annotations.NullMarked;
