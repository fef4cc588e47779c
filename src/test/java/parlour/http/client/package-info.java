@NullMarked
package parlour.http.client;

import org.jspecify.annotations.NullMarked;
