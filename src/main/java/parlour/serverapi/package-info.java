/** The account's REST API, for servers. */
@NullMarked
package parlour.serverapi;

import org.jspecify.annotations.NullMarked;
