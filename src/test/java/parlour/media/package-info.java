@NullMarked
package parlour.media;

import org.jspecify.annotations.NullMarked;
