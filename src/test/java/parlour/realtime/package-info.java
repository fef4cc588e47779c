@NullMarked
package parlour.realtime;

import org.jspecify.annotations.NullMarked;
