@NullMarked
package parlour.s3;

import org.jspecify.annotations.NullMarked;
