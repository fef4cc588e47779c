@NullMarked
package parlour.webhooks;

import org.jspecify.annotations.NullMarked;
