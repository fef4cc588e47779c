/** Accounts, their addresses, deployments and secrets, and the configuration that follows from them. No HTTP. */
@NullMarked
package parlour.accounts;

import org.jspecify.annotations.NullMarked;
