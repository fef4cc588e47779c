/** The events of conversations, their delivery to webhooks, and the store of deliveries. */
@NullMarked
package parlour.webhooks;

import org.jspecify.annotations.NullMarked;
