@NullMarked
package parlour.http.internal;

import org.jspecify.annotations.NullMarked;
