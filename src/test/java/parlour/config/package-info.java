@NullMarked
package parlour.config;

import org.jspecify.annotations.NullMarked;
