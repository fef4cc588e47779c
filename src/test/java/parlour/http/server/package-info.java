@NullMarked
package parlour.http.server;

import org.jspecify.annotations.NullMarked;
