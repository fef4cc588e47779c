/** The events of conversations, their delivery to webhooks, and what is kept of it. */
@NullMarked
package parlour.webhooks;

import org.jspecify.annotations.NullMarked;
