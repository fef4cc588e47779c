@NullMarked
package parlour.redis;

import org.jspecify.annotations.NullMarked;
