/** Web Push: notifications of browsers whose page is closed or in the background. */
@NullMarked
package parlour.push;

import org.jspecify.annotations.NullMarked;
