/** Calls that this process makes: to other nodes of the installation, and to webhooks. */
@NullMarked
package parlour.http.client;

import org.jspecify.annotations.NullMarked;
