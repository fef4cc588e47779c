@NullMarked
package parlour.http.json;

import org.jspecify.annotations.NullMarked;
