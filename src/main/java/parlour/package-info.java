/**
 * Parlour: self-hosted guest web chat. {@link parlour.ParlourProcess} reads as the deployment plan; every
 * package below is one participant of docs/diagrams, or a tool they share (http, store, trace, cli).
 */
@NullMarked
package parlour;

import org.jspecify.annotations.NullMarked;
