@NullMarked
package parlour.http;

import org.jspecify.annotations.NullMarked;
