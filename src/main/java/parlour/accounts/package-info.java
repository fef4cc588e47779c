/** Accounts, their addresses, deployments, secrets and configuration. No HTTP. */
@NullMarked
package parlour.accounts;

import org.jspecify.annotations.NullMarked;
