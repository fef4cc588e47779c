/** The calls between the parts of Parlour, declared once for both ends. */
@NullMarked
package parlour.http.internal;

import org.jspecify.annotations.NullMarked;
