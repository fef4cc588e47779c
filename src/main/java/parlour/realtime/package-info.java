/** The realtime wire of the published client {@code @twilio/conversations}, which is not changed. */
@NullMarked
package parlour.realtime;

import org.jspecify.annotations.NullMarked;
